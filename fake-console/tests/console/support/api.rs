//! A caller of the REST API.

use reqwest::{Certificate, Client, Method};
use serde_json::Value;
use std::net::SocketAddr;

pub struct Api {
    client: Client,
    base: String,
    credentials: Option<(String, String)>,
    bearer: Option<String>,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
    pub content_type: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn error(&self) -> String {
        self.json()["err"].as_str().unwrap_or_else(|| panic!("no err: {}", self.text)).to_owned()
    }
}

impl Api {
    pub fn new(address: SocketAddr, ca: &str, user: Option<&str>) -> Self {
        let client = Client::builder()
            .tls_certs_only([Certificate::from_pem(ca.as_bytes()).unwrap()])
            .build()
            .unwrap();
        Self {
            client,
            base: format!("https://{address}/api/v1"),
            credentials: user.map(|user| (user.to_owned(), format!("{user}-secret"))),
            bearer: None,
        }
    }

    pub fn version(mut self, version: &str) -> Self {
        self.base = format!("{}/{version}", self.base.rsplit_once('/').unwrap().0);
        self
    }

    pub fn anonymous(mut self) -> Self {
        self.credentials = None;
        self
    }

    pub fn bearer(mut self, token: &str) -> Self {
        self.credentials = None;
        self.bearer = Some(token.to_owned());
        self
    }

    pub fn password(mut self, password: &str) -> Self {
        self.credentials.as_mut().unwrap().1 = password.to_owned();
        self
    }

    pub async fn try_send(&self, method: Method, path: &str, body: String) -> Result<Reply, reqwest::Error> {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).body(body);
        if let Some((name, password)) = &self.credentials {
            request = request.basic_auth(name, Some(password));
        }
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let content_type = response
            .headers()
            .get("content-type")
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        Ok(Reply { status, text: response.text().await?, content_type })
    }

    pub async fn send(&self, method: Method, path: &str, body: String) -> Reply {
        self.try_send(method, path, body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, String::new()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, body.to_string()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, String::new()).await
    }
}
