//! Every route, in process: no socket, no sleep, no order.

mod direct_link;
mod support;
