//! Certificates that a world file names by path: their text takes the path's place, so that a world
//! is complete in itself. A private key that stands beside a certificate is left where it is.

use std::path::Path;

use super::check::{Mistakes, Path as Place, tenants};
use super::file::WorldFile;
use super::locate::Mistake;
use crate::directory::KeyCredential;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// More than any file of certificates has.
const MOST_BYTES: u64 = 256 * 1024;

/// Reads every certificate; `folder` is where the world file stands.
pub(super) fn resolve(world: &mut WorldFile, folder: &Path) -> Vec<Mistake> {
    let mut found = Mistakes::default();
    let places: Vec<Place> = tenants(world).map(|(place, _)| place).collect();
    for (place, tenant) in places.iter().zip(&mut world.tenant) {
        for (index, app) in tenant.application.iter_mut().enumerate() {
            let place = place.item("application", index);
            for (index, entry) in app.key_credentials.iter_mut().enumerate() {
                let place = place.item("key_credentials", index).key("certificate");
                match text_of(&entry.certificate, folder) {
                    Ok(text) => entry.certificate = text,
                    Err(why) => {
                        let message = format!("the certificate cannot be used: {why}");
                        let hint = "Give PEM, or the path of a PEM file next to the world file.";
                        found.add(place, message, hint);
                    }
                }
            }
        }
    }
    found.into_list()
}

fn text_of(written: &str, folder: &Path) -> Result<String, String> {
    let is_path = !written.contains("-----") && KeyCredential::parse(written).is_err();
    let text = match is_path {
        true => read(&folder.join(written))?,
        false => written.to_owned(),
    };
    KeyCredential::parse(&text).map_err(|why| why.to_string())?;
    let begin = text.find(BEGIN);
    let block = begin.and_then(|start| {
        let end = start + text[start..].find(END)? + END.len();
        text.get(start..end)
    });
    Ok(block.unwrap_or(&text).to_owned())
}

fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let size = std::fs::metadata(path).map_err(|error| format!("{shown}: {error}"))?;
    if !size.is_file() || size.len() > MOST_BYTES {
        return Err(format!("{shown} is no file of at most 256 KiB"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))
}
