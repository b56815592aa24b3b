use jiff::Timestamp;

use super::{Consumer, Entity, InvalidMetadata, Provider, read};
use crate::federation::certificate::Certificate;
use crate::federation::xmldsig::Trust;
use crate::jose::KeySet;

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn entity(keys: &KeySet) -> Entity {
    Entity {
        id: "_metadata".to_owned(),
        entity_id: "https://idp.example/saml".to_owned(),
        provider: Some(Provider {
            certificates: [&keys.work, &keys.google].map(|k| k.certificate().to_owned()).into(),
            sign_on: Some("https://idp.example/sso?a=1&b=2".to_owned()),
            logout: Some("https://idp.example/slo".to_owned()),
            passive: Some("https://idp.example/wsfed".to_owned()),
        }),
        consumer: Some(Consumer {
            reply_to: "https://idp.example/login.srf".to_owned(),
            logout: None,
        }),
    }
}

#[test]
fn reads_back_what_it_writes_with_both_certificates_of_a_roll_over() {
    let keys = KeySet::development().unwrap();
    let text = entity(&keys).to_xml(Some(&keys.work)).unwrap();
    let own = [Certificate::of(&keys.work).unwrap()];
    let trust = Trust { certificates: &own, accept_sha1: false };
    let signed = read(&text, Some("https://idp.example/saml"), Some(trust), now()).unwrap();
    assert_eq!(signed, read(&text, None, None, now()).unwrap());

    let provider = signed.provider.unwrap();
    let both = [&keys.work, &keys.google].map(|key| Certificate::of(key).unwrap());
    assert_eq!(provider.certificates, both);
    assert_eq!(provider.sign_on.as_deref(), Some("https://idp.example/sso?a=1&b=2"));
    assert_eq!(provider.logout.as_deref(), Some("https://idp.example/slo"));
    assert_eq!(provider.passive.as_deref(), Some("https://idp.example/wsfed"));
    let service = signed.service.unwrap();
    assert_eq!(service.reply_to[0].address, "https://idp.example/login.srf");
    assert!(service.wants_assertions_signed && service.certificates.is_empty());
}

#[test]
fn refuses_metadata_of_another_signer() {
    let keys = KeySet::development().unwrap();
    let own = [Certificate::of(&keys.work).unwrap()];
    let trust = Trust { certificates: &own, accept_sha1: false };
    for text in [entity(&keys).to_xml(None), entity(&keys).to_xml(Some(&keys.google))] {
        let found = read(&text.unwrap(), None, Some(trust), now());
        assert!(matches!(found, Err(InvalidMetadata::Signature(_))), "{found:?}");
    }
}

/// A key without a use still verifies signatures; one for encryption does not.
#[test]
fn saml_81_takes_keys_for_signatures_and_keys_without_a_use() {
    let keys = KeySet::development().unwrap();
    let text = entity(&keys).to_xml(None).unwrap();
    let without = text.replace(" use=\"signing\"", "");
    assert_eq!(read(&without, None, None, now()).unwrap().provider.unwrap().certificates.len(), 2);
    let encryption = text.replace(" use=\"signing\"", " use=\"encryption\"");
    assert!(read(&encryption, None, None, now()).is_err());
}

#[test]
fn refuses_what_is_expired_foreign_empty_or_leads_elsewhere() {
    let keys = KeySet::development().unwrap();
    let text = entity(&keys).to_xml(None).unwrap();
    let at = |place: &str| text.replacen(" ID=", &format!(" validUntil=\"{place}\" ID="), 1);
    assert!(read(&at("2026-06-01T00:00:01Z"), None, None, now()).is_ok());
    let long = format!("{text}{}", " ".repeat(1024 * 1024));
    for wrong in [
        at("2026-06-01T00:00:00Z"),
        at("soon"),
        text.replace("https://idp.example/sso?", "javascript:alert(1)//"),
        text.replace("https://idp.example/wsfed", "data:text/html,hello"),
        text.replace("https://idp.example/login.srf", "ftp://idp.example/"),
        text.replace("https://idp.example/slo", "https://user:word@idp.example/"),
        text.replace("https://idp.example/slo", "/relative"),
        text.replace("entityID=\"https://idp.example/saml\"", "entityID=\"\""),
        text.replace("EntityDescriptor", "EntityDescription"),
        text.replace("<IDPSSO", "<!DOCTYPE a><IDPSSO"),
        long,
        String::new(),
    ] {
        assert!(read(&wrong, None, None, now()).is_err(), "{wrong:.300}");
    }
    assert!(read(&text, Some("https://other.example/"), None, now()).is_err());
}

