//! The reverse proxy in front of the application.

mod answers;
mod block;
mod body;
mod chunks;
mod connection;
mod counting;
mod deciding;
mod early;
mod facts;
mod findings;
mod firewall;
mod forward;
mod framing;
mod guard;
mod held;
mod http2;
mod line;
mod listener;
mod messages;
mod question;
mod rest;
mod service;
mod target;
mod upgrade;

pub(crate) use block::date;
pub(crate) use body::Body;
pub(crate) use firewall::Firewall;
#[cfg(feature = "fuzzing")]
pub(crate) use forward::forwarded;
#[cfg(feature = "fuzzing")]
pub(crate) use guard::passed;
pub(crate) use listener::Listeners;
