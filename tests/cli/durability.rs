//! A file store comes back with every acknowledged write, whenever the process dies.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::process::{Serving, exchange, run, stderr};

fn invitation(number: usize) -> String {
    json!({
        "invitedUserEmailAddress": format!("guest-{number}@durable.example"),
        "inviteRedirectUrl": "http://localhost:3000/",
    })
    .to_string()
}

#[test]
fn killed_in_the_middle_of_writing_nothing_acknowledged_is_lost() {
    let data = tempfile::tempdir().unwrap();
    let store = data.path().join("guests.db");
    let store = store.to_str().unwrap();
    let mut acknowledged: Vec<usize> = Vec::new();
    let numbers = AtomicUsize::new(0);
    for round in 1..=4 {
        let mut server = Serving::start(data.path(), &["-q", "--store", store]);
        let token = server.daemon_token();
        for number in &acknowledged {
            let path = format!("/v1.0/users?$filter=mail%20eq%20'guest-{number}@durable.example'");
            let head = format!("GET {path}\nauthorization: Bearer {token}");
            let found = server.json(&head, "");
            assert_eq!(found["value"].as_array().unwrap().len(), 1, "guest-{number} is lost");
        }
        let host = server.address("http").trim_start_matches("http://").to_owned();
        let head = format!(
            "POST /v1.0/invitations\ncontent-type: application/json\nauthorization: Bearer {token}"
        );
        let done = AtomicUsize::new(0);
        let written: Vec<usize> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let mut mine = Vec::new();
                        loop {
                            let number = numbers.fetch_add(1, Ordering::SeqCst);
                            match exchange(&host, &head, &invitation(number)) {
                                Ok((201, _)) => mine.push(number),
                                Ok((status, body)) => panic!("{status}: {body}"),
                                // Killed: this one was not acknowledged.
                                Err(_) => return mine,
                            }
                            done.fetch_add(1, Ordering::SeqCst);
                        }
                    })
                })
                .collect();
            while done.load(Ordering::SeqCst) < 20 * round {
                std::thread::yield_now();
            }
            server.child.kill().unwrap();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });
        assert!(written.len() >= 20);
        acknowledged.extend(written);
    }
}

#[test]
fn a_used_store_keeps_its_world() {
    let data = tempfile::tempdir().unwrap();
    let store = data.path().join("guests.db");
    let store = store.to_str().unwrap();
    drop(Serving::start(data.path(), &["-q", "--store", store]));
    let world = data.path().join("other.toml");
    std::fs::write(&world, "consumer_domains = []\n").unwrap();
    let args = ["serve", "--no-tls", "--http", "localhost:0", "--store", store, "--world"];
    let output = run(data.path(), &[&args[..], &[world.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("seeded with another world") && text.contains("hint: "), "{text}");
    // The store is untouched and serves its own world.
    let server = Serving::start(data.path(), &["-q", "--store", store]);
    assert_eq!(server.json("GET /_guestpass/health", "")["store"], "file");
    server.daemon_token();
}
