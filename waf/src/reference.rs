//! The reference firewall on loopback, in front of an application that answers everything with 200.

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use proofhouse_protocol::FirewallAudit;
use proofhouse_protocol::link::{CloudMetadata, PolicyRevision};
use proofhouse_waas::{ReCaptchaService, Waas, WaasConfig, WaasError, system_resolver};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What is at prevent.
const PROTECTIONS: [&str; 8] =
    ["sqli", "xss", "cmdi", "codeInjection", "lfi", "attackTools", "shellshock", "malformedReq"];

/// Why it does not run.
#[derive(Debug, Error)]
pub enum ReferenceError {
    /// The rule set or the policy.
    #[error(transparent)]
    Waas(#[from] WaasError),
    /// A port of this machine.
    #[error("no port on loopback: {0}")]
    Port(#[from] std::io::Error),
    /// The policy of its own.
    #[error("the policy of the reference firewall is none: {0}")]
    Policy(#[from] serde_json::Error),
}

/// It ends when it is dropped.
#[derive(Debug)]
pub struct Reference {
    waas: Waas,
    /// Where it listens.
    pub address: SocketAddr,
    messages: Arc<Mutex<HashMap<String, String>>>,
    app: tokio::task::JoinHandle<()>,
}

impl Drop for Reference {
    fn drop(&mut self) {
        self.app.abort();
    }
}

impl Reference {
    /// Starts it with the rules of that directory, every protection at prevent.
    ///
    /// # Errors
    /// See [`ReferenceError`].
    pub async fn start(crs_directory: &Path) -> Result<Self, ReferenceError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let internal = listener.local_addr()?.port();
        let app = tokio::spawn(serve(listener));
        // The port is free when the firewall opens it, unless another program is faster: then it never listens, and the
        // first request says so.
        let exposed = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await?.local_addr()?.port();
        let config = WaasConfig {
            app_id: "reference:0".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cloud: CloudMetadata::default(),
            crs_directory: crs_directory.to_owned(),
            geo_database: None,
            re_captcha: ReCaptchaService::default(),
            resolve: system_resolver,
        };
        // One at a time: when the firewall has handed over the last audit, those before it are taken.
        let (sender, mut audits) = mpsc::channel::<FirewallAudit>(1);
        let messages: Arc<Mutex<HashMap<String, String>>> = Arc::default();
        let taken = Arc::clone(&messages);
        tokio::spawn(async move {
            while let Some(audit) = audits.recv().await {
                taken.lock().unwrap_or_else(PoisonError::into_inner).insert(audit.event_id, audit.msg);
            }
        });
        let (waas, loading) = Waas::start(config, sender);
        loading.await?;
        waas.apply(&policy(exposed, internal)?).await?;
        Ok(Self { waas, address: SocketAddr::from((Ipv4Addr::LOCALHOST, exposed)), messages, app })
    }

    /// What the audits say so far, by event id.
    pub async fn messages(&self) -> HashMap<String, String> {
        self.waas.flush().await;
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn policy(exposed: u16, internal: u16) -> Result<PolicyRevision, serde_json::Error> {
    let mut app = Map::from_iter([
        ("appID".to_owned(), json!("app-0001")),
        ("apiSpec".to_owned(), json!({"endpoints": [{"exposedPort": exposed, "internalPort": internal}]})),
    ]);
    for member in PROTECTIONS {
        app.insert(member.to_owned(), json!({"effect": "prevent"}));
    }
    serde_json::from_value(json!({
        "revision": 1, "runtime": {"_id": "appEmbeddedRuntime", "rules": []}, "semantics": proofhouse_protocol::Semantics::default(),
        "waas": {"rules": [{"name": "reference", "applicationsSpec": [Value::Object(app)]}]}
    }))
}

async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let answer = service_fn(|request: Request<Incoming>| async {
            let _whole = request.into_body().collect().await;
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"ok"))))
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer),
        );
    }
}
