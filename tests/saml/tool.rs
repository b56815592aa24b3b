//! Runs `xmlsec1`, where it is installed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) fn here(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// Runs the program over a document; `None` if it is not installed and need not be.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
pub(crate) fn xmlsec1(arguments: &[&str], document: &str) -> Option<Output> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.xml");
    fs::write(&file, document).unwrap();
    let ids = ["Response", "Assertion", "AuthnRequest", "EntityDescriptor"];
    let ids = ids.iter().flat_map(|name| ["--id-attr:ID", name]);
    let ran = Command::new("xmlsec1")
        .args(arguments)
        .args(ids)
        .args(["--id-attr:AssertionID", "urn:oasis:names:tc:SAML:1.0:assertion:Assertion"])
        .arg(&file)
        .output();
    match ran {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let required = option_env_now("GUESTPASS_TEST_TOOLS").as_deref() == Some("required");
            assert!(!required, "xmlsec1 is not installed: apt-get install xmlsec1");
            println!("skipped: xmlsec1 is not installed (tests/run installs it)");
            None
        }
        Err(error) => panic!("xmlsec1: {error}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "the test command says which tools must be there")]
pub(crate) fn option_env_now(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(crate) fn key_file() -> String {
    here("keys/INSECURE-work.pem").to_str().unwrap().to_owned()
}

/// Whether xmlsec1 verifies the signature that stands directly in the element `parent`.
pub(crate) fn verifies(document: &str, parent: &str) -> Option<bool> {
    verifies_by(&key_file(), document, parent)
}

/// The same, of another key.
pub(crate) fn verifies_by(key: &str, document: &str, parent: &str) -> Option<bool> {
    let node = format!("//*[local-name()='{parent}']/*[local-name()='Signature']");
    let arguments = ["--verify", "--pubkey-cert-pem", key, "--node-xpath", &node];
    let output = xmlsec1(&arguments, document)?;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), words.lines().any(|line| line == "OK"), "{words}");
    Some(output.status.success())
}
