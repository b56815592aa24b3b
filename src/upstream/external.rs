//! One HTTP request over the network: ten seconds, one mebibyte, no redirects, and no connection to
//! an address that a provider's metadata has no business naming.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::rt::{Read, Write};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::http::{HttpFault, MOST_BYTES};

const PATIENCE: Duration = Duration::from_secs(10);

/// Connections to real providers. The system's root certificates are read at first use
/// (`SSL_CERT_FILE` names others).
#[derive(Default)]
pub(super) struct External {
    tls: OnceLock<Arc<ClientConfig>>,
}

impl External {
    pub(super) async fn send(
        &self,
        request: Request<Vec<u8>>,
        trusted_host: &str,
    ) -> Result<Response<Vec<u8>>, HttpFault> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let answer = tokio::time::timeout(PATIENCE, self.attempt(request, trusted_host)).await;
        answer.unwrap_or_else(|_| Err(fault(&host, "did not answer within 10 seconds")))
    }

    async fn attempt(
        &self,
        mut request: Request<Vec<u8>>,
        trusted_host: &str,
    ) -> Result<Response<Vec<u8>>, HttpFault> {
        let uri = request.uri().clone();
        let (host, port, secure) = target(&uri)?;
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        let header = HeaderValue::from_str(authority).map_err(|_| fault(host, "has no name"))?;
        request.headers_mut().insert(HOST, header);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse().map_err(|_| fault(host, "has a strange path"))?;
        let stream = connect(host, port, host.eq_ignore_ascii_case(trusted_host)).await?;
        if !secure {
            return exchange(TokioIo::new(stream), request, host).await;
        }
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| fault(host, "has a name that no certificate can have"))?;
        let tls = TlsConnector::from(self.tls().clone()).connect(name, stream).await;
        let tls =
            tls.map_err(|error| fault(host, &format!("failed the TLS handshake: {error}")))?;
        exchange(TokioIo::new(tls), request, host).await
    }

    fn tls(&self) -> &Arc<ClientConfig> {
        self.tls.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map(|builder| builder.with_root_certificates(roots.clone()).with_no_client_auth());
            Arc::new(config.unwrap_or_else(|_| {
                ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
            }))
        })
    }
}

fn target(uri: &Uri) -> Result<(&str, u16, bool), HttpFault> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    match uri.scheme_str() {
        Some("https") => Ok((host, uri.port_u16().unwrap_or(443), true)),
        Some("http") => Ok((host, uri.port_u16().unwrap_or(80), false)),
        _ => Err(fault(host, "is not an http or https address")),
    }
}

/// Resolves, drops what may not be called, and connects to what was checked.
async fn connect(host: &str, port: u16, may_be_private: bool) -> Result<TcpStream, HttpFault> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found.map_err(|_| fault(host, "cannot be resolved"))?;
    let allowed: Vec<SocketAddr> =
        found.filter(|address| is_allowed(address.ip(), may_be_private)).collect();
    if allowed.is_empty() {
        return Err(fault(host, "is an address that may not be called"));
    }
    let stream = TcpStream::connect(allowed.as_slice()).await;
    stream.map_err(|_| fault(host, "cannot be reached"))
}

/// Public addresses always; loopback and private ones for the configured host only; link-local ones
/// (cloud metadata), multicast and the rest never.
fn is_allowed(address: IpAddr, may_be_private: bool) -> bool {
    let address = address.to_canonical();
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let never = v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_unspecified()
                || a == 0
                || a >= 240;
            let private = v4.is_loopback() || v4.is_private() || shared;
            !never && (may_be_private || !private)
        }
        IpAddr::V6(v6) => {
            let never = v6.is_unspecified() || v6.is_multicast() || v6.is_unicast_link_local();
            let nat64 = v6.segments()[0] == 0x64 && v6.segments()[1] == 0xff9b;
            let private = v6.is_loopback() || v6.is_unique_local() || nat64;
            !never && (may_be_private || !private)
        }
    }
}

async fn exchange<I>(
    io: I,
    request: Request<Vec<u8>>,
    host: &str,
) -> Result<Response<Vec<u8>>, HttpFault>
where
    I: Read + Write + Unpin + Send + 'static,
{
    let broken = || fault(host, "did not speak HTTP");
    let (mut sender, connection) = http1::handshake(io).await.map_err(|_| broken())?;
    let driver = tokio::spawn(connection);
    let answer = sender.send_request(request.map(|body| Full::new(Bytes::from(body)))).await;
    let (parts, body) = answer.map_err(|_| broken())?.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await;
    driver.abort();
    let body = body.map_err(|_| fault(host, "sent too much, or broke off"))?;
    Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
}

fn fault(host: &str, what: &str) -> HttpFault {
    HttpFault(format!("{host} {what}"))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn calls_public_addresses_and_the_configured_private_host_only() {
        for public in ["203.0.113.9", "2001:db8::1", "8.8.8.8"] {
            assert!(is_allowed(public.parse().unwrap(), false), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "::1",
            "fd00::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_allowed(private.parse().unwrap(), false), "{private}");
            assert!(is_allowed(private.parse().unwrap(), true), "{private}");
        }
        for never in
            ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1"]
        {
            assert!(!is_allowed(never.parse().unwrap(), true), "{never}");
        }
    }
}
