//! Several listeners, the origins by which they are called, and what their certificate names.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

use crate::process::{Serving, exchange, guestpass, run, stderr};

const CONTOSO: &str = "c0a70500-0000-4000-8000-00000000c0a7";

/// The authority of an address.
fn host(origin: &str) -> &str {
    origin.split_once("://").unwrap().1
}

/// One request over TLS to `address`, to a server that must prove to be `name`.
fn over_tls(ca: &str, address: &str, name: &str, host: &str) -> Result<Value, std::io::Error> {
    guestpass::jose::install_provider();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = name.to_owned().try_into().unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(address)?);
    let path = format!("/{CONTOSO}/v2.0/.well-known/openid-configuration");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer");
    Ok(serde_json::from_str(body).expect("JSON"))
}

fn listening(server: &Serving, scheme: &str) -> Vec<String> {
    let start = format!("listening {scheme}://");
    let found = server.lines.iter().filter_map(|line| line.strip_prefix(&start));
    found.map(str::to_owned).collect()
}

#[test]
fn several_listeners_of_each_kind_serve_the_same_world() {
    let data = tempfile::tempdir().unwrap();
    let mut command = guestpass(data.path());
    command.args(["serve", "--quiet", "--http", "localhost:0", "--http", "127.0.0.1:0"]);
    command.args(["--https", "localhost:0", "--https", "127.0.0.1:0"]);
    command.args(["--origin", "https://login.example", "--origin", "http://guestpass:8080"]);
    let server = Serving::ready(command);
    let ca = std::fs::read_to_string(data.path().join("tls/ca.pem")).unwrap();
    let (http, https) = (listening(&server, "http"), listening(&server, "https"));
    assert_eq!((http.len(), https.len()), (2, 2), "{:?}", server.lines);
    let mut addresses: Vec<_> = http.iter().chain(&https).collect();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 4, "each has a port of its own");
    for (listener, named) in [(0, "localhost"), (1, "127.0.0.1")] {
        assert!(https[listener].starts_with(&format!("{named}:")), "{https:?}");
        // Every listener has every name; issuers follow the one that was called.
        let address = &https[listener];
        let document = over_tls(&ca, address, named, address).unwrap();
        assert_eq!(document["issuer"], format!("https://{address}/{CONTOSO}/v2.0"));
        let document = over_tls(&ca, address, "login.example", "login.example").unwrap();
        assert_eq!(document["issuer"], format!("https://login.example/{CONTOSO}/v2.0"));
        assert_eq!(
            document["userinfo_endpoint"], "https://login.example/oidc/userinfo",
            "{document}"
        );
        over_tls(&ca, address, "other.example", "login.example").unwrap_err();
    }
    for address in &http {
        let get = |host: &str| exchange_as(address, host);
        assert_eq!(get("guestpass:8080").0, 200);
        assert_eq!(get(address).0, 200);
        let (status, refused) = get("login.example");
        assert_eq!(status, 421, "that is an origin of https only: {refused}");
    }
    // Guests that came in by one listener are known at the others.
    let token = server.daemon_token();
    let head = format!("GET /v1.0/users?$count=true\nauthorization: Bearer {token}");
    let (status, users) = exchange(&http[1], &head, "").unwrap();
    assert_eq!(status, 200, "{users}");
}

/// Asks an address for a discovery document under the name of another host.
fn exchange_as(address: &str, host: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let path = format!("/{CONTOSO}/v2.0/.well-known/openid-configuration");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[test]
fn the_certificate_has_the_names_that_it_was_given() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("guestpass.toml");
    std::fs::write(&config, "tls_name = [\"from-file.example\", \"192.0.2.7\"]\n").unwrap();
    let start = |variable: Option<&str>, args: &[&str]| {
        let mut command = guestpass(data.path());
        command.env("GUESTPASS_CONFIG", &config);
        if let Some(names) = variable {
            command.env("GUESTPASS_TLS_NAME", names);
        }
        Serving::start_as(command, args)
    };
    let check = |server: &Serving, yes: &[&str], no: &[&str]| {
        let ca = std::fs::read_to_string(data.path().join("tls/ca.pem")).unwrap();
        let address = host(&server.address("https")).to_owned();
        for name in yes {
            over_tls(&ca, &address, name, &address).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        for name in no {
            assert!(over_tls(&ca, &address, name, &address).is_err(), "{name}");
        }
    };
    let server = start(None, &[]);
    check(&server, &["from-file.example", "192.0.2.7", "localhost", "::1"], &["gateway.example"]);
    drop(server);
    let server = start(Some("gateway.example,*.apps.example"), &[]);
    check(
        &server,
        &["gateway.example", "one.apps.example", "localhost"],
        &["from-file.example", "apps.example", "a.b.apps.example"],
    );
    drop(server);
    let server =
        start(Some("gateway.example"), &["--tls-name", "flag.example", "--tls-name", "::2"]);
    check(&server, &["flag.example", "::2"], &["gateway.example"]);
    drop(server);
    let output = run(data.path(), &["ca", "--tls-name", "flag.example"]);
    assert_eq!(stderr(&output), "", "the CA has that name already");
    for (name, hint) in [("*.localhost", "'*.localhost' is not a name"), ("a b", "'a b' is not")] {
        let output = run(data.path(), &["serve", "--tls-name", name]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(hint), "{}", stderr(&output));
    }
}

/// A certificate that signed itself, for `name`, in two files.
fn own_certificate(folder: &Path, name: &str) -> (String, String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let (cert, private) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&cert, &certificate).unwrap();
    std::fs::write(&private, key.serialize_pem()).unwrap();
    (cert.to_str().unwrap().to_owned(), private.to_str().unwrap().to_owned(), certificate)
}

#[test]
fn a_certificate_of_ones_own_takes_the_place_of_ours() {
    let data = tempfile::tempdir().unwrap();
    let (cert, key, pem) = own_certificate(data.path(), "login.example");
    let args =
        ["--quiet", "--tls-cert", &cert, "--tls-key", &key, "--origin", "https://login.example"];
    let server = Serving::start(data.path(), &args);
    let address = host(&server.address("https")).to_owned();
    let document = over_tls(&pem, &address, "login.example", "login.example").unwrap();
    assert_eq!(document["issuer"], format!("https://login.example/{CONTOSO}/v2.0"));
    assert!(over_tls(&pem, &address, "localhost", &address).is_err());
    assert!(!data.path().join("tls").exists(), "no CA is made that nobody needs");
    let mut command = guestpass(data.path());
    command.args(["serve", "--http", "localhost:0", "--https", "localhost:0"]);
    command.args(["--tls-cert", &cert, "--tls-key", &key, "--tls-name", "more.example"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--tls-cert gives one"), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn another_address_of_loopback_is_bound_as_it_stands() {
    let data = tempfile::tempdir().unwrap();
    let mut command = guestpass(data.path());
    command.args(["serve", "--quiet", "--no-tls", "--http", "127.0.0.2:0"]);
    let server = Serving::ready(command);
    let address = host(&server.address("http")).to_owned();
    assert!(address.starts_with("127.0.0.2:"), "{address}");
    assert_eq!(server.json("GET /_guestpass/health", "")["status"], "ok");
    let elsewhere = address.replace("127.0.0.2", "127.0.0.1");
    assert!(TcpStream::connect(elsewhere).is_err());
}
