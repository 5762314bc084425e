//! Requests through WAAS (`reference/waas.md`): which rule and which app decide, what becomes of a request, and what is told of it.
//!
//! Whether a text is an attack is no matter of the policy: who asks says of each attack what it is, and where it stands.

mod access;
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
mod sent;
mod standing;

pub use api::{Document, Given, Member};
pub use attack::Attack;
pub use bot::Bot;
pub(crate) use clauses::CLAUSES;
pub use custom::{Among, Expression, Meanings, Relation, Step, Subject, Test};
pub use flood::{Moment, Sending};
pub use judge::{Answer, Judged, Told, judge_request};
pub use sent::{FieldOfBody, Place, Planted, Sent, Spot};
pub use standing::Standing;
