//! API discovery: endpoints of the application, learned from what it answers (section 2.16 of `waas.md`).
//!
//! Declared choices:
//!
//! - an answer is no error below status 400; a file extension is a dot in the last segment, with text before it and one to eight letters and
//!   digits behind, of which one is a letter;
//! - a hit is everything that an audit tells of, of the request and of its answer; what the exception list, or an effect `allow`, keeps
//!   from being looked at is not learned;
//! - segments that are whole or broken numbers, UUIDs, 16 or more hexadecimal digits with a digit among them, or that hold anything but
//!   unreserved and sub-delimiting characters of RFC 3986, `:` and `@`, are values: `{id}`, `{id2}`, ...;
//! - not learned, because no imported API could accept it: a path with several readings, empty segments or braces; methods but the seven of
//!   the policy; query parameters without a name, or with one that is no text;
//! - the limits are of the Defender, whose task is one application: 999 APIs (a method of a resource), 19,999 query parameters; beyond,
//!   nothing new is learned.

mod known;
mod learner;
mod path;
mod query;
mod request;
#[cfg(test)]
mod tests;

pub(crate) use learner::{Entrance, Learner};
pub(crate) use request::Lesson;
