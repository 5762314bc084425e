//! The embed and the install bundle (section 2.6). Unknown query parameters are ignored (E26).

use super::{Console, Parameters, json, pairs};
use crate::audits::Query;
use crate::embed::{EmbedError, EmbedRequest, embed, embed_yaml, web_socket_address};
use crate::policy::Refusal;
use crate::rest::answer::{Answer, document};
use crate::state::Shared;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use serde_json::json as value;

impl From<EmbedError> for Refusal {
    fn from(error: EmbedError) -> Self {
        Self::bad(error.to_string())
    }
}

/// The address that the caller gave for the Console.
fn console_address(query: &Query) -> Result<String, Refusal> {
    match query.one("consoleaddr") {
        Some(address) if !address.trim().is_empty() => Ok(address.trim().to_owned()),
        _ => Err(EmbedError::MissingConsoleAddress.into()),
    }
}

fn defender_type(query: &Query) -> Result<(), Refusal> {
    match query.one("defenderType") {
        None | Some("" | "fargate" | "appEmbedded") => Ok(()),
        Some(other) => Err(Refusal::bad(format!(
            "query parameter defenderType is '{other}': use fargate or appEmbedded"
        ))),
    }
}

fn request(shared: &Shared, query: &Query) -> Result<EmbedRequest, Refusal> {
    let console_address = console_address(query)?;
    defender_type(query)?;
    // Known and without a documented meaning here, but a wrong value is still a mistake.
    query.flag("cloudFormation")?;
    let filesystem_monitoring = match query.flag("filesystemMonitoring")? {
        Some(on) => on,
        None => shared.lock().filesystem_monitoring,
    };
    let extract_entrypoint = query.flag("extractEntrypoint")?.unwrap_or(false);
    let mut request = shared.embed_request(&console_address)?;
    request.filesystem_monitoring = filesystem_monitoring;
    request.extract_entrypoint = extract_entrypoint;
    if let Some(image) = query.one("defenderImage").filter(|image| !image.is_empty()) {
        request.sidecar_image = image.to_owned();
    }
    Ok(request)
}

pub(crate) async fn fargate_json(State(shared): Console, parameters: Parameters, body: Bytes) -> Answer {
    let request = request(&shared, &pairs(parameters))?;
    document(&embed(json(&body)?, &request)?)
}

pub(crate) async fn fargate_yaml(State(shared): Console, parameters: Parameters, body: Bytes) -> Answer {
    let request = request(&shared, &pairs(parameters))?;
    let text = std::str::from_utf8(&body).map_err(|error| EmbedError::Unreadable(error.to_string()))?;
    let protected = embed_yaml(text, &request)?;
    Ok(([(header::CONTENT_TYPE, "application/yaml")], protected).into_response())
}

pub(crate) async fn install_bundle(State(shared): Console, parameters: Parameters) -> Answer {
    let query = pairs(parameters);
    let address = console_address(&query)?;
    defender_type(&query)?;
    let request = shared.embed_request(&address)?;
    document(&value!({
        "installBundle": request.install_bundle.reveal(),
        "wsAddress": web_socket_address(&address, shared.config.link_port),
    }))
}

impl Shared {
    /// An embed with a bundle of its own, and this Console's defaults.
    pub(crate) fn embed_request(&self, console_address: &str) -> Result<EmbedRequest, Refusal> {
        let internal = |error: &dyn std::fmt::Display| Refusal::new(500, error.to_string());
        let bundle =
            self.authority.install_bundle(&*self.config.recorder).map_err(|error| internal(&error))?;
        Ok(EmbedRequest {
            console_address: console_address.to_owned(),
            link_port: self.config.link_port,
            sidecar_image: self.config.sidecar_image(self.version()),
            install_bundle: bundle.encode(),
            filesystem_monitoring: self.lock().filesystem_monitoring,
            fips: self.config.fips,
            unprotected_without_bundle: !self.config.semantics.broken_bundle_fails,
            extract_entrypoint: false,
            image_configs: self.config.image_configs.clone(),
            names: self.config.embed.clone(),
            compatibility: self.config.compatibility,
        })
    }
}
