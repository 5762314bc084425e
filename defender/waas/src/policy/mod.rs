//! The policy, compiled: which rule and app decide about a request.

mod active;
mod app;
mod endpoint;
mod scope;

pub(crate) use active::{Active, Route, Target};
pub(crate) use app::App;
pub(crate) use endpoint::glob;
