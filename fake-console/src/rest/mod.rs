//! The REST API (section 2 of `runtime-and-embed.md`, section 1 of `waas.md`).

mod answer;
mod auth;
mod connection_faults;
mod front;
mod handlers;
mod routes;
mod serve;

pub(crate) use serve::{Encryption, serve};
