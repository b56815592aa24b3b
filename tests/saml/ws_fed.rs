//! WS-Federation: what AD FS sends, and what others would like to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guestpass::federation::wsfed::token::Issued;
use guestpass::federation::wsfed::{PASSWORD_11, result};
use guestpass::federation::{
    Claim, EMAIL_CLAIM, Expected, IMMUTABLE_ID_CLAIM, Realm, Refusal, VerifiedToken,
};
use jiff::SignedDuration;

use crate::help::{
    AUDIENCE, EMAIL, NAME, VICTIM, canonical_info, cut, cut_signature, envelope, expected, key,
    now, refused_as, replaced, sign_in, signature, signed_info, strangers_key,
};

const ISSUER: &str = "https://sts.adatum.example/adfs/services/trust";
const ADATUM_EMAIL: &str = "erin@litware.example";

fn realm() -> Realm {
    Realm { issuer: ISSUER.to_owned(), ..crate::help::realm(&[key()]) }
}

pub(crate) fn judge(xml: &str) -> Result<VerifiedToken, Refusal> {
    let realm = realm();
    result::verify(xml, &Expected { request: None, ..expected(&realm) })
}

fn issued() -> Issued {
    let claim =
        |name: &str, value: &str| Claim { name: name.to_owned(), values: vec![value.to_owned()] };
    Issued {
        id: "_token".to_owned(),
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        name: "aW1tdXRhYmxl".to_owned(),
        format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
        now: now(),
        lifetime: SignedDuration::from_mins(60),
        signed_in_at: now(),
        method: PASSWORD_11.to_owned(),
        claims: vec![
            claim("http://schemas.xmlsoap.org/claims/UPN", "heidi@adatum.example"),
            claim(IMMUTABLE_ID_CLAIM, "aW1tdXRhYmxl"),
            claim(EMAIL_CLAIM, ADATUM_EMAIL),
        ],
    }
}

pub(crate) fn seed() -> String {
    result::issue(&issued(), key()).unwrap()
}

#[track_caller]
fn refused(xml: &str, number: u32) {
    refused_as(judge(xml), number, xml);
}

/// The provider changes its token and signs that.
fn reissued(edit: impl Fn(&mut Issued)) -> String {
    let mut token = issued();
    edit(&mut token);
    result::issue(&token, key()).unwrap()
}

#[test]
fn accepts_a_token_as_ad_fs_makes_it() {
    let token = judge(&seed()).unwrap();
    let account = token.account(&realm()).unwrap();
    assert_eq!((account.issuer.as_str(), account.subject.as_str()), (ISSUER, "aW1tdXRhYmxl"));
    assert_eq!(account.email.as_str(), ADATUM_EMAIL);
    assert_eq!(token.claim("http://schemas.xmlsoap.org/claims/UPN"), Some("heidi@adatum.example"));
    assert_eq!((token.assertion(), token.context()), ("_token", Some(PASSWORD_11)));
    assert_eq!(token.replay_until(), "2026-06-01T13:05:00Z".parse().unwrap());
}

#[test]
fn accepts_the_newer_namespace_and_its_collection() {
    let newer = seed().replace(
        "http://schemas.xmlsoap.org/ws/2005/02/trust",
        "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
    );
    assert!(judge(&newer).is_ok());
    let name = "RequestSecurityTokenResponseCollection";
    let collection = format!(
        "<t:{name} xmlns:t=\"http://docs.oasis-open.org/ws-sx/ws-trust/200512\">{newer}</t:{name}>"
    );
    assert_eq!(judge(&collection).unwrap(), judge(&seed()).unwrap());
    let two = collection.replace(&newer, &format!("{newer}{}", newer.replace("_token", "_2")));
    refused(&two, 20012);
}

/// A token that the provider itself has edited, and signed then.
fn signed_after(edit: impl Fn(&str) -> String) -> String {
    let xml = edit(&cut_signature(&seed()).1);
    let info = signed_info(&xml, "_token");
    let value = STANDARD.encode(key().sign_bytes(canonical_info(&info).as_bytes()));
    let signature = signature(&info, &value, key().certificate());
    replaced(&xml, "</saml:Assertion>", &format!("{signature}</saml:Assertion>"), 1)
}

