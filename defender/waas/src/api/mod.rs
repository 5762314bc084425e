//! API protection: what a request may be by the API that its app declares (section 2.9 of `waas.md`).
//!
//! Declared choices:
//!
//! - paths are compared with case, and a slash at the end makes another path; literal segments go before templates, from the left; a
//!   path with empty or dot segments is none of the API; a method is declared or not, `HEAD` does not come with `GET`;
//! - a path that may be read in two ways (encoded twice, with backslashes, parameters of segments, a zero byte) must be right in each
//!   of them that leads to an endpoint of the app;
//! - a value is decoded once, and then split where it is a list; of a parameter that is sent several times, and is no list, every
//!   value is checked; so is what is sent under its name in another case;
//! - a header that ends at the proxy is not there; `null` in JSON counts as empty;
//! - a query parameter of type object may have any names: with one, no query parameter is undeclared;
//! - of a body that is not inspected to its end the values that were seen are checked, and none is missing; of one that is not inspected
//!   at all nothing is checked;
//! - a JSON body that is not JSON to its end violates every declaration of its members; JSON and XML parameters are the members of
//!   the document, and the children of its root;
//! - an effect `disable` takes its violations away: behind a parameter that may be wrong, undeclared query parameters count;
//! - where the body is read in several ways, every one of them counts.

mod base;
mod operation;
mod parameter;
mod paths;
mod protection;
mod reading;
mod sent;
mod value;
mod violation;

#[cfg(test)]
mod tests;

pub(crate) use protection::{ApiProtection, Arrived};
pub(crate) use violation::KIND;
