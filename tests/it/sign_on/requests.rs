//! What an application may ask for.

use guestpass::federation::saml::binding::{self, Direction};
use guestpass::federation::saml::request::Asking;
use guestpass::jose::KeySet;
use jiff::{Span, Timestamp};

use super::help::*;
use crate::support::*;

/// `SAMLResponse` of a refusal, for what stands in it.
async fn answered(server: &guestpass::Server, xml: &str) -> String {
    let mut browser = server.browser();
    browser.open(&to_saml(CONTOSO, xml)).await;
    let posted = posted(&browser).unwrap_or_else(|| panic!("{}", browser.text()));
    assert_eq!(posted.to, ACS);
    let xml = posted.xml();
    assert!(!xml.contains("<saml:Assertion"), "{xml}");
    xml
}

#[tokio::test]
async fn a_name_has_the_format_that_was_asked_for() {
    let server = sign_on_server().await;
    let mut names = Vec::new();
    for format in [
        "2.0:nameid-format:persistent",
        "2.0:nameid-format:persistent",
        "1.1:nameid-format:unspecified",
        "2.0:nameid-format:transient",
        "2.0:nameid-format:transient",
        "1.1:nameid-format:emailAddress",
    ] {
        let ask = to_saml(CONTOSO, &asking(EXPENSES, "", &policy(format)));
        let posted = signs_in(&server, &ask, OLIVIA).await;
        let token = judged(&server, &posted, EXPENSES).await;
        let subject = token.subject().unwrap();
        assert!(subject.format.as_ref().unwrap().ends_with(format), "{subject:?}");
        names.push(subject.name.clone());
    }
    assert_eq!(names[0], names[1]);
    assert_eq!(names[0], names[2]);
    assert!(names[3] != names[4] && names[3] != names[0]);
    assert_eq!(names[5], OLIVIA);
    let affiliation = "<samlp:NameIDPolicy SPNameQualifier=\"https://others.example\"/>";
    let ask = to_saml(CONTOSO, &asking(EXPENSES, "", affiliation));
    let posted = signs_in(&server, &ask, OLIVIA).await;
    assert!(posted.xml().contains(" SPNameQualifier=\"https://others.example\""));
    // Pairwise: another application knows her by another name.
    let other = asking("https://everybody.example", "", &policy("2.0:nameid-format:persistent"));
    let posted = signs_in(&server, &to_saml(CONTOSO, &other), OLIVIA).await;
    let token = judged(&server, &posted, "https://everybody.example").await;
    assert_ne!(token.subject().unwrap().name, names[0]);
}

#[tokio::test]
async fn what_is_not_supported_is_answered_at_the_application() {
    let server = sign_on_server().await;
    let kerberos =
        answered(&server, &asking(EXPENSES, "", &policy("2.0:nameid-format:kerberos"))).await;
    assert!(kerberos.contains("status:Requester"), "{kerberos}");
    assert!(kerberos.contains("status:InvalidNameIDPolicy"), "{kerberos}");
    assert!(kerberos.contains("AADSTS75016") && kerberos.contains(REQUEST), "{kerberos}");
    let subject = "<Subject xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
                   <NameID>alice@contoso.example</NameID></Subject>";
    let subject = answered(&server, &asking(EXPENSES, "", subject)).await;
    assert!(subject.contains("status:RequestUnsupported"), "{subject}");
    assert!(subject.contains("AADSTS75006") && subject.contains("AADSTS90011"), "{subject}");
}

#[tokio::test]
async fn a_passive_request_is_answered_without_a_page() {
    let server = sign_on_server().await;
    let passive = asking(EXPENSES, "IsPassive=\"true\"", "");
    let no = answered(&server, &passive).await;
    assert!(no.contains("status:NoPassive") && no.contains("AADSTS50058"), "{no}");
    let both = asking(EXPENSES, "IsPassive=\"true\" ForceAuthn=\"true\"", "");

    let mut browser = server.browser();
    browser.open(&to_saml(CONTOSO, &asking(EXPENSES, "", ""))).await;
    agree_to_all(&server, &mut browser, OLIVIA).await;
    browser.open(&to_saml(CONTOSO, &passive)).await;
    judged(&server, &posted(&browser).unwrap(), EXPENSES).await;
    browser.open(&to_saml(CONTOSO, &both)).await;
    let no = posted(&browser).unwrap().xml();
    assert!(no.contains("status:NoPassive"), "a session is not enough: {no}");

    // Somebody who has to redeem again is not asked, either.
    let reset = signed_in(&server, "frank@northwind.example").await;
    let mut reset = reset;
    let token = daemon_token(&server).await;
    let mut invitation = serde_json::json!({
        "invitedUserEmailAddress": "frank@northwind.example",
        "inviteRedirectUrl": "https://sp.example/",
        "resetRedemption": true,
    });
    invitation["invitedUser"]["id"] = "c0a70500-0000-4000-8000-000000000106".into();
    let answer = post_json(&server, "/v1.0/invitations", &token, &invitation).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    reset.open(&to_saml(CONTOSO, &passive)).await;
    let no = posted(&reset).unwrap().xml();
    assert!(no.contains("status:NoPassive"), "{no}");
}

