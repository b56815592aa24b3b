//! The journey itself, from the link to the tokens.

use axum::body::Body;
use axum::http::Request;
use guestpass::Server;
use guestpass::broker::EntryName;
use guestpass::decide::TraceEntry;
use guestpass::decide::explain::Explanation;
use guestpass::directory::User;
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::hops::{Beat, Walk, internal};
use super::pick::{Cast, Client};
use crate::cli::failure::CliFault;

/// A journey that has been walked.
#[derive(Debug, Serialize)]
pub(super) struct Story {
    /// `direct-link` or `email-link`.
    pub(super) entry: &'static str,
    /// What discovery says, and why.
    pub(super) discovery: Explanation,
    /// What happened.
    pub(super) beats: Vec<Beat>,
    /// Everything that was decided in the sign-in, discovery included.
    pub(super) decisions: Vec<TraceEntry>,
    /// The guest object before.
    pub(super) before: Object,
    /// The guest object after.
    pub(super) after: Object,
    /// How it ended.
    pub(super) ending: Ending,
}

/// The guest object, as far as a redemption changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    pub(super) external_user_state: String,
    pub(super) identity_issuer: Option<String>,
    pub(super) bound_to: Option<String>,
}

/// How a journey ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    /// With tokens, decoded.
    Tokens {
        /// Whether the code came without another page.
        at_once: bool,
        id_token: Map<String, Value>,
        access_token: Map<String, Value>,
    },
    /// With a refusal, or at a page that leads no further.
    Page { heading: String, alert: Option<String> },
}

