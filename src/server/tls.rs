//! Certificates for https: given ones, or a CA of our own that is worth nothing elsewhere.
//!
//! The CA is name-constrained to the hosts of this server, so that trusting it risks nothing else.

use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why a certificate cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the certificate cannot be used: {0}")]
pub struct TlsFault(String);

/// A certificate in use.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    authority: Option<String>,
}

/// A CA and a server certificate, as PEM: what the data directory keeps.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The CA certificate.
    pub ca: String,
    /// The server certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Certificates {
    /// Makes a CA for `names` (hosts and IP addresses) and a server certificate by it. The CA's
    /// private key is not kept: nobody can make another certificate with it.
    pub fn generate(names: &[String]) -> Result<Self, TlsFault> {
        let ca_key = KeyPair::generate().map_err(fault)?;
        let ca = authority(names);
        let certificate = ca.self_signed(&ca_key).map_err(fault)?;
        let issuer = Issuer::from_params(&ca, &ca_key);
        let key = KeyPair::generate().map_err(fault)?;
        let leaf = server(names)?.signed_by(&key, &issuer).map_err(fault)?;
        Ok(Self { ca: certificate.pem(), certificate: leaf.pem(), key: key.serialize_pem() })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn fault(error: rcgen::Error) -> TlsFault {
    TlsFault(error.to_string())
}

fn authority(names: &[String]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("guestpass development CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let permitted = names.iter().map(|name| match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(ip.octets(), 32))
        }
        Ok(IpAddr::V6(ip)) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(ip.octets(), 128))
        }
        // A name permits the names below it as well.
        Err(_) => GeneralSubtree::DnsName(name.trim_start_matches("*.").to_owned()),
    });
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted.collect(),
        excluded_subtrees: Vec::new(),
    });
    dated(params)
}

fn server(names: &[String]) -> Result<CertificateParams, TlsFault> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("guestpass");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // No `*.localhost`: webpki refuses a certificate with a wildcard below a single label.
    for name in names {
        params.subject_alt_names.push(match name.parse::<IpAddr>() {
            Ok(ip) => SanType::IpAddress(ip),
            Err(_) => SanType::DnsName(name.as_str().try_into().map_err(fault)?),
        });
    }
    Ok(dated(params))
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Long enough to need no renewal: the certificate is for this server's own names only, and
/// clients that cap lifetimes do so for public CAs.
fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2046, 1, 1);
    params
}

impl Tls {
    /// A certificate chain and its private key, both PEM.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, TlsFault> {
        let chain: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
        let chain = chain.map_err(|e| TlsFault(format!("it is not PEM: {e}")))?;
        if chain.is_empty() {
            return Err(TlsFault("the file holds no certificate".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|e| TlsFault(format!("its key is not PEM: {e}")))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| TlsFault(e.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|e| TlsFault(e.to_string()))?;
        let mut config = config;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), authority: None })
    }

    /// The certificates of a data directory.
    pub fn from_certificates(certificates: &Certificates) -> Result<Self, TlsFault> {
        let tls = Self::from_pem(&certificates.certificate, &certificates.key)?;
        Ok(Self { authority: Some(certificates.ca.clone()), ..tls })
    }

    /// New ones, kept in memory only.
    pub fn generate(names: &[String]) -> Result<Self, TlsFault> {
        Self::from_certificates(&Certificates::generate(names)?)
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }

    /// The CA certificate (PEM), if we made it.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.authority.as_deref()
    }
}

/// The host name or address of an origin, without the brackets of IPv6.
pub(super) fn host_of(origin: &str) -> Option<String> {
    let url = url::Url::parse(origin).ok()?;
    Some(url.host_str()?.trim_matches(['[', ']']).to_owned())
}
