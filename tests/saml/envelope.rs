//! Rows about the form and the query that carry a message: `saml-69` to `saml-76`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guestpass::federation::saml::answer::Signed;
use guestpass::federation::saml::binding::{Direction, from_form, from_query, redirect};
use guestpass::federation::saml::response;
use guestpass::federation::xmldsig::Trust;
use guestpass::federation::{Certificate, Refusal};
use guestpass::protocol::params::Params;
use miniz_oxide::deflate::compress_to_vec;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::help::{key, seed, strangers_key};

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn query_of(address: &str) -> String {
    address.split_once('?').unwrap().1.to_owned()
}

fn read(query: &str) -> Result<String, String> {
    let carried = from_query(query, Direction::Request);
    carried.map(|carried| carried.xml().to_owned()).map_err(|fault| fault.to_string())
}

#[test]
fn carries_a_message_in_a_query_and_back() {
    let xml = seed(Signed::Both);
    let state = "a b&c=ü";
    for to in ["https://idp.example/sso", "https://idp.example/sso?tenant=1"] {
        let address = redirect(to, Direction::Response, &xml, Some(state), None);
        let query = query_of(&address);
        let carried = from_query(&query, Direction::Response).unwrap();
        assert_eq!((carried.xml(), carried.relay_state()), (xml.as_str(), Some(state)));
        assert_eq!(carried.signature(), None);
    }
}

#[test]
fn carries_a_message_in_a_form_whatever_folds_its_lines() {
    let xml = seed(Signed::Both);
    let packed = STANDARD.encode(&xml);
    let folded: Vec<_> = packed.as_bytes().chunks(76).map(|l| str::from_utf8(l).unwrap()).collect();
    for text in [packed.clone(), folded.join("\r\n"), folded.join("\n ")] {
        let form = Params::parse(&format!("RelayState=x&SAMLResponse={}", encoded(&text))).unwrap();
        let carried = from_form(&form, Direction::Response).unwrap();
        assert_eq!((carried.xml(), carried.relay_state()), (xml.as_str(), Some("x")));
        assert_eq!(response::decode(&text).unwrap(), xml);
    }
}

#[test]
fn saml_69_a_relay_state_of_200_kilobytes() {
    let form = |length: usize| {
        let state = "x".repeat(length);
        let form = Params::parse(&format!("SAMLResponse=YWI%3D&RelayState={state}")).unwrap();
        from_form(&form, Direction::Response).map(|carried| carried.relay_state().map(str::len))
    };
    assert!(form(200_000).unwrap_err().to_string().contains("RelayState"));
    assert!(form(2_049).is_err());
    let form = Params::parse(&format!("SAMLResponse=YWI%3D&RelayState={}", "x".repeat(2_048)));
    assert!(from_form(&form.unwrap(), Direction::Response).is_ok());
}

#[test]
fn saml_73_base64_with_megabytes_of_spaces() {
    let spaces = " ".repeat(2_000_000);
    let refusal = response::decode(&format!("YWI={spaces}")).unwrap_err();
    assert!(matches!(refusal, Refusal::Unreadable(..)));
    assert_eq!(refusal.fault().number(), Some(7500525));
    for wrong in ["%%%", "YWI", "YW==I=", "YWI=YWI=", "_-_-", "/w=="] {
        assert!(response::decode(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn saml_74_a_bomb_of_deflate() {
    // 64 MiB of spaces in 64 KiB; what comes out is cut at 256 KiB.
    let bomb = compress_to_vec(&vec![b' '; 64 << 20], 9);
    let query = format!("SAMLRequest={}", encoded(&STANDARD.encode(bomb)));
    assert!(read(&query).unwrap_err().contains("DEFLATE"));
    let largest = compress_to_vec(&vec![b' '; 256 * 1024], 9);
    assert!(read(&format!("SAMLRequest={}", encoded(&STANDARD.encode(largest)))).is_ok());
    for wrong in ["", "YQ==", "////"] {
        assert!(read(&format!("SAMLRequest={}", encoded(wrong))).is_err(), "{wrong}");
    }
}

#[test]
fn saml_76_parameters_that_stand_twice() {
    let query = query_of(&redirect("x", Direction::Request, "<a/>", Some("s"), Some(key())));
    assert!(read(&query).is_ok());
    for twice in ["SAMLRequest=YQ", "RelayState=x", "SigAlg=x", "Signature=x", "SAMLResponse=YQ"] {
        assert!(read(&format!("{query}&{twice}")).is_err(), "{twice}");
        assert!(read(&format!("{twice}&{query}")).is_err(), "{twice}");
        assert!(read(&format!("{query}&{}", twice.replace('S', "%53"))).is_err(), "{twice}");
    }
    assert!(read("SAMLEncoding=urn:other&SAMLRequest=YQ").is_err());
    assert!(read("RelayState=x").is_err());
}

/// What the configured keys say to the signature of a query.
fn verified(query: &str) -> Result<(), String> {
    let certificates = [Certificate::of(key()).unwrap()];
    let trust = Trust { certificates: &certificates, accept_sha1: false };
    let carried = from_query(query, Direction::Request).map_err(|fault| fault.to_string())?;
    let signature = carried.signature().ok_or("no signature")?;
    signature.verify(trust).map_err(|fault| fault.to_string())
}

#[test]
fn the_signature_of_a_query_covers_its_octets() {
    let signed = |key| query_of(&redirect("x", Direction::Request, "<a/>", Some("a b"), Some(key)));
    let query = signed(key());
    assert_eq!(verified(&query), Ok(()));
    assert!(verified(&signed(strangers_key())).is_err());
    // Other octets with the same meaning are other octets.
    for (from, to) in [
        ("a%20b", "a+b"),
        ("a%20b", "%61%20b"),
        ("%2F", "%2f"),
        ("RelayState", "Relay%53tate"),
        ("SAMLRequest", "%53AMLRequest"),
    ] {
        assert!(query.contains(from), "{from} in {query}");
        assert!(verified(&query.replacen(from, to, 1)).is_err(), "{from}");
    }
    // The order of the query is free, that of the signed octets is not.
    let mut parts: Vec<_> = query.split('&').collect();
    parts.reverse();
    assert_eq!(verified(&parts.join("&")), Ok(()));
    for gone in 0..4 {
        let mut parts: Vec<_> = query.split('&').collect();
        parts.remove(gone);
        assert!(verified(&parts.join("&")).is_err(), "without part {gone}");
    }
    let sha1 =
        query.replace("2001%2F04%2Fxmldsig-more%23rsa-sha256", "2000%2F09%2Fxmldsig%23rsa-sha1");
    assert_ne!(sha1, query);
    assert!(verified(&sha1).unwrap_err().contains("SigAlg"));
}
