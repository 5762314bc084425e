//! Faults as a part of the Console's interface: what can be switched on, and streams that carry it out.

mod fault;
mod stream;
mod switchboard;

pub use fault::{BadFault, Fault, LinkFault, RestFault, ServerCertificate};
pub(crate) use stream::CutStream;
pub use switchboard::Faults;
