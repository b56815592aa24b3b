//! A SAML and a WS-Fed provider that are not built in: the tests are the providers.

use guestpass::Server;
use guestpass::browser::Browser;
use guestpass::config::world::DEFAULT;
use guestpass::federation::saml::answer::{self, Envelope, SignIn, Signed};
use guestpass::federation::saml::binding::{Direction, from_query, to_form};
use guestpass::federation::saml::request::AuthnRequest;
use guestpass::federation::saml::{PASSWORD, REDIRECT_BINDING};
use guestpass::federation::wsfed::token::Issued;
use guestpass::federation::wsfed::{PASSWORD_11, request, result};
use guestpass::federation::{Claim, EMAIL_CLAIM, IMMUTABLE_ID_CLAIM, PERSISTENT};
use guestpass::jose::{KeySet, SigningKey};
use guestpass::protocol::params::Params;
use jiff::SignedDuration;

use crate::support::{CONTOSO, authorize, type_name};

pub(super) const ERIN: &str = "erin@litware.example";
pub(super) const HEIDI: &str = "heidi@adatum.example";
pub(super) const LITWARE: &str = "https://idp.litware.example/saml";
pub(super) const ADATUM: &str = "https://sts.adatum.example/adfs/services/trust";
const LITWARE_SIGN_ON: &str = "https://idp.litware.example/sso?tenant=1";
const ADATUM_SIGN_ON: &str = "https://sts.adatum.example/adfs/ls/";

/// The default world with real providers in the place of the built-in ones.
pub(super) fn world() -> String {
    let by_hand = |sign_on: &str, key: &SigningKey| {
        let certificate = key.certificate();
        format!("passive_sign_in_uri = \"{sign_on}\"\nsigning_certificate = \"{certificate}\"")
    };
    let keys = keys();
    world_with(&by_hand(LITWARE_SIGN_ON, &keys.litware), &by_hand(ADATUM_SIGN_ON, &keys.adatum))
}

/// The default world in which Contoso's two federations are configured so.
pub(super) fn world_with(litware: &str, adatum: &str) -> String {
    let world = DEFAULT.replacen("builtin = \"litware\"", litware, 1);
    world.replacen("builtin = \"adatum\"", adatum, 1)
}

pub(super) fn keys() -> KeySet {
    KeySet::development().unwrap()
}

/// What a provider was asked, and by whom.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) audience: String,
    pub(super) reply_to: String,
    pub(super) state: String,
}

/// Somebody types a name at Contoso Web, and is sent to the SAML provider.
pub(super) async fn ask<'s>(server: &'s Server, name: &str) -> (Browser<'s>, Asked) {
    let mut browser = server.browser();
    let asked = ask_again(&mut browser, name).await;
    (browser, asked)
}

pub(super) async fn ask_again(browser: &mut Browser<'_>, name: &str) -> Asked {
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(browser, name).await;
    asked(browser)
}

/// What the address says to which the browser was sent.
pub(super) fn asked(browser: &Browser<'_>) -> Asked {
    let (address, query) = browser.url().split_once('?').expect("a query");
    assert!(!address.starts_with(browser.origin()), "{}", browser.text());
    let params = Params::parse(query).unwrap();
    if params.has("wa") {
        let Ok(request::Request::SignIn(sign_in)) = request::Request::read(&params) else {
            panic!("no sign-in: {query}");
        };
        return Asked {
            id: String::new(),
            audience: sign_in.realm,
            reply_to: sign_in.reply_to.unwrap(),
            state: sign_in.context.unwrap(),
        };
    }
    assert_eq!(params.get("tenant"), Some("1"), "its own parameters stay");
    let carried = from_query(query, Direction::Request).unwrap();
    let request = AuthnRequest::read(carried.xml()).unwrap();
    assert!(!request.signed && carried.signature().is_none(), "{REDIRECT_BINDING}, unsigned");
    assert_eq!(request.destination.as_deref(), Some(LITWARE_SIGN_ON));
    Asked {
        id: request.id,
        audience: request.issuer,
        reply_to: request.reply_to.unwrap(),
        state: carried.relay_state().unwrap().to_owned(),
    }
}

fn claim(name: &str, value: &str) -> Claim {
    Claim { name: name.to_owned(), values: vec![value.to_owned()] }
}

/// A response in the making.
pub(super) struct Answer {
    pub(super) envelope: Envelope,
    pub(super) sign_in: SignIn,
}

/// What a good provider says about Erin.
pub(super) fn answer(server: &Server, asked: &Asked) -> Answer {
    let now = server.broker().clock().now();
    let fresh = server.broker().entropy().guid();
    Answer {
        envelope: Envelope {
            id: format!("_r{fresh}"),
            issuer: LITWARE.to_owned(),
            destination: asked.reply_to.clone(),
            in_response_to: Some(asked.id.clone()),
            now,
        },
        sign_in: SignIn {
            id: format!("_a{fresh}"),
            audience: asked.audience.clone(),
            name: "erin-for-good".to_owned(),
            format: PERSISTENT.to_owned(),
            qualifier: None,
            lifetime: SignedDuration::from_mins(60),
            signed_in_at: now,
            context: PASSWORD.to_owned(),
            session_index: "_session".to_owned(),
            claims: vec![claim(EMAIL_CLAIM, ERIN)],
        },
    }
}

impl Answer {
    pub(super) fn signed_by(&self, key: &SigningKey) -> String {
        answer::accepted(&self.envelope, &self.sign_in, Signed::Assertion, key).unwrap()
    }
}

/// What a good WS-Fed provider says about Heidi.
pub(super) fn token(server: &Server, asked: &Asked) -> Issued {
    let now = server.broker().clock().now();
    Issued {
        id: format!("_a{}", server.broker().entropy().guid()),
        issuer: ADATUM.to_owned(),
        audience: asked.audience.clone(),
        name: HEIDI.to_owned(),
        format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
        now,
        lifetime: SignedDuration::from_mins(60),
        signed_in_at: now,
        method: PASSWORD_11.to_owned(),
        claims: vec![claim(IMMUTABLE_ID_CLAIM, "heidi-for-good"), claim(EMAIL_CLAIM, HEIDI)],
    }
}

pub(super) fn issued(token: &Issued, key: &SigningKey) -> String {
    result::issue(token, key).unwrap()
}

/// The provider's page posts its answer.
pub(super) async fn post(browser: &mut Browser<'_>, xml: &str, state: &str) {
    let pairs = match xml.contains("RequestSecurityTokenResponse") {
        true => vec![
            ("wa".to_owned(), "wsignin1.0".to_owned()),
            ("wresult".to_owned(), xml.to_owned()),
            ("wctx".to_owned(), state.to_owned()),
        ],
        false => vec![
            ("SAMLResponse".to_owned(), to_form(xml)),
            ("RelayState".to_owned(), state.to_owned()),
        ],
    };
    browser.post("/login.srf", &pairs).await;
}

/// Checks that an answer was refused, with which number and for which reason.
#[track_caller]
pub(super) fn refused(browser: &Browser<'_>, number: u32, why: &str) {
    let text = browser.text();
    assert!(browser.status() >= 400, "{text}");
    assert!(text.contains(&format!("AADSTS{number}")), "not {number}: {text}");
    assert!(text.contains(why), "not because of '{why}': {text}");
}
