//! Client assertions by certificate: RFC 7523 §2.2, and Entra's certificate-credentials article.
//!
//! MSAL keeps an assertion for its ten minutes and sends it with every request, and Entra takes it
//! again and places no limit on its life. An application that is registered as strict gets the
//! RFC's and security profiles' rule instead: a `jti` is good once, and for ten minutes at most.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;

use crate::directory::credential::hexadecimal;
use crate::directory::{Application, KeyCredential};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, Digest};
use crate::jose::{Algorithm, Compact, PublicKey};

/// The one `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far two clocks may be apart.
const SKEW: f64 = 60.0;
/// A strict assertion's longest life.
const STRICT_LIFETIME: f64 = 600.0;
/// Thumbprints come with padding (MSAL for Python) and without (MSAL for Node).
const THUMBPRINT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An assertion that was sent, of which nothing is checked yet.
#[derive(Debug)]
pub struct ClientAssertion(Compact);

/// What an assertion must fit.
#[derive(Debug)]
pub struct Expected<'a> {
    /// The origins by which this server is known.
    pub origins: &'a [String],
    /// The names of the endpoint's tenant: id and verified domains, or the word.
    pub names: &'a [String],
    /// The time.
    pub now: Timestamp,
}

/// A `jti` that must not come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleUse {
    /// Of client and `jti`.
    pub key: Digest,
    /// From then on the assertion is worth nothing anyway.
    pub until: Timestamp,
}

impl ClientAssertion {
    /// Reads an assertion.
    ///
    /// # Errors
    /// 50027 if it is no signed JWT.
    pub fn read(text: &str) -> Result<Self, Fault> {
        Compact::parse(text).map(Self).map_err(say::jwt_invalid)
    }

    /// The token.
    pub fn token(&self) -> &Compact {
        &self.0
    }

    /// The client that it is about, if it names one (RFC 7521 §4.2: `client_id` may be left out).
    pub fn subject(&self) -> Option<ClientId> {
        self.0.text("sub").and_then(|subject| subject.parse().ok())
    }

    /// Whether a client speaks for itself; else an outside issuer speaks for it.
    pub fn is_self_issued(&self) -> bool {
        self.0.text("iss").is_some_and(|issuer| issuer.parse::<ClientId>().is_ok())
    }

    /// Checks who signed it, for whom and for when.
    ///
    /// # Errors
    /// 700021, 700023, 700024, 700027 and 50027, each with what was received.
    pub fn check(&self, application: &Application, expected: &Expected<'_>) -> Result<(), Fault> {
        let id = application.client_id.to_string();
        for name in ["iss", "sub"] {
            let named = self.0.text(name).unwrap_or_default();
            if named != id {
                return Err(say::assertion_of_another_client(name, shown(named), id));
            }
        }
        self.check_signature(application, expected.now)?;
        self.check_audience(expected)?;
        check_time(&self.0, expected.now)?;
        match application.strict_client_assertions {
            true => self.single_use(application, expected.now).map(drop),
            false => Ok(()),
        }
    }

    /// What to remember of an assertion of a strict application.
    ///
    /// # Errors
    /// 50027 without `jti`, 700024 if it lives longer than ten minutes.
    pub fn single_use(
        &self,
        application: &Application,
        now: Timestamp,
    ) -> Result<Option<SingleUse>, Fault> {
        if !application.strict_client_assertions {
            return Ok(None);
        }
        let jti = self.0.text("jti").filter(|jti| !jti.is_empty());
        let jti = jti.ok_or_else(|| say::jwt_invalid("it has no jti"))?;
        let end = self.0.date("exp").map_err(say::jwt_invalid)?.unwrap_or_default();
        if end - seconds(now) > STRICT_LIFETIME + SKEW {
            return Err(out_of_time(&self.0, now));
        }
        let key = Digest::of(format!("{}|{jti}", application.client_id).as_bytes());
        Ok(Some(SingleUse { key, until: instant(end + SKEW) }))
    }

    fn check_signature(&self, application: &Application, now: Timestamp) -> Result<(), Fault> {
        let algorithm = match self.0.alg() {
            "RS256" => Algorithm::Rs256,
            "PS256" => Algorithm::Ps256,
            other => {
                let other = shown(other);
                return Err(say::jwt_invalid(format!(
                    "the alg '{other}' is not a supported signature algorithm, PS256 and RS256 are"
                )));
            }
        };
        let sent = self.thumbprints()?;
        let credentials = &application.key_credentials;
        let Some(key) = credentials.iter().find(|key| sent.iter().all(|t| is_of(t, key))) else {
            return Err(say::assertion_signature_invalid(not_registered(&sent, application)));
        };
        let used = key_used(&sent, key);
        if !key.is_current(now) {
            return Err(say::assertion_signature_invalid(format!(
                "Reason - The key used is expired or not valid yet., {used}"
            )));
        }
        if !self.0.is_signed_by(algorithm, &PublicKey::Pkcs1(key.public_key())) {
            return Err(say::assertion_signature_invalid(format!(
                "Reason - The provided signature value did not match the expected signature \
                 value., {used}"
            )));
        }
        Ok(())
    }

