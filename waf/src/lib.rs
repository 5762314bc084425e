//! Corpora of attacks and honest requests, sent through a web application firewall and counted.
//!
//! A corpus becomes [`Case`]s: raw requests, each with what is right. [`send`] tells what the firewall made of one, [`Score`]
//! counts. What a format says and a request cannot express is never dropped in silence: it is an [`Inexpressible`].

mod case;
mod draft;
mod encode;
mod formats;
mod journal;
mod log;
mod place;
mod reference;
mod run;
mod score;
mod send;

pub use case::{Case, Corpus, Expect, Inexpressible, RuleIds};
pub use draft::Draft;
pub use formats::{CorpusError, Format, read};
pub use journal::{Journal, JournalError};
pub use log::RuleLog;
pub use place::Place;
pub use reference::{Reference, ReferenceError};
pub use run::{Judged, RunError, Target};
pub use score::{ClassScore, Gate, Score, Wrong};
pub use send::{Answer, Outcome, Rules, send};
