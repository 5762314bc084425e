//! What a policy means, stated as plain code: which rule governs a container, which programs may run, which names may be looked up, which
//! addresses and ports may be reached or listened on; which requests reach the app behind the firewall.
//!
//! It is there to be read and to be compared with, and shares nothing with the reference Defender but the words of
//! `proofhouse-protocol`. Each decision tells by which clauses it came about; [`CLAUSES`] has them all, with the requirements of
//! `features/requirements.json` that they state. Sections are those of `reference/runtime-and-embed.md`, and of `waas.md` for [`requests`]; what they leave open is called a choice,
//! and is declared in `docs/defender.md`.

mod address;
mod attempt;
mod clause;
mod international;
mod names;
mod network;
mod pattern;
mod process;
mod program;
pub mod requests;
mod scope;
mod verdict;

pub use attempt::{Decision, Deed, Ending, Launched, Outcome, decide, decide_one};
pub use clause::{CLAUSES, Trail};
pub use names::{entry_covers, judge_lookup, judge_question};
pub use network::{judge_listener, judge_reach};
pub use process::{judge_process, judge_start};
pub use program::{Links, Start};
pub use scope::{Container, governing_rule, ways_to_write};
pub use verdict::{Audit, Verdict};