/// SAML 1.1 Core §2.4.2.2: whoever is named needs no confirmation. SimpleSAMLphp writes none.
#[test]
fn a_subject_with_a_name_needs_no_confirmation() {
    let confirmation = "<saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML\
                        :1.0:cm:bearer</saml:ConfirmationMethod></saml:SubjectConfirmation>";
    let (name, _) = cut(&seed(), "<saml:NameIdentifier ", "</saml:NameIdentifier>");
    let without = |text: &str| replaced(text, confirmation, "", 2);
    assert_eq!(judge(&signed_after(without)).unwrap(), judge(&seed()).unwrap());
    assert_eq!(judge(&signed_after(str::to_owned)).unwrap(), judge(&seed()).unwrap());
    // One that somebody else would have to bear out is met by nobody here.
    refused(&signed_after(|text| text.replace("cm:bearer", "cm:holder-of-key")), 50008);
    refused(&signed_after(|text| text.replacen("cm:bearer", "cm:sender-vouches", 1)), 50008);
    // Neither name nor confirmation: it is about nobody.
    refused(&signed_after(|text| without(&replaced(text, &name, "", 2))), 50008);
    refused(&without(&seed()), 50008);
}

#[test]
fn accepts_an_assertion_of_saml_2() {
    let mut sign_in = sign_in();
    sign_in.claims.push(Claim {
        name: IMMUTABLE_ID_CLAIM.to_owned(),
        values: vec!["aW1tdXRhYmxl".to_owned()],
    });
    let mut envelope = envelope();
    envelope.issuer = ISSUER.to_owned();
    // No request of WS-Federation has an identifier that could be answered.
    refused(&result::issue_saml2(&envelope, &sign_in, key()).unwrap(), 50008);
    envelope.in_response_to = None;
    let xml = result::issue_saml2(&envelope, &sign_in, key()).unwrap();
    let token = judge(&xml).unwrap();
    assert_eq!(token.account(&realm()).unwrap().subject, "aW1tdXRhYmxl");
    assert_eq!(token.subject().unwrap().name, NAME);
    refused(&replaced(&xml, EMAIL, VICTIM, 1), 50008);
    refused(&cut_signature(&xml).1, 50008);
    let strange = result::issue_saml2(&envelope, &sign_in, strangers_key()).unwrap();
    refused(&strange, 50008);
    envelope.destination = "https://sp.example/".to_owned();
    refused(&result::issue_saml2(&envelope, &sign_in, key()).unwrap(), 50008);
}

