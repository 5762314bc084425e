//! The crate as its users see it, on one invented run.

mod catalogue;
mod checks;
mod exit;
mod history;
mod html;
mod round_trip;
mod sample;
mod verdict;
mod writers;
