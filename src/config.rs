//! What was typed, and what it means.
//!
//! A world file is read in three steps: [`world::file`] is its shape, `check` finds every mistake
//! and says where it stands, `build` makes directory records of it.

pub mod world;

use serde::de::DeserializeOwned;

use world::InvalidWorld;

/// Reads a TOML file whose keys are all known. `name` is the file's, `hint` what to say when there
/// is nothing better.
///
/// # Errors
/// With line, column and hint, as for a world file.
pub fn parse_strict<T: DeserializeOwned>(
    text: &str,
    name: &str,
    hint: &str,
) -> Result<T, InvalidWorld> {
    toml::from_str(text).map_err(|error| {
        let mut problem = world::syntax(text, &error);
        if problem.hint == world::SEE_SCHEMA {
            hint.clone_into(&mut problem.hint);
        }
        InvalidWorld { file: name.to_owned(), problems: vec![problem] }
    })
}
