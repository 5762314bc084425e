//! The sidecar's environment, checked.

use super::tls;
use crate::hub::MONITORING;
use proofhouse_protocol::InstallBundle;
use proofhouse_protocol::bundle::BundleError;
use proofhouse_waas::{ReCaptchaService, ReCaptchaServiceError};
use rustls::ClientConfig;
use std::sync::Arc;

/// Port of a `WS_ADDRESS` without one.
const DEFAULT_PORT: u16 = 443;

/// What the embed gave the sidecar.
#[derive(Debug)]
pub struct Settings {
    /// `FARGATE_TASK`: the family.
    pub family: String,
    /// The Console; or what is wrong with the bundle, where apps shall run all the same.
    pub console: Result<ConsoleSettings, SettingsError>,
    /// `ECS_CONTAINER_METADATA_URI_V4`, when the platform gives it.
    pub metadata: Option<String>,
    /// `FILESYSTEM_MONITORING`: the word `true`, which the wrappers have to have as well [AEFS].
    pub monitors_files: bool,
    /// `RECAPTCHA_SERVICE`: who says whether the question of reCAPTCHA was answered, if it is not the public service. The name of the
    /// variable is a declared choice.
    pub re_captcha: ReCaptchaService,
}

/// Where the Console is, and how it is known.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// Host of `WS_ADDRESS`: a name or an address.
    pub host: String,
    /// Port of `WS_ADDRESS`.
    pub port: u16,
    /// TLS with the bundle's certificates, and no others.
    pub tls: Arc<ClientConfig>,
}

/// Why the sidecar cannot start. A broken bundle stops the task since 21.04 [RN2104].
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A variable is missing.
    #[error("{0} is not set; embed the Defender again")]
    Missing(&'static str),
    /// Another kind of Defender.
    #[error("DEFENDER_TYPE {0:?} is not supported; it must be \"fargate\"")]
    Type(String),
    /// Not `wss://host[:port]`.
    #[error("WS_ADDRESS {0:?} is not of the form wss://host:port")]
    Address(String),
    /// Not `http://` or `https://` and a host.
    #[error("RECAPTCHA_SERVICE: {0}")]
    ReCaptcha(#[from] ReCaptchaServiceError),
    /// Not a bundle.
    #[error("INSTALL_BUNDLE is broken: {0}; embed the Defender again")]
    Bundle(#[from] BundleError),
    /// A bundle whose certificates cannot be used.
    #[error("INSTALL_BUNDLE is broken: {0}; embed the Defender again")]
    Certificates(#[from] tls::CertificateError),
}

impl Settings {
    /// Reads variables through a function, such as one over the environment.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let need =
            |name| variable(name).filter(|value| !value.is_empty()).ok_or(SettingsError::Missing(name));
        match variable("DEFENDER_TYPE") {
            Some(kind) if kind != "fargate" => return Err(SettingsError::Type(kind)),
            _ => {}
        }
        let (bundle, (host, port)) = (need("INSTALL_BUNDLE")?, address(&need("WS_ADDRESS")?)?);
        let console = match encryption(&bundle) {
            Ok(tls) => Ok(ConsoleSettings { host, port, tls }),
            Err(error) if variable("BROKEN_BUNDLE").as_deref() == Some("unprotected") => Err(error),
            Err(error) => return Err(error),
        };
        Ok(Self {
            family: need("FARGATE_TASK")?,
            console,
            metadata: variable("ECS_CONTAINER_METADATA_URI_V4").filter(|uri| !uri.is_empty()),
            monitors_files: variable(MONITORING).is_some_and(|word| word == "true"),
            re_captcha: match variable("RECAPTCHA_SERVICE").filter(|address| !address.is_empty()) {
                Some(address) => address.parse()?,
                None => ReCaptchaService::default(),
            },
        })
    }
}

fn encryption(bundle: &str) -> Result<Arc<ClientConfig>, SettingsError> {
    Ok(tls::client(&InstallBundle::decode(bundle)?)?)
}

fn address(text: &str) -> Result<(String, u16), SettingsError> {
    let wrong = || SettingsError::Address(text.to_owned());
    let rest = text.trim().strip_prefix("wss://").ok_or_else(wrong)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => {
            let (host, port) = v6.split_once(']').ok_or_else(wrong)?;
            (host, port.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = port.map_or(Ok(DEFAULT_PORT), str::parse).map_err(|_| wrong())?;
    if host.is_empty() { Err(wrong()) } else { Ok((host.to_owned(), port)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_protocol::Secret;
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        assert_eq!(address("wss://console.example:8084").unwrap(), ("console.example".to_owned(), 8084));
        assert_eq!(address("wss://console.example").unwrap(), ("console.example".to_owned(), 443));
        assert_eq!(address("wss://[fd00::1]:8084/").unwrap(), ("fd00::1".to_owned(), 8084));
        for wrong in ["", "console.example:8084", "ws://a:1", "wss://", "wss://a:b", "wss://[a"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_or_broken_is_named() {
        let read = |bundle: Option<&str>| {
            let bundle = bundle.map(str::to_owned);
            Settings::read(move |name| match name {
                "INSTALL_BUNDLE" => bundle.clone(),
                "WS_ADDRESS" => Some("wss://c:1".to_owned()),
                "FARGATE_TASK" => Some("f".to_owned()),
                _ => None,
            })
            .unwrap_err()
            .to_string()
        };
        assert!(read(None).contains("INSTALL_BUNDLE is not set"));
        assert!(read(Some("%%%")).contains("INSTALL_BUNDLE is broken"));
        let empty =
            InstallBundle { ca_cert: String::new(), client_cert: String::new(), client_key: Secret::new("") };
        assert!(read(Some(empty.encode().reveal())).contains("INSTALL_BUNDLE is broken"));
        let let_run = Settings::read(|name| match name {
            "BROKEN_BUNDLE" => Some("unprotected".to_owned()),
            "INSTALL_BUNDLE" => Some("%%%".to_owned()),
            "WS_ADDRESS" => Some("wss://c:1".to_owned()),
            name => Some(name.to_owned()).filter(|name| name == "FARGATE_TASK"),
        });
        assert!(matches!(let_run.unwrap().console, Err(SettingsError::Bundle(_))));
        let other = Settings::read(|name| (name == "DEFENDER_TYPE").then(|| "daemonset".to_owned()));
        assert!(matches!(other, Err(SettingsError::Type(_))));
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic(text in ".{0,40}") {
            let _ = address(&text);
            let _ = address(&format!("wss://{text}"));
        }
    }
}
