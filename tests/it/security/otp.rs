//! Passcodes: the prose rows of the catalogue.

use std::sync::{Arc, Mutex, PoisonError};

use guestpass::Server;
use guestpass::browser::Browser;
use guestpass::entropy::Entropy;

use super::help::*;
use crate::support::*;

/// Frank has had a code sent and is asked for it.
async fn asked_for_code(server: &Server) -> (Browser<'_>, String) {
    let browser = forms::at(server, "passcode").await;
    (browser, code_for(server, FRANK).await)
}

/// A code that is not the right one.
fn other_than(code: &str) -> String {
    let (head, last) = code.split_at(7);
    format!("{head}{}", if last == "0" { "1" } else { "0" })
}

#[tokio::test(flavor = "multi_thread")]
async fn otp_01_a_code_is_dead_after_five_wrong_guesses_in_parallel() {
    let folder = tempfile::tempdir().unwrap();
    let alone = Arc::new(server().await);
    for servers in [[alone.clone(), alone], replicas(&folder).await] {
        let before = seen(&servers[0], 6).await;
        let (mut frank, code) = asked_for_code(&servers[0]).await;
        let wrong = Post::of(&servers[0], &frank, &[("otc", &other_than(&code))]);
        let guesses = (0..200).map(|n| (servers[n % 2].clone(), wrong.clone())).collect();
        let mut compared = 0;
        for answer in at_once(guesses).await {
            match answer.status {
                200 => compared += 1,
                429 => assert!(!signs_in(&answer)),
                other => panic!("{other}: {}", answer.body),
            }
        }
        assert_eq!(compared, 4, "the fifth comparison says that the code is dead");
        frank.submit(&[("otc", &code)], None).await;
        assert_eq!(frank.status(), 429, "the right one comes too late: {}", frank.text());
        assert_nothing_issued(&frank);
        assert_untouched(&servers[0], 6, &before).await;
    }
}

#[tokio::test]
async fn otp_01_five_wrong_guesses_in_turn_are_too_many() {
    let server = server().await;
    let (mut frank, code) = asked_for_code(&server).await;
    for status in [200, 200, 200, 200, 429] {
        frank.submit(&[("otc", &other_than(&code))], None).await;
        assert_eq!(frank.status(), status, "{}", frank.text());
    }
    frank.submit(&[("otc", &code)], None).await;
    assert_eq!(frank.status(), 429);
    assert!(frank.alert().unwrap().contains("Too many wrong codes"), "{}", frank.text());
    frank.submit_form(1, &[("resend", "1")], None).await;
    frank.submit(&[("otc", &code_for(&server, FRANK).await)], None).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn otp_04_the_right_code_twice_at_two_replicas_signs_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let servers = replicas(&folder).await;
    for _ in 0..8 {
        let (mut frank, code) = asked_for_code(&servers[0]).await;
        let right = Post::of(&servers[0], &frank, &[("otc", &code)]);
        let posts = (0..8).map(|n| (servers[n % 2].clone(), right.clone())).collect();
        let answers = at_once(posts).await;
        assert!(answers.iter().all(|answer| answer.status == 303), "{answers:?}");
        let winners: Vec<_> = answers.iter().filter(|answer| signs_in(answer)).collect();
        assert_eq!(winners.len(), 1);
        let cookie = winners[0].header("set-cookie");
        let session = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
        frank.set_cookie(SESSION, session);
        frank.open(winners[0].header("location")).await;
        assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
    }
    assert_eq!(state_of(&servers[1], 6).await, "PendingAcceptance");
}

#[tokio::test]
async fn otp_05_a_code_is_worth_nothing_in_another_browser_or_sign_in() {
    let server = server().await;
    let before = seen(&server, 6).await;
    let (mut frank, code) = asked_for_code(&server).await;
    let right = Post::of(&server, &frank, &[("otc", &code)]);
    let (mut thief, _) = asked_for_code(&server).await;
    // Frank's form with the thief's cookie, and with none.
    assert_refused(&right.clone().sent_by(&thief).send(&server).await, 403, "forged-request");
    let nobody = server.browser();
    assert_refused(&right.sent_by(&nobody).send(&server).await, 403, "forged-request");
    // The thief's own form with Frank's code.
    thief.submit(&[("otc", &code)], None).await;
    assert_eq!(thief.status(), 200);
    assert!(thief.alert().unwrap().contains("didn't work"), "{}", thief.text());
    assert_untouched(&server, 6, &before).await;
    frank.submit(&[("otc", &code)], None).await;
    agree_to_all(&server, &mut frank, FRANK).await;
    assert!(frank.parameter("code").is_some(), "{}", frank.text());
}

#[tokio::test]
async fn otp_07_a_code_ends_after_thirty_minutes_to_the_second() {
    let server = server_at_rest().await;
    let before = seen(&server, 6).await;
    let (mut late, code) = asked_for_code(&server).await;
    advance(&server, "PT30M1S");
    late.submit(&[("otc", &code)], None).await;
    assert_eq!(late.status(), 200);
    assert!(late.alert().unwrap().contains("expired"), "{}", late.text());
    assert_untouched(&server, 6, &before).await;
    let (mut frank, code) = asked_for_code(&server).await;
    advance(&server, "PT30M");
    frank.submit(&[("otc", &code)], None).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
}

