//! No grant gives a token to a guest who is not redeemed, or not there any more: every grant with
//! every state of the guest is a test of its own. What the client is told is Entra's: the number, the
//! `error`, and the reason in words.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use crate::device;
use crate::support::*;
use crate::tokens::CLI;

const FRANK: &str = "frank@northwind.example";
const FRANKS: &str = "c0a70500-0000-4000-8000-000000000106";
const BOB: &str = "bob@fabrikam.example";
const BOBS: &str = "c0a70500-0000-4000-8000-000000000101";
const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_SECRET: &str = "fabrikam-portal-secret";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";

/// What stands against the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guest {
    /// Invited, and never redeemed.
    Pending,
    /// Asked to redeem, and said no.
    Declined,
    /// Redeemed, then `accountEnabled` became false.
    Disabled,
    /// Redeemed, then deleted.
    Deleted,
    /// Redeemed, then the redemption was reset.
    Reset,
}

use Guest::{Declined, Deleted, Disabled, Pending, Reset};

impl Guest {
    /// Whether the guest came in first.
    fn was_redeemed(self) -> bool {
        !matches!(self, Pending | Declined)
    }
}

/// What a client was told in the place of a token.
#[derive(Debug)]
struct Told {
    error: String,
    number: u32,
    /// Everything it got.
    whole: String,
}

impl Told {
    /// An answer of the token endpoint.
    fn by(answer: &Answer) -> Self {
        assert_eq!(answer.status, 400, "{}", answer.body);
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let number = body["error_codes"][0].as_u64().and_then(|n| u32::try_from(n).ok());
        let number = number.unwrap_or_else(|| panic!("no number: {body}"));
        assert!(text("error_description").starts_with(&format!("AADSTS{number}: ")), "{body}");
        Self { error: text("error"), number, whole: answer.body.clone() }
    }

    /// What came back to the client in the browser.
    fn at_the_client(browser: &Browser<'_>) -> Self {
        let text = |name: &str| browser.parameter(name).unwrap_or_default();
        assert!(!text("error").is_empty(), "no error: {} {}", browser.url(), browser.text());
        let description = text("error_description");
        let whole = format!("{} {description}", browser.url());
        Self { error: text("error"), number: number(&description), whole }
    }

    /// A page that the person sees; the client is told nothing.
    fn on_a_page(browser: &Browser<'_>) -> Self {
        let alert = browser.alert().unwrap_or_else(|| panic!("no alert: {}", browser.text()));
        assert_eq!(browser.status(), 400, "{alert}");
        Self { error: String::new(), number: number(&alert), whole: browser.html().to_owned() }
    }

    /// The number, the `error` (none on a page) and words of the reason; and nothing of worth.
    fn is(&self, error: &str, number: u32, reason: &str) {
        assert_eq!((self.error.as_str(), self.number), (error, number), "{}", self.whole);
        assert!(self.whole.contains(reason), "no '{reason}': {}", self.whole);
        for mark in
            ["code=1.", "name=\"code\"", "access_token", "id_token=", "refresh_token", "eyJ"]
        {
            assert!(!self.whole.contains(mark), "{mark}: {}", self.whole);
        }
    }
}

fn number(text: &str) -> u32 {
    let digits = text.strip_prefix("AADSTS").unwrap_or_default();
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

/// What an administrator does.
async fn befalls(server: &Server, guest: Guest, id: &str, address: &str) {
    let (token, path) = (daemon_token(server).await, format!("/v1.0/users/{id}"));
    let status = match guest {
        Disabled => patch(server, &path, &token, &json!({"accountEnabled": false})).await.status,
        Deleted => with_token(server, Method::DELETE, &path, &token).await.status,
        Reset => {
            let body = json!({
                "invitedUserEmailAddress": address,
                "inviteRedirectUrl": "http://localhost:3000/",
                "resetRedemption": true,
                "invitedUser": {"id": id},
            });
            post_json(server, "/v1.0/invitations", &token, &body).await.status
        }
        Pending | Declined => panic!("nobody has redeemed yet"),
    };
    assert!((200..300).contains(&status), "{guest:?}: {status}");
}

/// Frank goes as far as *Review permissions*, and closes the page or says no.
async fn stops(server: &Server, frank: &mut Browser<'_>, guest: Guest) {
    type_name(frank, FRANK).await;
    type_passcode(server, frank, FRANK).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
    if guest == Declined {
        frank.submit(&[], Some("back")).await;
    }
}

async fn redeem_again(server: &Server) -> Value {
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(server, &mut frank, FRANK).await;
    let code = frank.parameter("code").unwrap_or_else(|| panic!("{}", frank.text()));
    redeem(server, &code, &[]).await.json()
}

async fn refresh(server: &Server, tokens: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
        ("refresh_token", tokens["refresh_token"].as_str().expect("a refresh token")),
    ];
    post_form(server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await
}

/// An authorization code: none comes for whoever has not redeemed, one that came before is void.
async fn code(guest: Guest) -> Told {
    let server = server().await;
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[])).await;
    if guest.was_redeemed() {
        agree_to_all(&server, &mut frank, FRANK).await;
        let code = frank.parameter("code").expect("a code");
        befalls(&server, guest, FRANKS, FRANK).await;
        let told = Told::by(&redeem(&server, &code, &[]).await);
        // Nor does a second try, or another code.
        redeem(&server, &code, &[]).await.status.eq(&400).then_some(()).expect("refused again");
        return told;
    }
    stops(&server, &mut frank, guest).await;
    if guest == Declined {
        let told = Told::at_the_client(&frank);
        frank.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
        Told::at_the_client(&frank).is("interaction_required", 50014, "has not redeemed");
        return told;
    }
    assert!(frank.parameter("code").is_none());
    frank.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    Told::at_the_client(&frank)
}

