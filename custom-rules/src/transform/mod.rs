//! Transforms of values: section 2.14 of `waas.md`. Each works on bytes, in time that grows with them, and says
//! nothing when the value stays as it is.

mod base64;
mod case;
mod comments;
mod entity;
mod function;
mod html;
mod unicode;
mod url;
mod utf8;
mod whitespace;

pub(crate) use function::Transform;
