//! The reverse proxy in front of the application.

mod answers;
mod block;
mod body;
mod chunks;
mod connection;
mod deciding;
mod forward;
mod framing;
mod guard;
mod line;
mod listener;
mod service;
mod target;
mod upgrade;

pub(crate) use block::date;
pub(crate) use body::Body;
pub(crate) use listener::Listeners;
pub(crate) use service::Firewall;