#[tokio::test]
async fn otp_08_spaces_are_trimmed_and_other_digits_are_none() {
    let server = server().await;
    let (mut frank, code) = asked_for_code(&server).await;
    let wide: String =
        code.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
    let arabic: String =
        code.chars().map(|c| char::from_u32(u32::from(c) + 0x0630).unwrap()).collect();
    for other in [wide, arabic, format!("{code}\u{a0}")] {
        frank.submit(&[("otc", &other)], None).await;
        assert!(frank.alert().unwrap().contains("didn't work"), "{other}: {}", frank.text());
    }
    frank.submit(&[("otc", &format!(" {} {} ", &code[..4], &code[4..]))], None).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
}

/// Wrong codes in four sign-ins of their own: twenty for one address.
async fn guess_in_four_sign_ins(server: &Server) {
    for _ in 0..4 {
        let (mut thief, code) = asked_for_code(server).await;
        for _ in 0..5 {
            thief.submit(&[("otc", &other_than(&code))], None).await;
        }
    }
}

#[tokio::test]
async fn otp_13_guesses_count_for_the_address_over_all_sign_ins() {
    let server = server().await;
    let before = seen(&server, 6).await;
    guess_in_four_sign_ins(&server).await;
    let (mut thief, code) = asked_for_code(&server).await;
    for typed in [other_than(&code), code] {
        thief.submit(&[("otc", &typed)], None).await;
        assert_eq!(thief.status(), 429, "even the right one: {}", thief.text());
        assert!(thief.alert().unwrap().contains("locked"), "{}", thief.text());
        assert_nothing_issued(&thief);
    }
    assert_untouched(&server, 6, &before).await;
}

#[tokio::test]
async fn otp_14_a_lock_unlocks_by_itself_and_concerns_one_address() {
    let server = server_at_rest().await;
    let (mut frank, code) = asked_for_code(&server).await;
    guess_in_four_sign_ins(&server).await;
    frank.submit(&[("otc", &code)], None).await;
    assert_eq!(frank.status(), 429, "{}", frank.text());
    // Nobody else is locked.
    let mut alice = signed_in(&server, ALICE).await;
    assert!(is_signed_in(&mut alice).await);
    // Frank's own code has not been touched; nobody has to unlock anything.
    advance(&server, "PT10M");
    frank.submit(&[("otc", &code)], None).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
}

/// The answer does not tell how near a guess was: not by its status, its words or its length, and
/// each guess costs one of the five. That the comparison takes the same time for each is the
/// constant-time comparison of digests in `MacKey::verifies`; no clock is read here.
#[tokio::test]
async fn otp_15_a_guess_of_any_length_is_answered_alike() {
    let server = server().await;
    let mut pages = std::collections::BTreeSet::new();
    for length in [0, 1, 7, 8, 9, 16, 4000] {
        let (mut frank, code) = asked_for_code(&server).await;
        let wrong = other_than(&code).chars().cycle().take(length).collect::<String>();
        frank.submit(&[("otc", &wrong)], None).await;
        let form = frank.forms().remove(0);
        let page = frank.html().replace(&form.action, "").replace(&form.hidden[0].1, "");
        pages.insert((frank.status(), page));
        advance(&server, "PT10M");
    }
    assert_eq!(pages.len(), 1, "{pages:#?}");
}

/// What is logged, in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn otp_16_a_code_stands_in_the_mail_and_nowhere_else() {
    let log = Log::default();
    let (kept, level) = (log.clone(), tracing::Level::TRACE);
    let format = tracing_subscriber::fmt().with_max_level(level).with_writer(move || kept.clone());
    // With one subscriber alone, tracing asks the thread that meets a call site first, for ever: with
    // two it asks both. Under plain `cargo test` that thread is another test's.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(format.finish());
    tracing::callsite::rebuild_interest_cache();
    let server = server().await;
    let (mut frank, code) = asked_for_code(&server).await;
    let id = sign_in_of(&frank);
    let mut pages = vec![frank.html().to_owned()];
    frank.submit(&[("otc", &other_than(&code))], None).await;
    pages.push(frank.html().to_owned());
    let refused =
        Post::of(&server, &frank, &[("otc", &code)]).without("canary").send(&server).await;
    pages.push(refused.body);
    frank.submit(&[("otc", &code)], None).await;
    pages.push(frank.html().to_owned());
    agree_to_all(&server, &mut frank, FRANK).await;
    pages.push(told(&server, &id).await.to_string());
    pages.extend(frank.hops.iter().map(|hop| format!("{hop:?}")));
    pages.push(frank.url().to_owned());
    assert!(pages.iter().all(|page| !page.contains(&code)), "{code} in {pages:#?}");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("forged-request"), "refusals are logged: {log}");
    assert!(!log.contains(&code), "{log}");
    assert!(frank.parameter("code").is_some(), "{}", frank.text());
}

#[test]
fn otp_17_codes_are_uniform_and_keep_their_zeros() {
    let entropy = Entropy::system();
    let mut counts = [[0_u32; 10]; 8];
    for _ in 0..100_000 {
        let code = entropy.passcode();
        assert_eq!(code.reveal().len(), 8);
        for (place, digit) in code.reveal().bytes().enumerate() {
            counts[place][usize::from(digit - b'0')] += 1;
        }
    }
    for place in counts {
        let chi: f64 = place.iter().map(|n| (f64::from(*n) - 10_000.0).powi(2) / 10_000.0).sum();
        // Nine degrees of freedom: above 60 about once in a thousand million runs.
        assert!(chi < 60.0, "chi-square {chi}");
    }
}
