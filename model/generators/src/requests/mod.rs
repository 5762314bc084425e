//! Requests through the firewall, and the policies that decide on them.

mod answers;
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
mod guarding;
mod load;
mod packing;
mod upload;
mod visit;
mod wire;

pub use answers::{ODD_ANSWERS, OddAnswer, odd_answer};
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
pub(crate) use guarding::guarding;
pub use load::{LOADS, Load, Seat};
pub use packing::Packing;
pub use upload::{UPLOADS, Upload};
pub use visit::{Forwarded, Visit};
pub use wire::{Wire, in_chunks};
