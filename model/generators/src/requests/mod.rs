//! Requests through the firewall, and the policies that decide on them.

mod api;
mod api_call;
mod ask;
mod bot;
mod call;
mod coding;
mod custom;
mod draw;
mod facts;
mod firewall;
mod flood;
mod load;
mod packing;
mod visit;
mod wire;

pub(crate) use api::apis;
pub use ask::{Ask, Carried, Frill, Odd};
pub use bot::AGENTS;
pub(crate) use bot::bots;
pub use call::Call;
pub use coding::Coding;
pub(crate) use custom::customs;
pub(crate) use draw::visit;
pub use firewall::{APP_PORT, PORTS, network_lists, open};
pub(crate) use firewall::{firewall, forget_texts, goes_by_text, has_limits};
pub(crate) use flood::{CLIENTS as FLOODS, floods};
pub use load::{LOADS, Load, Seat};
pub use packing::Packing;
pub use visit::{Forwarded, ODD_ANSWERS, Visit};
pub use wire::{Wire, in_chunks};
