//! Certificates that a world file names by path: their text takes the path's place, so that a world
//! is complete in itself. A private key that stands beside a certificate is left where it is.

use std::path::Path;

use super::check::{Mistakes, Path as Place, tenants};
use super::file::{TenantEntry, WorldFile};
use super::locate::Mistake;
use crate::directory::KeyCredential;
use crate::protocol::certificate;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const HINT: &str = "Give PEM, or the path of a PEM file next to the world file.";
/// More than any file of certificates has.
const MOST_BYTES: u64 = 256 * 1024;

/// Reads every certificate; `folder` is where the world file stands.
pub(super) fn resolve(world: &mut WorldFile, folder: &Path) -> Vec<Mistake> {
    let mut found = Mistakes::default();
    let places: Vec<Place> = tenants(world).map(|(place, _)| place).collect();
    for (place, tenant) in places.iter().zip(&mut world.tenant) {
        of_applications(tenant, place, folder, &mut found);
        of_federations(tenant, place, folder, &mut found);
    }
    found.into_list()
}

fn of_applications(tenant: &mut TenantEntry, place: &Place, folder: &Path, found: &mut Mistakes) {
    let check = |text: &str| match KeyCredential::parse(text) {
        Ok(_) => Ok(()),
        Err(why) => Err(why.to_string()),
    };
    for (index, app) in tenant.application.iter_mut().enumerate() {
        let place = place.item("application", index);
        for (index, entry) in app.key_credentials.iter_mut().enumerate() {
            let place = place.item("key_credentials", index).key("certificate");
            match text_of(&entry.certificate, folder, check) {
                Ok(text) => entry.certificate = text,
                Err(why) => {
                    found.add(place, format!("the certificate cannot be used: {why}"), HINT);
                }
            }
        }
    }
}

fn of_federations(tenant: &mut TenantEntry, place: &Place, folder: &Path, found: &mut Mistakes) {
    let check = |text: &str| match certificate::read_for_signatures(text) {
        Ok(_) => Ok(()),
        Err(why) => Err(why.to_owned()),
    };
    for (index, federation) in tenant.federation.iter_mut().enumerate() {
        let place = place.item("federation", index);
        let certificates = [
            ("signing_certificate", &mut federation.signing_certificate),
            ("next_signing_certificate", &mut federation.next_signing_certificate),
        ];
        for (key, written) in certificates {
            let Some(written) = written else { continue };
            match text_of(written, folder, check) {
                Ok(text) => *written = text,
                Err(why) => found.add(place.key(key), format!("{key} cannot be used: {why}"), HINT),
            }
        }
    }
}

/// The certificate that is written, or that stands in the file that is named: base64 has no dot,
/// names of files mostly do.
fn text_of(
    written: &str,
    folder: &Path,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String, String> {
    let path = folder.join(written);
    let may_be_path = !written.contains("-----") && check(written).is_err();
    let text = match may_be_path && (written.contains('.') || path.is_file()) {
        true => read(&path)?,
        false => written.to_owned(),
    };
    check(&text)?;
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
