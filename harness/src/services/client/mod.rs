//! Clients outside the task.

mod encrypted;
mod exchange;
mod response;
mod sender;

pub use exchange::{Exchange, HttpRequest, RawExchange, TlsOffer};
pub use sender::{Client, Session};

/// Header that carries the token of a stimulus.
pub const TOKEN_HEADER: &str = "X-Proofhouse-Token";
