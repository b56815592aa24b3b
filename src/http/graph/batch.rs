//! `POST /v1.0/$batch`: each request goes through the routes as if it had come alone.

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::{Method, Request as HttpRequest};
use axum::response::Response;
use serde_json::{Value, json};

use super::{answer, caller, json_body};
use crate::broker::{BatchedRequest, read_batch};
use crate::fault::GraphFault;
use crate::http::extract::Context;

const FAILED_DEPENDENCY: u16 = 424;
const INSUFFICIENT_STORAGE: u16 = 507;
/// How much all answers together may say, in bytes; what comes after that is not done.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Status, content type and body of one answer.
type Part = (u16, Option<String>, Value);

/// All of them come with the `Authorization` of the batch.
pub(in crate::http) async fn batch(context: Context, request: Request) -> Response {
    let outcome = async {
        caller(&context).await?;
        let requests = read_batch(&json_body(request).await?)?;
        Ok::<_, GraphFault>(json!({ "responses": answers(&context, &requests).await }))
    };
    answer(&context, 200, outcome.await)
}

async fn answers(context: &Context, requests: &[BatchedRequest]) -> Vec<Value> {
    let mut statuses: BTreeMap<&str, u16> = BTreeMap::new();
    let mut responses = Vec::with_capacity(requests.len());
    let mut bytes = 0;
    for request in requests {
        // Nobody else waits for a whole batch.
        tokio::task::yield_now().await;
        let failed = |id: &&String| statuses.get(id.as_str()).is_some_and(|s| *s >= 400);
        let (status, kind, body) = match request.depends_on.iter().find(failed) {
            Some(id) => {
                let why = format!("The request '{id}', on which it depends, failed.");
                refused(FAILED_DEPENDENCY, "FailedDependency", &why)
            }
            None if bytes > MOST_BYTES => {
                let why = "The answers before it are too large; send it in a batch of its own.";
                refused(INSUFFICIENT_STORAGE, "InsufficientStorage", why)
            }
            None => answer_alone(context, request, &mut bytes).await,
        };
        statuses.insert(&request.id, status);
        let mut response = json!({ "id": request.id, "status": status });
        if let (Some(kind), Value::Object(response)) = (kind, &mut response) {
            response.insert("headers".into(), json!({ "Content-Type": kind }));
            response.insert("body".into(), body);
        }
        responses.push(response);
    }
    responses
}

async fn answer_alone(context: &Context, request: &BatchedRequest, bytes: &mut usize) -> Part {
    let authorization = context.authorization().unwrap_or_default();
    let request = match request_of(request, &context.here.origin, authorization) {
        Ok(request) => request,
        Err(why) => return refused(400, "BadRequest", &why),
    };
    // It is one of our own origins, so no socket is opened.
    let Ok(answer) = context.app.broker.http().send(request, "").await else {
        return refused(500, "InternalServerError", "The request was not answered.");
    };
    *bytes += answer.body().len();
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.filter(|_| !answer.body().is_empty()).map(str::to_owned);
    (status, kind, serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
}

/// The request as it would have come alone.
fn request_of(
    part: &BatchedRequest,
    origin: &str,
    authorization: &str,
) -> Result<HttpRequest<Vec<u8>>, String> {
    let path = part.url.trim_start_matches('/');
    let address = path.split('?').next().unwrap_or_default();
    if address.contains("://") || address.to_ascii_lowercase().starts_with("$batch") {
        return Err("The url is relative to the version, and no batch itself.".to_owned());
    }
    let method = Method::from_bytes(part.method.to_ascii_uppercase().as_bytes());
    let method = method.map_err(|_| "The method is not one of HTTP's.".to_owned())?;
    let mut request = HttpRequest::builder()
        .method(method)
        .uri(format!("{origin}/v1.0/{}", escaped(path)))
        .header("authorization", authorization);
    let own = |name: &str| ["authorization", "host", "cookie"].contains(&name);
    for (name, value) in part.headers.iter().flatten() {
        let name = name.to_ascii_lowercase();
        if !own(&name) {
            request = request.header(name, value);
        }
    }
    let body = part.body.as_ref().map(ToString::to_string).unwrap_or_default();
    request.body(body.into_bytes()).map_err(|error| format!("The request is none: {error}."))
}

/// Scripts write filters with spaces; in JSON that is no matter.
fn escaped(path: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    path.chars().fold(String::with_capacity(path.len()), |mut escaped, c| {
        match plain(c) || c.is_control() {
            true => escaped.push(c),
            false => escaped.extend(url::form_urlencoded::byte_serialize(
                c.encode_utf8(&mut [0; 4]).as_bytes(),
            )),
        }
        escaped
    })
}

fn refused(status: u16, code: &str, message: &str) -> Part {
    let body = json!({ "error": { "code": code, "message": message } });
    (status, Some("application/json".to_owned()), body)
}
