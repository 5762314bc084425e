//! Regular expressions in the syntax of RE2, as section 2.14 of `waas.md` wants them.
//!
//! The `regex` crate has the same semantics and another syntax; `translate` writes what RE2 means in it.

mod class;
mod compiled;
mod escape;
mod repeat;
mod translate;

pub(crate) use compiled::Pattern;

use compiled::PatternError;