    /// What the header says of the certificate, in hexadecimal.
    fn thumbprints(&self) -> Result<Vec<String>, Fault> {
        let mut sent = Vec::new();
        for name in ["x5t#S256", "x5t"] {
            let Some(text) = self.0.header_text(name) else { continue };
            let bytes = THUMBPRINT.decode(text);
            let bytes = bytes.map_err(|_| say::jwt_invalid(format!("its {name} is not base64")))?;
            sent.push(hexadecimal(&bytes));
        }
        // Others name the certificate by `kid`, in either spelling.
        if let (true, Some(kid)) = (sent.is_empty(), self.0.header_text("kid")) {
            let is_hexadecimal = kid.bytes().all(|b| b.is_ascii_hexdigit());
            match (is_hexadecimal, THUMBPRINT.decode(kid)) {
                (false, Ok(bytes)) => sent.push(hexadecimal(&bytes)),
                _ => sent.push(shown(kid).to_ascii_uppercase()),
            }
        }
        match sent.is_empty() {
            true => Err(say::jwt_invalid("no certificate thumbprint specified in token header")),
            false => Ok(sent),
        }
    }

    fn check_audience(&self, expected: &Expected<'_>) -> Result<(), Fault> {
        let audience = self.0.sole_audience().unwrap_or_default();
        let path = expected.origins.iter().find_map(|origin| audience.strip_prefix(origin));
        let rest = path.and_then(|path| path.strip_prefix('/')).and_then(|path| {
            let (name, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
            expected.names.iter().any(|known| known == name).then_some(rest)
        });
        match rest {
            Some("/oauth2/v2.0/token" | "/oauth2/token" | "/v2.0" | "/v2.0/" | "/" | "") => Ok(()),
            _ => {
                let tenant = expected.names.first().map_or("", String::as_str);
                Err(say::assertion_audience_wrong(shown(audience), tenant))
            }
        }
    }
}

/// Checks that now is between `nbf` and `exp`, and that it was not issued in the future.
///
/// # Errors
/// 700024 if it is not, 50027 without `exp`.
pub fn check_time(token: &Compact, now: Timestamp) -> Result<(), Fault> {
    let date = |name: &str| token.date(name).map_err(say::jwt_invalid);
    let end = date("exp")?.ok_or_else(|| say::jwt_invalid("it has no exp"))?;
    let at = seconds(now);
    let begun = |start: Option<f64>| start.is_none_or(|start| start <= at + SKEW);
    match begun(date("nbf")?) && begun(date("iat")?) && at < end + SKEW {
        true => Ok(()),
        false => Err(out_of_time(token, now)),
    }
}

fn out_of_time(token: &Compact, now: Timestamp) -> Fault {
    let date = |name: &str| token.date(name).ok().flatten().map(instant);
    let start = date("nbf").or_else(|| date("iat")).unwrap_or_default();
    say::assertion_out_of_time(now, start, date("exp").unwrap_or_default())
}

fn is_of(thumbprint: &str, key: &KeyCredential) -> bool {
    key.thumbprint == thumbprint || key.thumbprint_sha256 == thumbprint
}

fn key_used(sent: &[String], key: &KeyCredential) -> String {
    let (start, end) = (key.start, key.end);
    format!(
        "Thumbprint of key used by client: '{}', Found key 'Start={start}, End={end}'",
        sent.join("', '")
    )
}

fn not_registered(sent: &[String], application: &Application) -> String {
    let id = application.client_id;
    let keys = application.key_credentials.iter();
    let keys: Vec<String> = keys
        .map(|key| format!("'{}' (SHA-256 '{}')", key.thumbprint, key.thumbprint_sha256))
        .collect();
    let known = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
    format!(
        "Reason - The key was not found., Thumbprint of key used by client: '{}', Keys registered \
         for app Id '{id}': {known}",
        sent.join("', '")
    )
}

/// What a client wrote, short enough for a message.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this age fit")]
fn seconds(at: Timestamp) -> f64 {
    at.as_microsecond() as f64 / 1e6
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and so do we")]
fn instant(seconds: f64) -> Timestamp {
    Timestamp::from_second(seconds as i64).unwrap_or(Timestamp::MAX)
}