/// A refresh token of a redemption that is no more. Who is invited anew after a deletion is another
/// object: the old token does not find it, pending or declined.
async fn refresh_token(guest: Guest) -> Told {
    let server = server().await;
    let tokens = redeem_again(&server).await;
    assert_eq!(refresh(&server, &tokens).await.status, 200);
    if guest.was_redeemed() {
        befalls(&server, guest, FRANKS, FRANK).await;
        return Told::by(&refresh(&server, &tokens).await);
    }
    befalls(&server, Deleted, FRANKS, FRANK).await;
    let body =
        json!({"invitedUserEmailAddress": FRANK, "inviteRedirectUrl": "http://localhost:3000/"});
    let invited =
        post_json(&server, "/v1.0/invitations", &daemon_token(&server).await, &body).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[])).await;
    stops(&server, &mut frank, guest).await;
    Told::by(&refresh(&server, &tokens).await)
}

/// Bob's refresh token of his home, at Contoso.
async fn home_refresh_token(guest: Guest) -> Told {
    let server = server().await;
    let portal = [
        ("client_id", PORTAL),
        ("redirect_uri", PORTAL_CALLBACK),
        ("scope", "openid profile offline_access"),
    ];
    let mut bob = server.browser();
    bob.open(&authorize("organizations", &portal)).await;
    agree_to_all(&server, &mut bob, BOB).await;
    let client = [
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    let code = bob.parameter("code").expect("a code");
    let home = redeem_at(&server, "organizations", &code, &client).await.json();
    bob.open(&authorize(CONTOSO, &portal)).await;
    if guest.was_redeemed() {
        agree_to_all(&server, &mut bob, BOB).await;
        assert!(bob.parameter("code").is_some(), "{}", bob.text());
        befalls(&server, guest, BOBS, BOB).await;
    } else {
        for _ in 0..3 {
            if bob.heading() == "Review permissions" {
                break;
            }
            match bob.heading().as_str() {
                "Sign in" => type_name(&mut bob, BOB).await,
                _ => drop(bob.submit(&[("passwd", "guestpass")], None).await),
            }
        }
        assert_eq!(bob.heading(), "Review permissions", "{}", bob.text());
        if guest == Declined {
            bob.submit(&[], Some("back")).await;
            Told::at_the_client(&bob).is("access_denied", 65004, "declined");
        }
    }
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
        ("refresh_token", home["refresh_token"].as_str().expect("a refresh token")),
    ];
    let at = async |tenant: &str| {
        post_form(&server, &format!("/{tenant}/oauth2/v2.0/token"), &pairs).await
    };
    let told = Told::by(&at(CONTOSO).await);
    assert_eq!(at(FABRIKAM).await.status, 200, "at home nothing has happened");
    told
}

/// A device that waits while Frank redeems, or has.
async fn device_code(guest: Guest) -> Told {
    let server = server().await;
    let waiting = device::start(&server).await;
    let mut frank = device::type_code(&server, &waiting).await;
    if guest.was_redeemed() {
        agree_to_all(&server, &mut frank, FRANK).await;
        frank.submit(&[], None).await;
        assert_eq!(frank.heading(), "You have signed in", "{}", frank.text());
        befalls(&server, guest, FRANKS, FRANK).await;
    } else {
        stops(&server, &mut frank, guest).await;
    }
    let pairs = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", CLI),
        ("device_code", waiting["device_code"].as_str().expect("a device code")),
    ];
    Told::by(&post_form(&server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await)
}

/// An id token straight from the authorization endpoint, with a code or without, for the browser in
/// which Frank was signed in.
async fn from_the_authorization_endpoint(response_type: &str, guest: Guest) -> Told {
    let server = server().await;
    let ask = |more: &[(&'static str, &'static str)]| {
        let mut changes = vec![("response_type", response_type)];
        changes.extend(more);
        authorize(CONTOSO, &changes)
    };
    let mut frank = server.browser();
    frank.open(&ask(&[])).await;
    if guest.was_redeemed() {
        agree_to_all(&server, &mut frank, FRANK).await;
        assert!(frank.parameter("id_token").is_some(), "{} {}", frank.url(), frank.text());
        befalls(&server, guest, FRANKS, FRANK).await;
    } else {
        stops(&server, &mut frank, guest).await;
        if guest == Declined {
            Told::at_the_client(&frank).is("access_denied", 65004, "declined");
        }
    }
    // Nothing comes in silence...
    frank.open(&ask(&[("prompt", "none")])).await;
    let silent = Told::at_the_client(&frank);
    if matches!(guest, Pending | Declined) {
        return silent;
    }
    match guest {
        Disabled => silent.is("access_denied", 500571, "guest user account is disabled"),
        _ => silent.is("login_required", 50058, "not signed in"),
    }
    // ...and none when he is asked.
    frank.open(&ask(&[])).await;
    if guest == Deleted {
        type_name(&mut frank, FRANK).await;
    }
    if guest != Reset {
        return Told::on_a_page(&frank);
    }
    type_name(&mut frank, FRANK).await;
    type_passcode(&server, &mut frank, FRANK).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
    assert!(frank.parameter("id_token").is_none());
    frank.open(&ask(&[("prompt", "none")])).await;
    Told::at_the_client(&frank)
}