#[test]
fn refuses_what_is_not_a_response_with_one_token() {
    let (assertion, hollow) = cut(&seed(), "<saml:Assertion ", "</saml:Assertion>");
    let with = |inside: &str| {
        replaced(
            &hollow,
            "<t:RequestedSecurityToken>",
            &format!("<t:RequestedSecurityToken>{inside}"),
            1,
        )
    };
    for xml in [
        String::new(),
        "not xml".to_owned(),
        "<!DOCTYPE x><x/>".to_owned(),
        assertion.clone(),
        hollow.replace("></t:RequestedSecurityToken>", "/>"),
        with("<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"/>"),
        with(&format!("{assertion}{}", assertion.replace("_token", "_2"))),
        with(&format!("<x>{assertion}</x>")),
        replaced(&hollow, "</wsp:AppliesTo>", &format!("{assertion}</wsp:AppliesTo>"), 1),
        seed().replace("schemas.xmlsoap.org/ws/2005/02/trust", "example.org/trust"),
        seed().replace("MinorVersion=\"1\"", "MinorVersion=\"0\""),
        seed().replacen("<t:TokenType>", "<!-- x --><t:TokenType>", 1),
    ] {
        refused(&xml, 20012);
    }
    let two = replaced(
        &seed(),
        "</t:RequestedSecurityToken>",
        "</t:RequestedSecurityToken><t:RequestedSecurityToken/>",
        1,
    );
    refused(&two, 20012);
}

#[test]
fn refuses_signatures_that_do_not_count() {
    refused(&cut_signature(&seed()).1, 50008);
    refused(&result::issue(&issued(), strangers_key()).unwrap(), 50008);
    refused(&replaced(&seed(), ADATUM_EMAIL, VICTIM, 1), 50008);
    refused(&replaced(&seed(), "AssertionID=\"_token\"", "AssertionID=\"_other\"", 1), 50008);
    let (signature, bare) = cut_signature(&seed());
    refused(
        &bare.replacen("<saml:Conditions ", &format!("{signature}<saml:Conditions "), 1),
        20012,
    );
    refused(&seed().replacen(&signature, &format!("{signature}{signature}"), 1), 20012);
    // What stands beside the token is not signed, and not believed.
    let elsewhere =
        replaced(&seed(), &format!("<wsa:Address>{AUDIENCE}<"), "<wsa:Address>urn:x<", 1);
    assert_eq!(judge(&elsewhere).unwrap(), judge(&seed()).unwrap());
}

/// The genuine token somewhere, a forged one where it is read.
#[test]
fn refuses_wrapped_tokens() {
    let (assertion, hollow) = cut(&seed(), "<saml:Assertion ", "</saml:Assertion>");
    let (signature, bare) = cut_signature(&assertion);
    let lie = bare.replace(ADATUM_EMAIL, VICTIM).replace("_token", "_forged");
    let with = |inside: &str| {
        replaced(
            &hollow,
            "<t:RequestedSecurityToken>",
            &format!("<t:RequestedSecurityToken>{inside}"),
            1,
        )
    };
    let end = "</saml:Assertion>";
    for forged in [
        lie.replace(end, &format!("{signature}{end}")),
        lie.replace(
            end,
            &format!(
                "{}{end}",
                signature.replace("</ds:Signature>", &format!("{bare}</ds:Signature>"))
            ),
        ),
        lie.replace(
            end,
            &format!(
                "{}{end}",
                signature.replace(
                    "</ds:Signature>",
                    &format!("<ds:Object>{bare}</ds:Object></ds:Signature>")
                )
            ),
        ),
        lie.replace(end, &format!("{assertion}{end}")),
        lie.replace(
            "</saml:Conditions>",
            &format!("</saml:Conditions><saml:Advice>{assertion}</saml:Advice>"),
        ),
        format!("{lie}{assertion}"),
        format!("{assertion}{lie}"),
    ] {
        let xml = with(&forged);
        assert!(judge(&xml).is_err(), "{xml}");
    }
}

#[test]
fn refuses_another_provider_audience_or_time() {
    refused(&reissued(|token| token.issuer = "https://sts.other.example/".to_owned()), 50107);
    refused(&reissued(|token| token.audience = "urn:federation:MicrosoftOnline".to_owned()), 50008);
    refused(&reissued(|token| token.lifetime = SignedDuration::from_secs(0)), 50008);
    let at = |minutes: i64| {
        let realm = realm();
        let now = now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
        result::verify(&seed(), &Expected { request: None, now, ..expected(&realm) }).is_ok()
    };
    assert_eq!([-6, -5, 64, 65].map(at), [false, true, true, false]);
}

#[test]
fn an_identifier_that_is_remembered_is_short_and_has_no_space() {
    for id in ["_to ken".to_owned(), "_to\u{a0}ken".to_owned(), "a".repeat(257)] {
        refused(&signed_with_id(&id), 50008);
    }
    assert!(judge(&signed_with_id(&"a".repeat(256))).is_ok());
}

fn signed_with_id(id: &str) -> String {
    reissued(|token| id.clone_into(&mut token.id))
}

#[test]
fn needs_an_immutable_id_and_an_address_of_the_domain() {
    let account = |xml: String| {
        let found = judge(&xml).unwrap().account(&realm());
        found.map(|account| account.subject).map_err(|refusal| refusal.fault().number())
    };
    let without =
        |name: &'static str| reissued(move |token| token.claims.retain(|claim| claim.name != name));
    assert_eq!(account(without(IMMUTABLE_ID_CLAIM)), Err(Some(90020)));
    assert_eq!(account(without(EMAIL_CLAIM)), Err(Some(5000819)));
    let named = |id: &str| reissued(|token| token.claims[1].values = vec![id.to_owned()]);
    for id in ["", " a", "a\nb", "a\tb"] {
        assert_eq!(account(named(id)), Err(Some(90020)), "{id:?}");
    }
    assert_eq!(account(named(&"ä".repeat(256))), Ok("ä".repeat(256)));
    assert_eq!(account(named(&"ä".repeat(257))), Err(Some(50008)));
    for claim in [IMMUTABLE_ID_CLAIM, EMAIL_CLAIM] {
        let (_, name) = claim.rsplit_once('/').unwrap();
        let second = signed_after(|text| {
            let at = text.find(&format!("AttributeName=\"{name}\"")).unwrap();
            let (before, rest) = text.split_at(at);
            let odd = "<saml:AttributeValue><x/></saml:AttributeValue></saml:Attribute>";
            format!("{before}{}", rest.replacen("</saml:Attribute>", odd, 1))
        });
        assert!(account(second).is_err(), "two values of {claim} are none");
    }
    let foreign = reissued(|token| token.claims[2].values = vec!["ceo@contoso.example".to_owned()]);
    assert_eq!(account(foreign), Err(Some(5000819)));
}
