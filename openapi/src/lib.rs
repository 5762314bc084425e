//! From an OpenAPI 3 or Swagger 2 document, YAML or JSON, to the API of an app (`waas.APISpec`; sections 1.1 and 2.9 of
//! `reference/waas.md`), and from what a firewall learned of an app to a document.
//!
//! What `waas.Param` cannot express is left open rather than made wrong: alternatives (`oneOf`), members of members, patterns, lengths
//! and lists of values. Where the reference is silent, these are declared choices:
//!
//! - an endpoint has the port of its server, or that of its scheme, as its WAAS port, and no port of the app; a server without a host
//!   is host `*`, one without a scheme is without TLS; servers of single paths and operations are not looked at;
//! - effects are `disable`: what a violation leads to is the user's to say;
//! - `TRACE` is left away, which the policy has no word for; so are headers that OpenAPI 3 says are no parameters;
//! - a bound that is excluded is the next whole number of an integer, and is itself allowed of other numbers; formats such as `int32`
//!   are bounds;
//! - members of a body are required where the body is, and has no other media type; members that are read-only never are;
//! - a text may be empty where its schema has no `minLength`; in queries, and forms of Swagger 2, `allowEmptyValue` tells; what may be
//!   `null` may be empty;
//! - a body of Swagger 2 without `consumes` is JSON, a form without it is multipart if it has a file;
//! - references lead to places in the document only, and are followed with a bound on depth and number.

mod body;
mod bounds;
mod document;
mod endpoints;
mod error;
mod export;
mod form;
mod import;
mod kind;
mod limits;
mod line;
mod node;
mod parameter;
mod paths;
mod place;
mod schema;
mod text;
mod xml;

pub use error::ImportError;
pub use export::export;
pub use import::import;
pub use limits::{DEEPEST, LONGEST_DOCUMENT, MOST_ENDPOINTS, MOST_PARAMETERS, MOST_PATHS, MOST_STEPS};
