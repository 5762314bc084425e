//! The policy, compiled: which rule and app decide about a request.

mod active;
mod app;
mod encryption;
mod endpoint;
mod error;
mod scope;

pub(crate) use active::{Active, Port, Route, Speech, Target};
pub(crate) use app::App;
pub use encryption::CertificateError;
pub(crate) use endpoint::{PathReading, covers_path, glob, has_host, path_readings, readings};
pub use error::PolicyError;
