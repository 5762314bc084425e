//! The question that only people answer: reCAPTCHA v2 (sections 1.4 and 2.11 of `waas.md`, S9).
//!
//! Declared choices: who must answer gets the page with status 200, and posts what the service gave the browser to the same address, as
//! a form with the member that the service names; a request that has to be refused and brings that member is the answer to the page. It is
//! asked about once and for five seconds at most; then the client is sent to the page that it wanted. What was right is remembered in the
//! cookie of the session, for this site key.

mod page;
mod service;
mod settings;
mod solution;
mod tokens;

pub(crate) use page::page;
pub(crate) use service::{Failure, Verifier};
pub use service::{ReCaptchaService, ReCaptchaServiceError, Resolve, system_resolver};
pub(crate) use settings::{Captcha, Site};
pub(crate) use solution::{LONGEST as LONGEST_SOLUTION, is_form, solution};
