//! The world agent: owner of the namespaces of a simulated task, and relay of the sockets outside.

fn main() {}