async fn hybrid(guest: Guest) -> Told {
    from_the_authorization_endpoint("code id_token", guest).await
}

async fn implicit(guest: Guest) -> Told {
    from_the_authorization_endpoint("id_token", guest).await
}

/// A test for each cell: the grant, the guest, and what the client is told.
macro_rules! no_token {
    ($($name:ident: $grant:ident($guest:ident) => ($error:literal, $number:literal, $reason:literal);)*) => {$(
        #[tokio::test]
        async fn $name() {
            $grant($guest).await.is($error, $number, $reason);
        }
    )*};
}

no_token! {
    code_for_a_pending_guest: code(Pending) => ("interaction_required", 50014, "has not redeemed");
    code_for_a_guest_who_declined: code(Declined) => ("access_denied", 65004, "declined");
    code_for_a_disabled_guest: code(Disabled) => ("invalid_grant", 500571, "guest user account is disabled");
    code_for_a_deleted_guest: code(Deleted) => ("invalid_grant", 50020, "does not exist in tenant");
    code_for_a_reset_guest: code(Reset) => ("invalid_grant", 50014, "to the tenant 'Contoso' yet");

    refresh_token_for_a_pending_guest: refresh_token(Pending) => ("invalid_grant", 50020, "does not exist in tenant");
    refresh_token_for_a_guest_who_declined: refresh_token(Declined) => ("invalid_grant", 50020, "does not exist in tenant");
    refresh_token_for_a_disabled_guest: refresh_token(Disabled) => ("invalid_grant", 500571, "guest user account is disabled");
    refresh_token_for_a_deleted_guest: refresh_token(Deleted) => ("invalid_grant", 50020, "does not exist in tenant");
    refresh_token_for_a_reset_guest: refresh_token(Reset) => ("invalid_grant", 50014, "to the tenant 'Contoso' yet");

    home_refresh_token_for_a_pending_guest: home_refresh_token(Pending) => ("interaction_required", 50014, "has not redeemed");
    home_refresh_token_for_a_guest_who_declined: home_refresh_token(Declined) => ("interaction_required", 50014, "has not redeemed");
    home_refresh_token_for_a_disabled_guest: home_refresh_token(Disabled) => ("invalid_grant", 500571, "guest user account is disabled");
    home_refresh_token_for_a_deleted_guest: home_refresh_token(Deleted) => ("invalid_grant", 50020, "does not exist in tenant");
    home_refresh_token_for_a_reset_guest: home_refresh_token(Reset) => ("interaction_required", 50014, "has not redeemed");

    device_code_for_a_pending_guest: device_code(Pending) => ("authorization_pending", 70016, "Authorization is pending");
    device_code_for_a_guest_who_declined: device_code(Declined) => ("authorization_declined", 70020, "denied");
    device_code_for_a_disabled_guest: device_code(Disabled) => ("invalid_grant", 500571, "guest user account is disabled");
    device_code_for_a_deleted_guest: device_code(Deleted) => ("invalid_grant", 50020, "does not exist in tenant");
    device_code_for_a_reset_guest: device_code(Reset) => ("invalid_grant", 50014, "to the tenant 'Contoso' yet");

    hybrid_for_a_pending_guest: hybrid(Pending) => ("interaction_required", 50014, "has not redeemed");
    hybrid_for_a_guest_who_declined: hybrid(Declined) => ("interaction_required", 50014, "has not redeemed");
    hybrid_for_a_disabled_guest: hybrid(Disabled) => ("", 500571, "guest user account is disabled");
    hybrid_for_a_deleted_guest: hybrid(Deleted) => ("", 50020, "does not exist in tenant");
    hybrid_for_a_reset_guest: hybrid(Reset) => ("interaction_required", 50014, "has not redeemed");

    implicit_for_a_pending_guest: implicit(Pending) => ("interaction_required", 50014, "has not redeemed");
    implicit_for_a_guest_who_declined: implicit(Declined) => ("interaction_required", 50014, "has not redeemed");
    implicit_for_a_disabled_guest: implicit(Disabled) => ("", 500571, "guest user account is disabled");
    implicit_for_a_deleted_guest: implicit(Deleted) => ("", 50020, "does not exist in tenant");
    implicit_for_a_reset_guest: implicit(Reset) => ("interaction_required", 50014, "has not redeemed");
}
