//! A whole Console on loopback, used as its users do: HTTPS calls, and a Defender's end of the link.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod api_specs;
mod audits;
mod clock;
mod defenders;
mod discovery;
mod document;
mod embedding;
mod faults;
mod link;
mod monitoring;
mod order;
mod policies;
mod rest;
mod secrets;
mod support;
