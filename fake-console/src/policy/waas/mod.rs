//! What a WAAS policy must look like (sections 1.2 to 1.4 of `waas.md`).

mod access;
mod answers;
mod api;
mod certificates;
mod check;
mod clients;

pub(super) use certificates::Certificates;
pub(crate) use certificates::private_keys;
pub(super) use check::check_waas;
pub(crate) use check::name_apps;