/// Metadata §2.4.1: a role may end before its entity does; the first end counts.
#[test]
fn ends_when_the_first_of_its_parts_does() {
    let keys = KeySet::development().unwrap();
    let text = entity(&keys).to_xml(None).unwrap();
    let at = |text: &str, element: &str, end: &str| {
        assert_eq!(text.matches(element).count(), 1, "{element} in {text}");
        text.replace(element, &format!("{element} validUntil=\"{end}\""))
    };
    let sts = "xsi:type=\"fed:SecurityTokenServiceType\"";
    for role in ["<IDPSSODescriptor", sts] {
        let past = at(&text, role, "2026-06-01T00:00:00Z");
        let fault = read(&past, None, None, now()).unwrap_err().to_string();
        assert!(fault.contains("valid until"), "{fault}");
        for (own, of_entity) in [("06-02", "06-03"), ("06-03", "06-02")] {
            let both = at(&text, role, &format!("2026-{own}T00:00:00Z"));
            let both = both.replacen(
                " ID=",
                &format!(" validUntil=\"2026-{of_entity}T00:00:00Z\" ID="),
                1,
            );
            let until = read(&both, None, None, now()).unwrap().valid_until.unwrap();
            assert_eq!(until.to_string(), "2026-06-02T00:00:00Z");
        }
        // As .NET says that it never ends.
        let never = at(&text, role, "9999-12-31T23:59:59.9999999Z");
        assert_eq!(read(&never, None, None, now()).unwrap().valid_until, Some(Timestamp::MAX));
    }
}

/// Nobody is configured as its signer, and still a broken signature says that it was changed.
#[test]
fn refuses_a_signature_that_its_own_key_did_not_make() {
    let keys = KeySet::development().unwrap();
    let text = entity(&keys).to_xml(Some(&keys.work)).unwrap();
    assert!(read(&text, None, None, now()).is_ok());
    let part = |name: &str| {
        let (start, end) = (format!("<ds:{name}>"), format!("</ds:{name}>"));
        let from = text.find(&start).unwrap() + start.len();
        text[from..from + text[from..].find(&end).unwrap()].to_owned()
    };
    let turned = |part: String| {
        let first = if part.starts_with('A') { 'B' } else { 'A' };
        text.replacen(&part, &format!("{first}{}", &part[1..]), 1)
    };
    let changed = text.replace("https://idp.example/sso?", "https://evil.example/sso?");
    let all = format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{changed}</md:EntitiesDescriptor>"
    );
    for broken in [&turned(part("DigestValue")), &turned(part("SignatureValue")), &changed, &all] {
        let found = read(broken, Some("https://idp.example/saml"), None, now());
        let fault = found.unwrap_err();
        assert!(matches!(fault, InvalidMetadata::Signature(_)), "{fault}");
        assert!(fault.to_string().contains("was changed after it was signed"), "{fault}");
    }
    // What cannot be judged is not judged: another algorithm, or no certificate.
    let other = text.replacen("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512", 1);
    let named = part("KeyInfo");
    let silent = text.replacen(&named, "<ds:KeyName>a</ds:KeyName>", 1);
    for text in [&other, &silent] {
        assert!(read(text, None, None, now()).is_ok());
    }
}

#[test]
fn finds_one_entity_among_several() {
    let keys = KeySet::development().unwrap();
    let one = entity(&keys).to_xml(None).unwrap();
    let other = one.replace("_metadata", "_other").replace("/saml\"", "/other\"");
    let all = format!(
        "<!-- made by hand --><md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{one}{other}</md:EntitiesDescriptor>"
    );
    let found = read(&all, Some("https://idp.example/other"), None, now()).unwrap();
    assert_eq!(found.entity_id, "https://idp.example/other");
    assert!(read(&all, None, None, now()).is_err());
}
