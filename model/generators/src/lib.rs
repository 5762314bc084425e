//! Policies, and what is tried under them, made up such that they meet: lists name what is tried, or nearly.
//!
//! Everything comes from a seed ([`Campaign::of`]), so that what was found can be found again. What a trial is as the policy sees it
//! ([`Trial::deeds`], [`Visit::sent`]) goes to the model; what it is for the actor ([`Trial::request`]) goes into a container, and what a
//! client sends ([`Visit::wires`]) to the firewall.

mod campaign;
mod layout;
mod lookups;
mod near;
mod policies;
mod programs;
mod requests;
mod tools;
mod trial;

pub use campaign::{Area, Batch, Campaign, Link, Round};
pub use layout::{FILES, Made, links, needed, preparation};
pub use lookups::ADDRESSES;
pub use lookups::{Lookup, Resolver};
pub use near::near;
pub use policies::Places;
pub use programs::Program;
pub use requests::{
    AGENTS, APP_PORT, Ask, Call, Carried, Coding, Forwarded, Frill, LOADS, Load, ODD_ANSWERS, Odd, OddAnswer,
    PORTS, Packing, Seat, UPLOADS, Upload, Visit, Wire, in_chunks, network_lists, odd_answer, open,
};
pub use tools::{LAUNCHERS, Launcher, Spelling, TOOLS, Tool};
pub use trial::{Trial, What};
