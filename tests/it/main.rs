//! Every route, in process: no socket, no sleep, no order.

mod authorize;
mod common;
mod contract;
mod create_account;
mod direct_link;
mod email_link;
mod graph;
mod pages;
mod session;
mod support;
mod tokens;
mod upstream;
