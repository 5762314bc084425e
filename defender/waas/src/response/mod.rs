//! What the firewall does to the application's answers: the response phase of section 2.3 of `waas.md`.

mod rewrite;

pub(crate) use rewrite::Rewriting;
