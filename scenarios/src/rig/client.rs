//! The Console's REST API, called as a user's script would call it.

use super::RigError;
use proofhouse_protocol::observation::{Body, Observation, SharedRecorder};
use proofhouse_protocol::{Recording, Secret, Source};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Client, Method, RequestBuilder};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(20);

/// An answer of the Console.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body as JSON; null for an empty body, a string for what is not JSON.
    pub body: Value,
}

impl Answer {
    /// The `err` text of a refusal.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.body.get("err").and_then(Value::as_str)
    }

    /// Whether the call succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A user of the REST API.
#[derive(Clone)]
pub struct ConsoleClient {
    http: Client,
    base: String,
    user: String,
    password: Secret,
    recorder: SharedRecorder,
}

impl ConsoleClient {
    /// A client that trusts the Console's own authority only.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn new(
        address: SocketAddr,
        ca_pem: &str,
        (user, password): (&str, &Secret),
        recorder: SharedRecorder,
    ) -> Result<Self, RigError> {
        let certificate = Certificate::from_pem(ca_pem.as_bytes())?;
        let http = Client::builder()
            .tls_certs_only([certificate])
            .resolve("localhost", address)
            .no_proxy()
            .timeout(LIMIT)
            .build()?;
        let base = format!("https://localhost:{}/api/v1", address.port());
        Ok(Self { http, base, user: user.to_owned(), password: password.clone(), recorder })
    }

    /// The same Console as another user.
    #[must_use]
    pub fn as_user(&self, user: &str, password: &Secret) -> Self {
        Self { user: user.to_owned(), password: password.clone(), ..self.clone() }
    }

    /// One call; the path is that below `/api/v1`, with its query. The answer is recorded, with the token of a stimulus if it has
    /// one.
    ///
    /// # Errors
    /// When no answer came; an answer that refuses is an [`Answer`].
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        token: Option<&str>,
    ) -> Result<Answer, RigError> {
        let mut request = self.request(method, path)?;
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request, (method, path), body.cloned(), token).await
    }

    /// As before, with a text as it is.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn post_text(&self, path: &str, text: &str, token: &str) -> Result<Answer, RigError> {
        let request = self.request("POST", path)?.header(CONTENT_TYPE, "text/plain").body(text.to_owned());
        self.send(request, ("POST", path), Some(text.into()), Some(token)).await
    }

    fn request(&self, method: &str, path: &str) -> Result<RequestBuilder, RigError> {
        let verb = Method::from_bytes(method.as_bytes()).map_err(|_| RigError::Method(method.to_owned()))?;
        let request = self.http.request(verb, format!("{}{path}", self.base));
        Ok(request.basic_auth(&self.user, Some(self.password.reveal())))
    }

    async fn send(
        &self,
        request: RequestBuilder,
        (method, path): (&str, &str),
        sent: Option<Value>,
        token: Option<&str>,
    ) -> Result<Answer, RigError> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        self.recorder.record(Recording {
            source: Source::Outside("user of the Console".to_owned()),
            token: token.map(str::to_owned),
            observation: Observation::ConsoleAnswer {
                user: self.user.clone(),
                method: method.to_owned(),
                path: path.to_owned(),
                sent,
                status,
                body: Body::of(text.as_bytes()),
            },
        });
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        Ok(Answer { status, body })
    }

    /// One call that must succeed.
    ///
    /// # Errors
    /// When it does not, with the Console's words.
    pub async fn demand(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, RigError> {
        let answer = self.call(method, path, body, None).await?;
        if answer.is_success() {
            return Ok(answer.body);
        }
        Err(RigError::Refused {
            call: format!("{method} {path}"),
            status: answer.status,
            error: answer.error().map_or_else(|| answer.body.to_string(), str::to_owned),
        })
    }
}
