//! The commands that answer and end.

use serde_json::Value;

use crate::process::{run, stderr, stdout};

fn ask(args: &[&str]) -> std::process::Output {
    let data = tempfile::tempdir().unwrap();
    run(data.path(), args)
}

fn json(args: &[&str]) -> Value {
    let output = ask(args);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

#[test]
fn explain_tells_people_and_machines_the_same() {
    let carol = ["explain", "carol@outlook.com", "--tenant", "contoso.example", "--entry"];
    let text = stdout(&ask(&[&carol[..], &["email-link"]].concat()));
    insta::assert_snapshot!(text, @"
    carol@outlook.com signs in with mail
    tenant c0a70500-0000-4000-8000-00000000c0a7, entry email-link, profile classic, guest PendingAcceptance

    step  rule                         verdict   because
       0  member                       skipped   carol@outlook.com is no member of Contoso
       0  already-redeemed             skipped   carol@outlook.com has not redeemed yet
       1  entra-and-microsoft-account  skipped   no Entra account named carol@outlook.com
       1  contact-conflict             skipped   no contact holds the address
       1  entra-account                skipped   no Entra tenant has an account carol@outlook.com
       2  saml-wsfed-federation        skipped   Contoso has no federation for outlook.com
       3  google-federation            skipped   outlook.com is no Google domain
       4  microsoft-account            skipped   an existing Microsoft account is not looked for on the e-mail link
       7  one-time-passcode            decided   no other home, and Contoso mails passcodes
    ");
    let told = json(&[&carol[..], &["direct-link", "--json"]].concat());
    assert_eq!(told["decided_by"], "microsoft-account");
    assert_eq!(told["outcome"]["identity_provider"], "MicrosoftAccount");
    assert_eq!(told["trace"].as_array().unwrap().last().unwrap()["verdict"], "decided");
    let output = ask(&["explain", "a@b.example", "--tenant", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("nowhere") && stderr(&output).contains("hint: "));
}

#[test]
fn demo_compare_shows_what_the_mail_does_not_find() {
    let output = ask(&["demo", "compare", "--guest", "carol@outlook.com"]);
    let text = stdout(&output);
    assert!(output.status.success());
    for line in [
        "≠ 4 microsoft-account",
        "an existing Microsoft account is",
        "DECIDED: a Microsoft account",
        "≠ 7 one-time-passcode",
        "signs in with MicrosoftAccount",
        "live.com",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let both = json(&["demo", "compare", "--json"]);
    assert_eq!(both["email"]["discovery"]["outcome"]["identity_provider"], "mail");
    assert_eq!(
        both["direct_link"]["discovery"]["outcome"]["identity_provider"],
        "MicrosoftAccount"
    );
    assert_eq!(both["email"]["after"]["identityIssuer"], "mail");
    assert_eq!(both["direct_link"]["after"]["identityIssuer"], "MicrosoftAccount");
    assert_eq!(both["email"]["ending"]["tokens"]["at_once"], true);
}

/// Every guest of the table that discovery's issue is about, by both ways: the journey that is
/// walked ends as discovery says.
#[test]
fn a_demo_walks_every_journey_to_its_end() {
    for tenant in ["contoso", "tailspin", "woodgrove"] {
        for guest in [
            "bob@fabrikam.example",
            "carol@outlook.com",
            "dave@gmail.com",
            "erin@litware.example",
            "heidi@adatum.example",
            "frank@northwind.example",
            "grace@fabrikam.example",
            "judy@proseware.example",
        ] {
            let both = json(&["demo", "compare", "--json", "--guest", guest, "--tenant", tenant]);
            for way in ["email", "direct_link"] {
                let story = &both[way];
                let refused = story["discovery"]["outcome"]["kind"] == "refused";
                let tokens = !story["ending"]["tokens"].is_null();
                assert_eq!(tokens, !refused, "{guest} {tenant} {way}: {story:#}");
                let after = if tokens { "Accepted" } else { "PendingAcceptance" };
                assert_eq!(story["after"]["externalUserState"], after, "{guest} {tenant} {way}");
            }
        }
    }
}

#[test]
fn a_demo_that_cannot_be_told_says_why() {
    for (args, message) in [
        (["demo", "email", "--tenant", "nowhere"], "the world has no tenant 'nowhere'"),
        (["demo", "email", "--guest", "no-address"], "invalid value 'no-address'"),
    ] {
        let output = ask(&args);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
}

#[test]
fn world_check_names_every_mistake_and_show_can_be_checked_again() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("world.toml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "[[tenant]]\nid = \"c0a70500-0000-4000-8000-00000000c0a7\"\nname = \"A\"\ndomains = [\"a.example\"]\n[[tenant.application]]\nclient_id = \"c0a70500-0000-4000-8000-0000000000a1\"\ndisplay_name = \"App\"\nkind = \"web\"\nredirect_uris = [\"https://app.example/cb#x\"]\n").unwrap();
    let output = run(data.path(), &["world", "check", path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("world.toml:9:"), "{}", stderr(&output));
    let output = run(data.path(), &["world", "check", "--json", path]);
    let told: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((&told["valid"], &told["problems"][0]["line"]), (&Value::Bool(false), &9.into()));
    let shown = run(data.path(), &["world", "show"]);
    std::fs::write(&file, &shown.stdout).unwrap();
    let again = run(data.path(), &["--world", path, "world", "check"]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert!(stdout(&again).contains(": ok (5 tenants"), "{}", stdout(&again));
    let one = run(data.path(), &["world", "show", "--world", path]);
    assert_eq!(one.stdout, shown.stdout, "the effective world is the same world");
}

#[test]
fn keys_new_makes_a_key_that_serve_takes() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("key.pem");
    let path = file.to_str().unwrap();
    let made = run(data.path(), &["keys", "new", "--out", path]);
    assert!(made.status.success(), "{}", stderr(&made));
    let kid = stderr(&made).split([' ', ';']).nth(1).unwrap().to_owned();
    let server = crate::process::Serving::start(data.path(), &["-q", "--signing-key", path]);
    let keys = server.json("GET /contoso.example/discovery/v2.0/keys", "");
    assert_eq!(keys["keys"][0]["kid"], kid.as_str());
    let again = run(data.path(), &["keys", "new", "--out", path]);
    assert_eq!(again.status.code(), Some(2), "a key is not overwritten");
    let printed = stdout(&run(data.path(), &["keys", "new"]));
    assert!(printed.starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn completions_and_help_are_there() {
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(&ask(&["completions", shell]));
        assert!(script.contains("guestpass") && script.contains("explain"), "{shell}");
    }
    let help = stdout(&ask(&["--help"]));
    for command in ["serve", "demo", "explain", "world", "ca", "keys"] {
        assert!(help.contains(command), "{command}");
    }
    let output = ask(&["explian"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("explain"), "{}", stderr(&output));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::process::Stdio;
    let data = tempfile::tempdir().unwrap();
    for args in [&["completions", "bash"][..], &["world", "show"], &["demo", "compare", "--json"]] {
        let mut command = crate::process::guestpass(data.path());
        let mut child =
            command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {errors}");
        assert_eq!(errors, "", "{args:?}");
    }
}

#[test]
fn a_disk_that_is_full_is_a_failure() {
    let data = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = crate::process::guestpass(data.path());
    let output = command.args(["world", "show"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.starts_with("error: cannot write to stdout: "), "{errors}");
}

#[test]
fn a_text_where_a_list_belongs_is_named_as_that() {
    let data = tempfile::tempdir().unwrap();
    let world = data.path().join("world.toml");
    let text = "[[tenant]]\nid = \"aaaa0000-0000-4000-8000-00000000aaaa\"\nname = \"A\"\n\
                domains = \"a.example\"\n\n[[tenant.user]]\n\
                id = \"aaaa0000-0000-4000-8000-000000000001\"\n\
                user_principal_name = \"ann@a.example\"\n";
    std::fs::write(&world, text).unwrap();
    let output = run(data.path(), &["world", "check", world.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let errors = stderr(&output);
    assert!(errors.contains("world.toml:4:11: a list is expected here"), "{errors}");
    assert!(errors.contains("Write it in brackets"), "{errors}");
}
