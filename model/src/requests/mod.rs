//! Requests through WAAS (`reference/waas.md`): which rule and which app decide, what becomes of a request, and what is told of it.
//!
//! Whether a text is an attack is no matter of the policy: who asks says of each attack what it is, and where it stands.

mod access;
mod answer;
mod api;
mod attack;
mod bot;
mod clauses;
mod client;
mod custom;
mod endpoint;
mod exception;
mod flood;
mod found;
mod judge;
mod judged;
mod sent;
mod standing;
mod upload;

pub(crate) use answer::CLAUSES as OF_ANSWERS;
pub use answer::{AppAnswer, Headers};
pub use api::{Document, Given, Member};
pub use attack::Attack;
pub use bot::Bot;
pub(crate) use clauses::CLAUSES;
pub use custom::{Among, Expression, Meanings, Relation, Step, Subject, Test};
pub use flood::{Moment, Sending};
pub use judge::judge_request;
pub use judged::{Answer, Judged, Told};
pub use sent::{FieldOfBody, Place, Planted, Sent, Spot};
pub use standing::Standing;
pub(crate) use upload::CLAUSES as OF_UPLOADS;
pub use upload::SentFile;
