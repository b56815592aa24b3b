//! HTTP over a socket, for clients that know nothing of the server in this process.

use std::pin::Pin;

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::net::TcpStream;

/// Sends a request of an OpenID Connect client; follows no redirects, as the client wants it.
pub(crate) async fn http_client(request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let port = request.uri().port_u16().expect("a port");
    send_to(port, request).await
}

/// A client that finds every address at one port.
pub(crate) struct PortClient(pub(crate) u16);

impl<'c> AsyncHttpClient<'c> for PortClient {
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, std::io::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send_to(self.0, request))
    }
}

async fn send_to(port: u16, request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let uri = request.uri().clone();
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(stream))
            .await
            .map_err(std::io::Error::other)?;
    let connection = tokio::spawn(connection);
    let mut request = request.map(Body::from);
    let host = uri.authority().expect("an authority").as_str().parse().expect("a header");
    request.headers_mut().insert("host", host);
    let path = uri.path_and_query().expect("a path").as_str();
    *request.uri_mut() = path.parse().expect("a path");
    let answer = sender.send_request(request).await.map_err(std::io::Error::other)?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes().to_vec();
    connection.abort();
    Ok(HttpResponse::from_parts(parts, body))
}
