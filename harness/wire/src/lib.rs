//! What the harness and its two helpers inside containers say to each other: the relay frames and the actor requests.
//!
//! It stands apart from the harness so that the static helpers do not carry the harness with them.

pub mod relay;
