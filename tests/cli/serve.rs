//! `guestpass serve`: what it prints, what it refuses, how it ends.

use std::io::Write as _;

use crate::process::{Serving, guestpass, run, stderr, stdout};

#[test]
fn says_where_to_go_and_when_it_is_ready() {
    let data = tempfile::tempdir().unwrap();
    let server = Serving::start(data.path(), &[]);
    let text = server.lines.join("\n");
    let origin = server.address("http");
    for expected in [
        &format!("{origin}/inbox"),
        &format!("{}/c0a70500-0000-4000-8000-00000000c0a7  Contoso", server.address("https")),
        "c0a70500-0000-4000-8000-0000000000a1",
        "contoso-web-secret",
        "frank@northwind.example",
        data.path().join("tls/ca.pem").to_str().unwrap(),
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    assert!(!text.contains('\x1b'), "no colours off a terminal");
    let health = server.json("GET /_guestpass/health", "");
    assert_eq!(health["status"], "ok");
}

#[test]
fn quiet_leaves_the_lines_that_machines_read() {
    let data = tempfile::tempdir().unwrap();
    let server = Serving::start(data.path(), &["--quiet"]);
    let shape: Vec<_> = server.lines.iter().map(|l| l.split("//").next().unwrap()).collect();
    assert_eq!(shape[..2], ["listening http:", "listening https:"]);
    assert!(server.lines[2].starts_with("guestpass ready in ") && server.lines[2].ends_with(" ms"));
    assert_eq!(server.lines.len(), 3);
}

#[test]
fn a_port_in_use_is_one_clear_line_and_a_hint() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("localhost:{}", taken.local_addr().unwrap().port());
    let output = run(data.path(), &["serve", "--no-tls", "--http", &address]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(
        text.starts_with(&format!("error: cannot listen on {address}: the port is in use\nhint: ")),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(stdout(&output), "", "it was never ready");
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_starts() {
    let data = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = data.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let world = file("typo.toml", "[[tenant]]\nnmae = \"X\"\n");
    let config = file("config.toml", "htpp = [\"localhost:0\"]\n");
    let garbage = file("garbage.pem", "no key");
    let store = file("store.db", "this is no database, however long it is, and it is long enough");
    for (args, message, hint) in [
        (vec!["--world", &world], "typo.toml:2:1: unknown field `nmae`", "Did you mean `name`?"),
        (vec!["--world", "/nowhere.toml"], "cannot read /nowhere.toml", "Check the path"),
        (
            vec!["--config", &config],
            "config.toml:1:1: unknown field `htpp`",
            "Did you mean `http`?",
        ),
        (vec!["--origin", "ftp://x"], "'ftp://x' is not an origin", "--help"),
        (vec!["--http", "nonsense"], "'nonsense' is not an address", "--help"),
        (vec!["--store", "postgres://localhost/x"], "not in PostgreSQL", "--store FILE.db"),
        (vec!["--store", &store], "the store cannot be used", "--store"),
        (vec!["--tls-cert", &garbage], "go together", "--tls-key"),
        (
            vec!["--tls-cert", &garbage, "--tls-key", &garbage],
            "the certificate cannot be used",
            "PEM",
        ),
        (vec!["--signing-key", &garbage], "not a signing key", "guestpass keys new"),
    ] {
        let mut command = guestpass(data.path());
        command.args(["serve", "--http", "localhost:0", "--https", "localhost:0"]);
        let output = command.args(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = stderr(&output);
        assert!(text.contains(message) && text.contains(hint), "{args:?}: {text}");
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn flags_win_over_variables_and_those_over_the_config_file() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("config.toml");
    std::fs::write(&config, "no_tls = true\nquiet = true\nstore = \"from-config.db\"\n").unwrap();
    let serve = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = guestpass(data.path());
        command.env("GUESTPASS_CONFIG", &config).env("GUESTPASS_HTTP", "localhost:0");
        command.envs(variables.iter().copied()).args(args);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        let lines: Vec<String> = lines.map_while(Result::ok).take(2).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(lines[0].starts_with("listening http:"), "quiet, no https: {lines:?}");
    };
    serve(&[], &[]);
    assert!(data.path().join("from-config.db").exists(), "beside the config file");
    let (env, flag) = (data.path().join("from-env.db"), data.path().join("from-flag.db"));
    let variable = [("GUESTPASS_STORE", env.to_str().unwrap())];
    serve(&variable, &[]);
    assert!(env.exists());
    std::fs::remove_file(&env).unwrap();
    serve(&variable, &["--store", flag.to_str().unwrap()]);
    assert!(flag.exists() && !env.exists());
}

#[cfg(unix)]
#[test]
fn what_a_flag_replaces_is_not_looked_at() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("guestpass.toml");
    std::fs::write(&config, "store = \"postgres://x\"\nissuer_origin = \"no origin\"\n").unwrap();
    let args = [
        "--config",
        config.to_str().unwrap(),
        "--store",
        "memory",
        "--issuer-origin",
        "https://login.example",
    ];
    let server = Serving::start(data.path(), &args);
    assert_eq!(server.json("GET /_guestpass/health", "")["store"], "memory");
}

#[test]
fn the_https_flag_wins_over_the_variable_against_it() {
    let data = tempfile::tempdir().unwrap();
    let mut command = guestpass(data.path());
    command.env("GUESTPASS_NO_TLS", "1");
    let server = Serving::start_as(command, &["--quiet"]);
    assert!(server.lines.iter().any(|line| line.starts_with("listening https:")));
}

#[test]
fn off_loopback_nobody_is_sent_to_a_closed_inbox() {
    let data = tempfile::tempdir().unwrap();
    let mut command = guestpass(data.path());
    command.args(["serve", "--http", "0.0.0.0:0", "--no-tls"]);
    let server = Serving::ready(command);
    let text = server.lines.join("\n");
    assert!(!text.contains("/inbox\n") && !text.contains("in the inbox"), "{text}");
}

#[test]
fn ends_with_an_answer_when_it_is_told_to_stop() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Serving::start(data.path(), &["--origin", "http://only-here.example"]);
    // A request is under way: its body is still coming when the signal does.
    let host = server.address("http").trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(&host).unwrap();
    write!(
        stream,
        "POST /contoso.example/oauth2/v2.0/token HTTP/1.1\r\nhost: {host}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 12\r\n\
         expect: 100-continue\r\n\r\n"
    )
    .unwrap();
    let mut first = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut first).unwrap();
    assert!(first.starts_with(b"HTTP/1.1 100 Continue"), "it waits for the body");
    let id = server.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let mut said = String::new();
    let stderr = server.child.stderr.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stderr), &mut said).unwrap();
    assert!(said.starts_with("stopping"), "{said}");
    stream.write_all(b"grant_type=x").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    // The socket may be a moment from being closed, and the port may be another server's by then:
    // what matters is that nobody is served by this one, which alone knows the name.
    let late = std::net::TcpStream::connect(&host).and_then(|mut stream| {
        stream.set_read_timeout(Some(std::time::Duration::from_secs(10)))?;
        write!(stream, "GET /_guestpass/health HTTP/1.1\r\nhost: only-here.example\r\n\r\n")?;
        let mut answer = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut answer).map(|()| answer)
    });
    assert_ne!(late.ok().as_ref(), Some(b"HTTP/1.1 200"), "nobody else is taken");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn keeps_its_ca_until_the_names_are_new() {
    let data = tempfile::tempdir().unwrap();
    let ca = data.path().join("tls/ca.pem");
    drop(Serving::start(data.path(), &["-q"]));
    let first = std::fs::read_to_string(&ca).unwrap();
    drop(Serving::start(data.path(), &["-q"]));
    assert_eq!(std::fs::read_to_string(&ca).unwrap(), first, "a later start loads it");
    let output = run(data.path(), &["ca"]);
    assert_eq!(stdout(&output).trim(), ca.to_str().unwrap());
    let output = run(data.path(), &["ca", "--origin", "https://guestpass:8443"]);
    assert!(stderr(&output).contains("new CA"), "{}", stderr(&output));
    let second = std::fs::read_to_string(&ca).unwrap();
    assert_ne!(second, first);
    drop(Serving::start(data.path(), &["-q", "--origin", "https://guestpass:8443"]));
    assert_eq!(std::fs::read_to_string(&ca).unwrap(), second);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = data.path().join("tls/server-key.pem");
        assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn many_first_starts_at_once_agree_on_one_ca() {
    let data = tempfile::tempdir().unwrap();
    let commands: Vec<_> = (0..6)
        .map(|_| {
            guestpass(data.path()).arg("ca").stdout(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in commands {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let left: Vec<_> =
        std::fs::read_dir(data.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["tls"], "nothing is left lying about");
}
