//! From text to a syntax tree: tokens, grammar, and the tree printed again.

mod fault;
mod grammar;
mod lexer;
mod suggest;
mod syntax;
mod token;

pub(crate) use fault::Fault;
pub(crate) use grammar::{MAX_DEPTH, parse};
pub(crate) use suggest::closest;
pub(crate) use syntax::{Node, Operator, Spanned};
pub(crate) use token::Span;
