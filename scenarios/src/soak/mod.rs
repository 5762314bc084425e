//! A soak: parts of the system are killed at moments that a seed makes up, while apps do what is denied, and no audit may be lost or doubled.

mod deeds;
mod draw;
mod killer;
mod round;
mod schedule;

pub use draw::Draw;
pub use round::{RoundDone, check, round};
pub use schedule::{KILLS, Kill, Schedule, Target};