#[tokio::test]
async fn somebody_can_be_made_to_sign_in_anew() {
    let server = sign_on_server().await;
    let mut browser = server.browser();
    browser.open(&to_saml(CONTOSO, &asking(EXPENSES, "", ""))).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    assert!(posted(&browser).is_some());
    browser.open(&to_saml(CONTOSO, &asking(EXPENSES, "ForceAuthn=\"1\"", ""))).await;
    assert_eq!(browser.heading(), "Sign in", "{}", browser.text());
    agree_to_all(&server, &mut browser, ALICE).await;
    assert!(posted(&browser).is_some(), "{}", browser.text());
}

#[tokio::test]
async fn how_somebody_signed_in_has_to_be_what_was_asked_for() {
    let server = sign_on_server().await;
    let contexts = |classes: &[&str], comparison: &str| {
        let classes = classes.iter().map(|class| {
            format!(
                "<AuthnContextClassRef xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
                 urn:oasis:names:tc:SAML:2.0:ac:classes:{class}</AuthnContextClassRef>"
            )
        });
        let classes = classes.collect::<Vec<_>>().concat();
        let element = format!(
            "<samlp:RequestedAuthnContext{comparison}>{classes}</samlp:RequestedAuthnContext>"
        );
        to_saml(CONTOSO, &asking(EXPENSES, "", &element))
    };
    let protected = "PasswordProtectedTransport";
    for name in [ALICE, "frank@northwind.example", "bob@fabrikam.example", "dave@gmail.com"] {
        let ask = contexts(&["X509", protected], " Comparison=\"exact\"");
        let token = judged(&server, &signs_in(&server, &ask, name).await, EXPENSES).await;
        assert!(token.context().unwrap().ends_with(protected), "{token:?}");
    }
    let token = signs_in(&server, &to_saml(CONTOSO, &asking(EXPENSES, "", "")), ALICE).await;
    assert!(judged(&server, &token, EXPENSES).await.context().unwrap().ends_with(":Password"));
    let mut browser = server.browser();
    browser.open(&contexts(&["X509"], "")).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    let alert = browser.alert().unwrap();
    assert!(alert.contains("AADSTS75011") && alert.contains("'pwd'"), "{alert}");
    refused(&server, &contexts(&[protected], " Comparison=\"minimum\""), 900235).await;
}

#[tokio::test]
async fn the_answer_goes_to_a_registered_address_by_name_or_number() {
    let server = sign_on_server().await;
    let other = "https://sp.example/acs/other";
    for (attributes, expected) in [
        (format!("AssertionConsumerServiceURL=\"{other}\""), other),
        ("AssertionConsumerServiceIndex=\"1\"".to_owned(), other),
        ("AssertionConsumerServiceIndex=\"0\"".to_owned(), ACS),
    ] {
        let ask = to_saml(CONTOSO, &asking(EXPENSES, &attributes, ""));
        let posted = signs_in(&server, &ask, ALICE).await;
        assert_eq!(posted.to, expected);
        judged(&server, &posted, EXPENSES).await;
    }
}

#[tokio::test]
async fn an_application_can_name_itself_by_its_id() {
    let server = sign_on_server().await;
    let id = "c0a70500-0000-4000-8000-0000000000b1";
    for (issuer, audience) in [
        (id.to_owned(), format!("spn:{id}")),
        (format!("spn:{id}"), format!("spn:{id}")),
        (format!("api://{id}"), format!("api://{id}")),
    ] {
        let ask = to_saml(CONTOSO, &asking(&issuer, "", ""));
        judged(&server, &signs_in(&server, &ask, ALICE).await, &audience).await;
    }
}

#[tokio::test]
async fn a_hint_fills_in_the_name() {
    let server = sign_on_server().await;
    let mut browser = server.browser();
    let ask = to_saml(CONTOSO, &asking(EXPENSES, "", ""));
    browser.open(&format!("{ask}&login_hint=alice%40contoso.example")).await;
    assert_eq!(browser.heading(), "Enter password", "{}", browser.text());
    let mut browser = server.browser();
    browser.open(&format!("{ask}&whr=fabrikam.example")).await;
    assert!(browser.text().contains("Fabrikam"), "{}", browser.text());
}

