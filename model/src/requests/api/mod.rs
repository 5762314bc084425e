//! What a request may be by the API that its app declares (section 2.9).

mod document;
mod operation;
mod parameter;
mod resource;
#[cfg(test)]
mod tests;
mod value;

pub use document::{Document, Given, Member};
pub(super) use operation::unexpected;
