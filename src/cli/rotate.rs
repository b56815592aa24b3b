//! `guestpass keys rotate`.

use std::process::ExitCode;

use guestpass::upstream::http::HttpClient;
use hyper::Request;
use hyper::header::AUTHORIZATION;
use serde_json::Value;

use super::args::{Global, RotateArgs};
use super::data::DataDirectory;
use super::failure::CliFault;
use super::runtime;
use crate::cli::output::out;

const PATH: &str = "/_guestpass/keys/rotate";

/// Asks a running server for new keys, or replaces those of the data directory.
pub(super) fn run(global: &Global, args: RotateArgs) -> Result<ExitCode, CliFault> {
    if args.offline {
        let folder = DataDirectory::resolve(args.data)?.replace_keys()?;
        match global.json {
            true => out!("{}", serde_json::json!({ "path": folder })),
            false => {
                out!("{}", folder.display());
                eprintln!(
                    "a server signs with them once it is started anew; with a store file it goes \
                     on taking what the old keys have signed"
                );
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rotation = runtime()?.block_on(ask(&args))?;
    if global.json {
        out!("{rotation}");
        return Ok(ExitCode::SUCCESS);
    }
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    for key in rotation["keys"].as_array().into_iter().flatten() {
        out!("{}: {} replaces {}", text(key, "name"), text(key, "kid"), text(key, "replaces"));
    }
    out!("old keys are kept until {}", text(&rotation, "old_keys_kept_until"));
    Ok(ExitCode::SUCCESS)
}

async fn ask(args: &RotateArgs) -> Result<Value, CliFault> {
    let mut request = Request::post(format!("{}{PATH}", args.server));
    if let Some(token) = &args.control_token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Vec::new()).map_err(|error| {
        let hint = "A control token consists of letters, digits and marks that stand in a header.";
        CliFault::new(format!("the request cannot be written: {error}"), hint)
    })?;
    let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let answer = HttpClient::new(Vec::new()).send(request, &host).await.map_err(|fault| {
        let hint = "Start the server, name it with --server URL, or replace the keys for its next \
                    start with --offline. An https server's CA is trusted with \
                    SSL_CERT_FILE=\"$(guestpass ca)\".";
        CliFault::failed(format!("no keys were rotated: {fault}"), hint)
    })?;
    let (status, body) = (answer.status().as_u16(), answer.into_body());
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    match status {
        200 => Ok(body),
        404 => Err(CliFault::failed(
            format!("no keys were rotated: {} shows no control API to this caller", args.server),
            "Give the token that the server was started with: --control-token TOKEN.",
        )),
        status => {
            let why = body["error_description"].as_str().unwrap_or("it is no guestpass server");
            let message = format!("no keys were rotated: {} answered {status}: {why}", args.server);
            Err(CliFault::failed(message, "Check the address; the server's log says more."))
        }
    }
}
