//! `guestpass keys rotate`.

use serde_json::Value;

use crate::process::{Serving, run, stderr, stdout};

fn kids(server: &Serving) -> Vec<String> {
    let keys = server.json("GET /common/discovery/v2.0/keys", "");
    let keys = keys["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn reaches_a_running_server() {
    let data = tempfile::tempdir().unwrap();
    let server = Serving::start(data.path(), &["-q"]);
    let before = kids(&server);
    let address = server.address("http");
    let output = run(data.path(), &["keys", "rotate", "--server", &address]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.starts_with("work: ") && told.contains(&format!("replaces {}", before[0])));
    assert!(told.contains("old keys are kept until "), "{told}");
    let after = kids(&server);
    assert_eq!(after.len(), 4);
    assert!(before.iter().all(|kid| after.contains(kid)));
    let output = run(data.path(), &["keys", "rotate", "--json", "--server", &address]);
    let told: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(told["keys"][0]["replaces"], after[0]);
    assert_eq!(kids(&server)[0], told["keys"][0]["kid"]);
}

#[test]
fn says_what_to_do_if_it_cannot() {
    let data = tempfile::tempdir().unwrap();
    let rotate = |server: &str| {
        let output = run(data.path(), &["keys", "rotate", "--server", server]);
        (output.status.code(), stderr(&output))
    };
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, said) = rotate(&format!("http://127.0.0.1:{port}"));
    assert_eq!(code, Some(1));
    assert!(
        said.contains("cannot be reached") && said.contains("hint: Start the server"),
        "{said}"
    );
    assert_eq!(rotate("localhost:8080").0, Some(2), "no address");
}

#[test]
fn needs_the_control_token_off_loopback_and_replaces_keys_offline() {
    let data = tempfile::tempdir().unwrap();
    let store = data.path().join("guests.db");
    let store = store.to_str().unwrap();
    let start = || {
        let mut command = crate::process::guestpass(data.path());
        command.args(["serve", "-q", "--http", "0.0.0.0:0", "--no-tls", "--store", store]);
        Serving::ready({
            command.args(["--control-token", "control-secret"]);
            command
        })
    };
    let server = start();
    let address = server.address("http");
    let (before, token) = (kids(&server), server.daemon_token());
    let output = run(data.path(), &["keys", "rotate", "--server", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--control-token"), "{}", stderr(&output));
    assert_eq!(kids(&server), before);
    let with_token = ["keys", "rotate", "--server", &address, "--control-token", "control-secret"];
    let output = run(data.path(), &with_token);
    assert!(output.status.success(), "{}", stderr(&output));
    let rotated = kids(&server);
    assert_eq!((rotated.len(), before.contains(&rotated[0])), (4, false));
    drop(server);
    let output = run(data.path(), &["keys", "rotate", "--offline"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).trim().ends_with("keys"));
    // The new keys sign; those of before are told and taken.
    let server = start();
    let now = kids(&server);
    assert!(now.len() == 6 && !rotated.contains(&now[0]), "{now:?}");
    assert!(rotated.iter().all(|kid| now.contains(kid)));
    // The port is another one, and with it the issuer; so the token is refused for that alone.
    let (status, body) =
        server.request(&format!("GET /v1.0/users\nauthorization: Bearer {token}"), "");
    assert!(status == 401 && body.contains("issuer"), "{status} {body}");
}
