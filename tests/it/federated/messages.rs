//! What else can be sent to `/login.srf`.

use guestpass::federation::saml::binding::to_form;

use super::partner::{ERIN, answer, ask, keys, post, refused, world};
use crate::support::{get, post_form, server, server_of};

#[tokio::test]
async fn saml_70_a_sign_in_cannot_begin_at_the_provider() {
    let server = server_of(&world()).await;
    let (mut browser, asked) = ask(&server, ERIN).await;
    let xml = answer(&server, &asked).signed_by(&keys().litware);
    for state in ["https://evil.example/", "javascript:alert(1)", "\"><script>alert(1)</script>"] {
        post(&mut browser, &xml, state).await;
        refused(&browser, 50107, "cannot begin at the identity provider");
        assert!(browser.url().starts_with(server.origin()), "{}", browser.url());
        assert!(!browser.html().contains("evil.example"), "{}", browser.html());
        assert!(!browser.html().contains("alert(1)"), "{}", browser.html());
    }
    let pairs = [("SAMLResponse".to_owned(), to_form(&xml))];
    browser.post("/login.srf", &pairs).await;
    refused(&browser, 50107, "cannot begin at the identity provider");
}

#[tokio::test]
async fn saml_71_what_comes_without_a_cookie_is_posted_once_more_and_is_text() {
    let server = server().await;
    let form = [("SAMLResponse", "PHg+"), ("RelayState", "\"><script>alert(1)</script>")];
    let answer = post_form(&server, "/login.srf", &form).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("action=\"/login.srf\""), "{}", answer.body);
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    assert!(!answer.headers.contains_key("set-cookie"), "nothing may replace the cookie");
    let more = [form.as_slice(), &[("evil", "1")]].concat();
    let answer = post_form(&server, "/login.srf", &more).await;
    assert!(!answer.body.contains("evil"), "{}", answer.body);
}

#[tokio::test]
async fn what_is_no_answer_is_named() {
    let server = server().await;
    let again = ("guestpass_again", "1");
    for (form, number) in [
        (vec![], 90081),
        (vec![("RelayState", "x")], 90081),
        (vec![("wa", "wsignin1.0")], 90013),
        (vec![("wa", "wattr1.0"), ("wresult", "x")], 20012),
        (vec![("SAMLResponse", "not base64!")], 7_500_525),
        (vec![("SAMLResponse", "PHg+"), ("wa", "wsignin1.0"), ("wresult", "x")], 9_002_313),
        (vec![("SAMLResponse", "PHg+"), ("SAMLRequest", "PHg+")], 7_500_525),
    ] {
        let form = [form, vec![again]].concat();
        let answer = post_form(&server, "/login.srf", &form).await;
        assert!(answer.body.contains(&format!("AADSTS{number}")), "{form:?}: {}", answer.body);
    }
    let twice = [("SAMLResponse", "PHg+"), ("SAMLResponse", "PHg+")];
    let answer = post_form(&server, "/login.srf", &twice).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("sent twice"), "{}", answer.body);
    assert!(get(&server, "/login.srf").await.body.contains("AADSTS90081"));
}

#[tokio::test]
async fn http_11_an_answer_has_at_most_256_kib() {
    let server = server().await;
    for (length, status) in [(256 * 1024, 200), (256 * 1024 + 1, 413)] {
        let value = "A".repeat(length - "SAMLResponse=".len());
        let answer = post_form(&server, "/login.srf", &[("SAMLResponse", &value)]).await;
        assert_eq!(answer.status, status, "{:.300}", answer.body);
    }
}

#[tokio::test]
async fn garbage_is_called_garbage_even_if_nobody_asked() {
    let server = server().await;
    for document in ["<a", "<!DOCTYPE a><a/>"] {
        let form = [("SAMLResponse", to_form(document)), ("guestpass_again", "1".to_owned())];
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = post_form(&server, "/login.srf", &form).await;
        assert!(answer.body.contains("AADSTS7500525"), "{document}: {}", answer.body);
    }
}
