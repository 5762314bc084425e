//! The database of countries that the reference Defender's image carries: addresses that stand for clients in tests, each with a
//! country, in the format of MaxMind DB 2.0. Nobody's data is in it, and it is the same bytes whenever it is made.

mod database;
mod tree;
mod value;

pub use database::{Block, database};
use std::net::Ipv4Addr;

/// The documentation ranges (RFC 5737), each with a country of its own, and around the two addresses with which the product's own
/// tests ask for countries (section 2.5 of `waas.md`).
pub const BLOCKS: [Block; 5] = [
    Block { network: Ipv4Addr::new(203, 0, 113, 0), prefix: 24, country: "AU" },
    Block { network: Ipv4Addr::new(198, 51, 100, 0), prefix: 24, country: "US" },
    Block { network: Ipv4Addr::new(192, 0, 2, 0), prefix: 24, country: "DE" },
    Block { network: Ipv4Addr::new(46, 33, 80, 0), prefix: 24, country: "US" },
    Block { network: Ipv4Addr::new(1, 159, 255, 0), prefix: 24, country: "AU" },
];
