//! Rows that somebody has written into the store file: read, checked, refused.

use guestpass::Server;

use crate::support::*;

const FRANK: &str = "frank@northwind.example";

/// A sign-in of Frank's that stands at Review permissions, in a file.
struct Standing {
    server: Server,
    file: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Standing {
    async fn start() -> Self {
        crate::recorder::start();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        let server = Server::builder().store_file(&file).start().await.expect("a server starts");
        Self { server, file, _folder: folder }
    }

    /// Writes other text into the sign-in's row.
    fn tamper(&self, change: impl Fn(&str) -> String) {
        let store = rusqlite::Connection::open(&self.file).unwrap();
        store.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        let select = "SELECT id, body FROM records WHERE kind = 'interaction'";
        let (id, body): (String, String) =
            store.query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let changed = change(&body);
        assert_ne!(changed, body, "nothing was changed in {body}");
        let update = "UPDATE records SET body = ? WHERE kind = 'interaction' AND id = ?";
        assert_eq!(store.execute(update, (changed, id)).unwrap(), 1);
    }
}

async fn refused(change: impl Fn(&str) -> String) {
    let standing = Standing::start().await;
    let server = &standing.server;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, FRANK).await;
    type_passcode(server, &mut browser, FRANK).await;
    assert_eq!(browser.heading(), "Review permissions");
    standing.tamper(change);
    browser.submit(&[], None).await;
    assert_eq!(browser.status(), 500, "{}", browser.text());
    assert!(browser.parameter("code").is_none());
    assert_eq!(state_of(server, 6).await, "PendingAcceptance");
}

#[tokio::test]
async fn a_sign_in_that_was_moved_to_another_tenant_is_refused() {
    refused(|body| {
        let at =
            body.rfind(&format!("\"tenant\":\"{CONTOSO}\"")).expect("the tenant of the person");
        let (before, after) = body.split_at(at);
        format!("{before}{}", after.replacen(CONTOSO, TAILSPIN, 1))
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_without_its_request_is_refused() {
    refused(|body| {
        let mut document: serde_json::Value = serde_json::from_str(body).unwrap();
        document["request"] = serde_json::Value::Null;
        document.to_string()
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_of_another_format_is_refused() {
    refused(|body| body.replacen("\"v\":1", "\"v\":2", 1)).await;
}

#[tokio::test]
async fn a_sign_in_that_is_no_document_is_refused() {
    refused(|body| body[..body.len() / 2].to_owned()).await;
}

/// A row may say that everything is accepted; the guest object does not, so no code comes.
#[tokio::test]
async fn a_sign_in_that_claims_to_be_redeemed_gives_no_code() {
    let standing = Standing::start().await;
    let server = &standing.server;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, FRANK).await;
    type_passcode(server, &mut browser, FRANK).await;
    assert_eq!(browser.heading(), "Review permissions");
    standing.tamper(|body| {
        let mut document: serde_json::Value = serde_json::from_str(body).unwrap();
        let state = document["state"].as_object_mut().unwrap();
        state.insert("stage".into(), "consenting".into());
        state.insert("ask_to_stay".into(), false.into());
        state.insert("consented_now".into(), true.into());
        document.to_string()
    });
    let url = browser.url().to_owned();
    browser.open(&url).await;
    assert!(browser.parameter("code").is_none(), "{}", browser.url());
    assert_eq!(state_of(server, 6).await, "PendingAcceptance");
}