/// Walks it.
pub(super) async fn walk(
    server: &Server,
    cast: &Cast,
    entry: EntryName,
) -> Result<Story, CliFault> {
    let asked = server.broker().explain(&cast.tenant.to_string(), &cast.guest, entry).await;
    let discovery = asked.map_err(internal)?;
    let mut walk = Walk::new(server, cast);
    let by_mail = entry == EntryName::EmailLink;
    let link = if by_mail { accept_link(server, cast).await? } else { None };
    if link.is_none() && (by_mail || !cast.invited) {
        invite(server, cast, by_mail).await?;
        walk.does(format!("{} is invited to {}", cast.guest, cast.tenant_name));
    }
    let before = object(server, cast).await?;
    if by_mail {
        let link = match link {
            Some(link) => link,
            None => accept_link(server, cast).await?.unwrap_or_default(),
        };
        walk.does("opens the invitation mail and follows Accept invitation");
        walk.open(&link).await;
        walk.go_on().await?;
    }
    let redeemed = object(server, cast).await?.external_user_state == "Accepted";
    let ending = match by_mail && !redeemed {
        true => stopped(&walk),
        false => sign_in(server, cast, &mut walk).await?,
    };
    let interaction = walk.interaction.as_deref().and_then(|id| id.parse().ok());
    let decisions = match interaction {
        Some(id) => {
            let told = server.broker().interaction(id).await.map_err(internal)?;
            let trace = told.and_then(|told| told.get("trace").cloned()).unwrap_or_default();
            serde_json::from_value(trace).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let after = object(server, cast).await?;
    Ok(Story {
        entry: entry.as_str(),
        discovery,
        beats: walk.beats,
        decisions,
        before,
        after,
        ending,
    })
}

/// Signs in to the application: authorize, code, tokens.
async fn sign_in(server: &Server, cast: &Cast, walk: &mut Walk<'_>) -> Result<Ending, CliFault> {
    const VERIFIER: &str = "demo-verifier-demo-verifier-demo-verifier-demo";
    let app = &cast.app;
    walk.does(format!("opens {}, which asks for a sign-in at {}", app.name, cast.tenant_name));
    let pages = walk.beats.iter().filter(|beat| is_page(beat)).count();
    walk.open(&authorize_url(cast, VERIFIER)).await;
    walk.go_on().await?;
    let Some(code) = walk.browser.parameter("code") else { return Ok(stopped(walk)) };
    let at_once = pages == walk.beats.iter().filter(|beat| is_page(beat)).count();
    walk.does(format!("{} redeems the code for tokens", app.name));
    let (id, tenant) = (app.id.to_string(), cast.tenant.to_string());
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("client_id", id.as_str()),
        ("client_secret", app.secret.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let tokens = token(server, &tenant, &form).await?;
    let claims = |name: &str| {
        let token = tokens.get(name).and_then(Value::as_str).unwrap_or_default();
        guestpass::jose::claims_unverified(token).unwrap_or_default()
    };
    let (id_token, access_token) = (claims("id_token"), claims("access_token"));
    Ok(Ending::Tokens { at_once, id_token, access_token })
}

fn is_page(beat: &Beat) -> bool {
    matches!(beat, Beat::Hop { page: Some(_), .. })
}

fn stopped(walk: &Walk<'_>) -> Ending {
    let error = walk.browser.parameter("error_description");
    let alert = walk.browser.alert().or(error);
    Ending::Page { heading: walk.browser.heading(), alert }
}

fn authorize_url(cast: &Cast, verifier: &str) -> String {
    let app = &cast.app;
    let mut query = Serializer::new(String::new());
    query
        .append_pair("client_id", &app.id.to_string())
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &app.redirect_uri)
        .append_pair("scope", "openid profile email offline_access User.Read")
        .append_pair("state", "demo")
        .append_pair("nonce", "demo")
        .append_pair("code_challenge", &guestpass::protocol::pkce::challenge_of(verifier))
        .append_pair("code_challenge_method", "S256");
    format!("/{}/oauth2/v2.0/authorize?{}", cast.tenant, query.finish())
}

/// The Accept link of the newest invitation.
async fn accept_link(server: &Server, cast: &Cast) -> Result<Option<String>, CliFault> {
    let tenant = cast.tenant.to_string();
    let mails = server.broker().inbox(server.origin(), &cast.guest, Some(&tenant)).await;
    Ok(mails.map_err(internal)?.into_iter().find_map(|mail| mail.links.accept))
}

/// Invites the guest through Graph, as the tenant's daemon.
async fn invite(server: &Server, cast: &Cast, by_mail: bool) -> Result<(), CliFault> {
    let hint = "Add the guest to the world file ([[tenant.guest]] with invitation = true), or give \
                a daemon of the tenant the application permission User.Invite.All.";
    let missing = || {
        let tenant = &cast.tenant_name;
        CliFault::new(format!("nobody in {tenant} could invite {}", cast.guest), hint)
    };
    let Client { id, secret, .. } = cast.inviter.as_ref().ok_or_else(missing)?;
    let id = id.to_string();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let token = token(server, &cast.tenant.to_string(), &form).await?;
    let token = token.get("access_token").and_then(Value::as_str).unwrap_or_default();
    let body = json!({
        "invitedUserEmailAddress": cast.guest,
        "inviteRedirectUrl": format!("{}/myapps?tenantid={}", server.origin(), cast.tenant),
        "sendInvitationMessage": by_mail,
    });
    let request = Request::post("/v1.0/invitations")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"));
    let (status, answer) = send(server, request.body(Body::from(body.to_string()))).await?;
    if status == 201 {
        return Ok(());
    }
    let why = answer.pointer("/error/message").and_then(Value::as_str).unwrap_or("no reason given");
    // A member, or a guest who has redeemed: nothing is missing in the world file.
    let hint = match status {
        400 => {
            "A demo redeems: name a guest who is pending, or somebody whom the tenant does not know."
        }
        _ => hint,
    };
    Err(CliFault::failed(format!("{} could not be invited: {why}", cast.guest), hint))
}

async fn token(server: &Server, tenant: &str, form: &[(&str, &str)]) -> Result<Value, CliFault> {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(format!("/{tenant}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body));
    let (status, answer) = send(server, request).await?;
    if status == 200 {
        return Ok(answer);
    }
    let why = answer.get("error_description").and_then(Value::as_str).unwrap_or_default();
    Err(CliFault::failed(
        format!("no token was given: {why}"),
        "Look at the application in the world file.",
    ))
}

async fn send(
    server: &Server,
    request: Result<Request<Body>, axum::http::Error>,
) -> Result<(u16, Value), CliFault> {
    let failed = |error: &dyn std::fmt::Display| CliFault::failed(error.to_string(), "");
    let request = request.map_err(|error| failed(&error))?;
    let response = server.call(server.origin(), request).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

async fn object(server: &Server, cast: &Cast) -> Result<Object, CliFault> {
    let found = server.broker().user_of(cast.tenant, &cast.guest).await.map_err(internal)?;
    Ok(found.map_or_else(nobody, |user| described(&user)))
}

fn nobody() -> Object {
    Object { external_user_state: "no object".to_owned(), identity_issuer: None, bound_to: None }
}

fn described(user: &User) -> Object {
    let Some(external) = &user.external else {
        return Object { external_user_state: "member".to_owned(), ..nobody() };
    };
    let linked = external.linked.as_ref();
    Object {
        external_user_state: external.state.as_str().to_owned(),
        identity_issuer: linked.map(|account| account.provider.as_str().to_owned()),
        bound_to: linked.map(|account| account.sign_in_name.clone()),
    }
}
