//! What the targets share.

pub mod heap;
pub mod message;
