//! A provider's signing certificate as people paste it: PEM, or base64 of DER.
//!
//! The certificate is a container for a key here: nobody asks who signed it, but it must be one, and
//! how long it is meant to be used decides when metadata is read for the next
//! (`samlOrWsFedExternalDomainFederation`: 30 days before it ends).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;

/// More than a certificate has.
const LONGEST: usize = 32 * 1024;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// A certificate that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningCertificate {
    /// The certificate itself.
    pub der: Vec<u8>,
    /// When its key may be used first.
    pub not_before: Timestamp,
    /// When its key may be used last.
    pub not_after: Timestamp,
}

impl SigningCertificate {
    /// The form in which it is kept and shown.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }
}

/// Reads a certificate; the error says what is wrong with it.
pub fn read(text: &str) -> Result<SigningCertificate, &'static str> {
    if text.len() > LONGEST {
        return Err("it has more than 32 KiB");
    }
    let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
        None => text,
        Some((_, rest)) => {
            let (body, after) =
                rest.split_once("-----END CERTIFICATE-----").ok_or("its PEM has no end")?;
            if after.contains("-----BEGIN") {
                return Err("it is more than one certificate");
            }
            body
        }
    };
    let digits: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(digits).map_err(|_| "it is not base64")?;
    let (not_before, not_after) = validity(&der).ok_or("it is not an X.509 certificate")?;
    if not_after < not_before {
        return Err("it ends before it begins");
    }
    Ok(SigningCertificate { der, not_before, not_after })
}

/// RFC 5280 §4.1, as far as the validity, with nothing left over anywhere that is looked at.
fn validity(der: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut certificate = Reader(der).only(SEQUENCE)?;
    let mut body = certificate.next(SEQUENCE)?;
    certificate.next(SEQUENCE)?;
    certificate.next(BIT_STRING)?;
    certificate.end()?;
    if body.0.first() == Some(&VERSION) {
        body.next(VERSION)?;
    }
    body.next(INTEGER)?;
    body.next(SEQUENCE)?;
    body.next(SEQUENCE)?;
    let mut times = body.next(SEQUENCE)?;
    let not_before = times.time()?;
    let not_after = times.time()?;
    times.end()?;
    // Subject and key.
    body.next(SEQUENCE)?;
    body.next(SEQUENCE)?;
    Some((not_before, not_after))
}

/// DER, as far as a certificate needs it: tags of one byte, definite lengths.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next element, which must have that tag.
    fn next(&mut self, tag: u8) -> Option<Reader<'a>> {
        let (found, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            0x81..=0x83 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
                (digits.iter().fold(0, |all, digit| all << 8 | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (*found == tag).then_some(Reader(content))
    }

    /// The content of the one element there is.
    fn only(mut self, tag: u8) -> Option<Reader<'a>> {
        let content = self.next(tag)?;
        self.end()?;
        Some(content)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    /// `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` after.
    fn time(&mut self) -> Option<Timestamp> {
        let tag = *self.0.first()?;
        let text = std::str::from_utf8(self.next(tag)?.0).ok()?.strip_suffix('Z')?;
        let text = match tag {
            UTC_TIME if text.len() == 12 => {
                let century = if text < "50" { "20" } else { "19" };
                format!("{century}{text}")
            }
            GENERALIZED_TIME if text.len() == 14 => text.to_owned(),
            _ => return None,
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let time = DateTime::strptime("%Y%m%d%H%M%S", text).ok().filter(|_| digits)?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (String, Vec<u8>) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["idp.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2024, 2, 29);
        params.not_after = rcgen::date_time_ymd(2051, 12, 31);
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), certificate.der().to_vec())
    }

    #[test]
    fn reads_pem_and_base64_alike() {
        let (pem, der) = made();
        let read_pem = read(&pem).unwrap();
        assert_eq!(read_pem.der, der);
        assert_eq!(read_pem.not_before.to_string(), "2024-02-29T00:00:00Z");
        assert_eq!(read_pem.not_after.to_string(), "2051-12-31T00:00:00Z");
        let base64 = read_pem.to_base64();
        assert_eq!(read(&base64).unwrap(), read_pem);
        // As it stands in metadata: in lines, indented.
        let (first, second) = base64.split_at(64);
        assert_eq!(read(&format!("\n      {first}\n      {second}\n")).unwrap(), read_pem);
    }

    #[test]
    fn takes_nothing_else() {
        let (pem, der) = made();
        assert_eq!(read("").unwrap_err(), "it is not an X.509 certificate");
        assert_eq!(
            read("MIIDADCCAeigAwIBAgIQEX41y8r6").unwrap_err(),
            "it is not an X.509 certificate"
        );
        assert_eq!(read("not base64!").unwrap_err(), "it is not base64");
        assert_eq!(read(&format!("{pem}{pem}")).unwrap_err(), "it is more than one certificate");
        assert_eq!(read(&"A".repeat(40_000)).unwrap_err(), "it has more than 32 KiB");
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        assert!(read(&key).is_err());
        for cut in 0..der.len() {
            assert!(read(&STANDARD.encode(&der[..cut])).is_err(), "cut at {cut}");
        }
        let longer = [der.as_slice(), b"\0"].concat();
        assert!(read(&STANDARD.encode(longer)).is_err());
    }
}
