//! The outside inside the world container, spoken to over the relay protocol ([`proofhouse_wire::relay`]).

mod channels;
mod connection;
mod datagrams;
mod place;

pub use place::RelayOutside;

#[cfg(test)]
mod tests;
