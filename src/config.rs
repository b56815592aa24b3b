//! What was typed, and what it means.
//!
//! A world file is read in three steps: [`world::file`] is its shape, `check` finds every mistake
//! and says where it stands, `build` makes directory records of it.

pub mod world;
