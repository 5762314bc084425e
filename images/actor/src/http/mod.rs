//! The app that the actor can be: an HTTP/1.1 server that answers with what it was asked.

mod body;
mod head;
mod server;

pub use server::{listen, serve};
