//! The WAAS firewall of the reference Defender: detection compiled from the Core Rule Set, and the reverse proxy.
//!
//! [`Waas`] is what the sidecar uses; [`Detector`] is the pure engine. Where `reference/waas.md` is silent, these are
//! declared choices:
//!
//! - order of the protections: see [`Attack`]; attack tools and malformed requests are looked for where the rules
//!   say, everything else in every place that an application reads values from; a protocol header is such a place
//!   unless its value has the header's own grammar;
//! - the client is the first public address of `X-Forwarded-For`; the peer is appended to that header on the way to
//!   the application; `Expect` and connection headers are not passed on;
//! - contradictory framing is answered 400 whatever the effect of the malformed-request protection, and audited
//!   unless that is off; a head that cannot be read at all is answered 400 without an audit; `CONNECT` is answered 405;
//! - a request that matches no endpoint goes to the application of the port's first endpoint, uninspected and without
//!   an event id;
//! - while a client is banned each of its requests is one `violationsExceeded` audit with effect `ban`, and nothing
//!   else is reported; a ban ends early when a new policy changes or removes its app;
//! - bytes of a target that are not allowed in one (`<`, `>`, `#`, bytes that are no UTF-8) are percent-encoded;
//! - the choices of each setting stand in the module that serves it.

mod access;
mod api;
mod attack;
mod audit;
mod auditor;
mod bans;
mod body;
mod bots;
mod canonical;
mod captcha;
mod client_address;
mod clock;
mod config;
mod countries;
pub mod crs;
mod custom;
mod detect;
mod discovery;
mod dos;
mod event;
mod exceptions;
mod finding;
mod form;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod headers;
mod input;
mod policy;
mod proxy;
mod request;
mod response;
mod scrub;
mod sessions;
mod set;
mod statistics;
mod transform;
mod uploads;
mod waas;

pub use attack::{Attack, AttackSet, Protection, Reads};
pub use body::Unread;
pub use canonical::each_form;
pub use captcha::{ReCaptchaService, ReCaptchaServiceError, Resolve, system_resolver};
pub use clock::{Clock, SystemClock};
pub use config::WaasConfig;
pub use custom::CustomRuleError;
pub use detect::{CrsError, Detector, Leak, Match};
pub use exceptions::{ExceptionError, Exceptions};
pub use input::{Class, ClassSet, Input, Inputs, Location};
pub use policy::{CertificateError, PolicyError};
pub use request::RequestView;
pub use scrub::SensitiveDataError;
pub use transform::Transform;
pub use waas::{Waas, WaasError};
