//! What a WAAS policy must look like (sections 1.2 to 1.4 of `waas.md`).

mod access;
mod answers;
mod api;
mod captcha;
mod certificates;
mod check;
mod clients;
mod secrets;

pub(super) use check::check_waas;
pub(crate) use check::name_apps;
pub(super) use secrets::Secrets;
pub(crate) use secrets::secrets_in;
