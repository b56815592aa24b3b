//! Calls to servers that are not what they should be.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A certificate and its key.
struct Identity {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

/// An authority, and what it signs: good, expired, not yet valid, for another name; and a
/// certificate that only its own key has signed.
struct Certificates {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Certificates {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { root, issuer: Issuer::new(params, key) }
    }

    fn sign(&self, name: &str, years: (i32, i32)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, years).signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: certificate.der().clone(), key: key.serialize_der() }
    }
}

fn params(name: &str, (first, last): (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(first, 1, 1);
    params.not_after = rcgen::date_time_ymd(last, 1, 1);
    params
}

fn self_signed(name: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = params(name, (2020, 2090)).self_signed(&key).unwrap();
    Identity { certificate: certificate.der().clone(), key: key.serialize_der() }
}

/// A server with an identity, that answers one request.
async fn serve(identity: Identity) -> u16 {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
            return;
        };
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        let _ = stream.shutdown().await;
    });
    port
}

/// Calls a server, trusting one authority.
async fn call(root: &CertificateDer<'static>, identity: Identity) -> Result<Vec<u8>, HttpFault> {
    let port = serve(identity).await;
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let external = External::default();
    external.tls.set(Arc::new(trusting(roots))).unwrap();
    let request = Request::get(format!("https://localhost:{port}/")).body(Vec::new()).unwrap();
    let trusted = format!("localhost:{port}");
    external.send(request, &trusted).await.map(Response::into_body)
}

#[tokio::test]
async fn a_server_with_a_good_certificate_is_called() {
    let authority = Certificates::new();
    let good = authority.sign("localhost", (2020, 2090));
    assert_eq!(call(&authority.root, good).await.unwrap(), b"ok");
}

async fn assert_no_handshake(root: &CertificateDer<'static>, identity: Identity) {
    let fault = call(root, identity).await.unwrap_err();
    assert!(fault.0.starts_with("localhost failed the TLS handshake"), "{fault}");
}

#[tokio::test]
async fn upf_18_a_certificate_that_nobody_vouches_for_is_refused() {
    let authority = Certificates::new();
    assert_no_handshake(&authority.root, self_signed("localhost")).await;
    let foreign = Certificates::new().sign("localhost", (2020, 2090));
    assert_no_handshake(&authority.root, foreign).await;
}

#[tokio::test]
async fn upf_19_a_certificate_outside_its_time_or_for_another_name_is_refused() {
    let authority = Certificates::new();
    for (name, years) in
        [("localhost", (2020, 2021)), ("localhost", (2089, 2090)), ("other.example", (2020, 2090))]
    {
        assert_no_handshake(&authority.root, authority.sign(name, years)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn upf_21_a_name_that_is_not_resolved_in_time_ends_the_call() {
    let nothing = std::future::pending::<std::io::Result<std::vec::IntoIter<SocketAddr>>>();
    let started = tokio::time::Instant::now();
    let fault = within_patience("slow.example", connect("slow.example", false, nothing)).await;
    assert_eq!(fault.unwrap_err().0, "slow.example did not answer within 10 seconds");
    assert_eq!(started.elapsed(), PATIENCE);
}

#[tokio::test]
async fn only_the_configured_place_may_be_private() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let external = External::default();
    for trusted in ["", "localhost", "127.0.0.1:1", &format!("127.0.0.1:{port}1")] {
        let request = Request::get(format!("http://127.0.0.1:{port}/")).body(Vec::new()).unwrap();
        let fault = external.send(request, trusted).await.unwrap_err();
        assert_eq!(fault.0, "127.0.0.1 is an address that may not be called", "{trusted}");
    }
    for uri in ["ftp://127.0.0.1/", "http://user:pw@127.0.0.1/", "http://user@127.0.0.1/"] {
        let request = Request::get(uri).body(Vec::new()).unwrap();
        assert!(external.send(request, "127.0.0.1").await.is_err(), "{uri}");
    }
}
