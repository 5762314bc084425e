//! The Console's end of the Defender link (`docs/link.md`).

mod accept;
mod admit;
mod incoming;
mod reader;
mod registry;
mod said;
mod writer;

pub(crate) use accept::serve;
