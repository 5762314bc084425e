//! The actor: a static program that scenarios drive inside an app container.

fn main() {}
