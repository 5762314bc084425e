//! Requests against APIs.

mod asked;
mod bodies;
mod conforming;
mod parameters;
mod paths;
