//! The app that the actor can be: an HTTP/1.1 server that answers with what it was asked, or with what the harness wants.

mod answers;
mod body;
mod head;
mod server;

pub use answers::answer_with;
pub use server::{listen, serve};