#[tokio::test]
async fn a_request_can_come_in_a_form_and_keeps_its_session() {
    let server = sign_on_server().await;
    let xml = asking(EXPENSES, "", "");
    let fields = [
        ("SAMLRequest".to_owned(), binding::to_form(&xml)),
        ("RelayState".to_owned(), STATE.to_owned()),
    ];
    let mut browser = server.browser();
    browser.open(&to_saml(CONTOSO, &xml)).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    browser.post(&format!("/{CONTOSO}/saml2"), &fields).await;
    let answer = posted(&browser).unwrap();
    assert_eq!(answer.field("RelayState"), Some(STATE));
    judged(&server, &answer, EXPENSES).await;
    // Without cookies, as from another site's page, the message comes again by GET.
    let mut stranger = server.browser();
    stranger.post(&format!("/{CONTOSO}/saml2"), &fields).await;
    assert_eq!(stranger.hops[0].status, 303);
    assert!(stranger.hops[0].location.as_ref().unwrap().contains("/saml2?SAMLRequest="));
    assert!(stranger.hops[0].set_cookies.is_empty(), "{:?}", stranger.hops[0]);
    agree_to_all(&server, &mut stranger, ALICE).await;
    judged(&server, &posted(&stranger).unwrap(), EXPENSES).await;
}

#[tokio::test]
async fn a_signature_counts_where_one_is_asked_for() {
    let server = sign_on_server().await;
    let careful = "https://careful.example";
    let saml = format!("{}/{CONTOSO}/saml2", server.origin());
    let asking = Asking {
        id: REQUEST,
        issuer: careful,
        destination: &saml,
        reply_to: "https://careful.example/acs",
        force: false,
        now: server.broker().clock().now(),
    };
    let xml = asking.to_xml();
    let keys = KeySet::development().unwrap();
    let path = format!("/{CONTOSO}/saml2");
    let signed_by = |key| binding::redirect(&path, Direction::Request, &xml, Some(STATE), key);
    refused(&server, &signed_by(None), 76021).await;
    refused(&server, &signed_by(Some(&keys.work)), 50006).await;
    let signed = signed_by(Some(&keys.google));
    refused(&server, &signed.replace("RelayState=", "RelayState=x"), 50006).await;
    let posted = signs_in(&server, &signed, "adele@contoso.example").await;
    // Its responses are signed as well as the assertions in them.
    assert_eq!(posted.xml().matches("<ds:Signature ").count(), 2, "{}", posted.xml());
    let token = judged(&server, &posted, careful).await;
    let claims = token.claims();
    assert_eq!(values(claims, "role"), ["Approver"]);
    assert_eq!(values(claims, "groups"), ["c0a70500-0000-4000-8000-000000000201"]);
    assert_eq!(values(claims, "wids"), ["62e90394-69f5-4237-9190-012177145e10"]);
}

/// As at Entra ("Enforce signed SAML authentication requests"): a certificate alone asks for none.
#[tokio::test]
async fn a_signature_that_nobody_asks_for_is_not_looked_at() {
    let required = "request_signature_verification = { is_signed_request_required = true }\n";
    assert!(world().contains(required));
    let server = server_of(&world().replace(required, "")).await;
    let keys = KeySet::development().unwrap();
    let xml = asking("https://careful.example", "", "");
    let path = format!("/{CONTOSO}/saml2");
    let by = |key| binding::redirect(&path, Direction::Request, &xml, Some(STATE), key);
    let changed = by(Some(&keys.google)).replace("RelayState=", "RelayState=x");
    let alien = "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>";
    let inside = to_saml(CONTOSO, &asking("https://careful.example", "", alien));
    for asked in [by(None), by(Some(&keys.google)), by(Some(&keys.work)), changed, inside] {
        let posted = signs_in(&server, &asked, "adele@contoso.example").await;
        judged(&server, &posted, "https://careful.example").await;
    }
}

#[tokio::test]
async fn an_assertion_holds_for_an_hour_and_five_minutes() {
    let server = sign_on_server().await;
    let posted = signs_in(&server, &to_saml(CONTOSO, &asking(EXPENSES, "", "")), ALICE).await;
    let xml = posted.xml();
    let attribute = |element: &str, name: &str| {
        let rest = xml.split(&format!("<saml:{element} ")).nth(1).unwrap();
        let value = rest.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        value.parse::<Timestamp>().unwrap()
    };
    let start = attribute("Conditions", "NotBefore");
    let end = attribute("Conditions", "NotOnOrAfter");
    assert_eq!(end, start + Span::new().minutes(65));
    let delivered = attribute("SubjectConfirmationData", "NotOnOrAfter");
    assert_eq!(delivered, start + Span::new().minutes(5));
}
