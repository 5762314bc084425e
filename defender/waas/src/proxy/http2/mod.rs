//! HTTP/2, on both sides of the firewall.
//!
//! By the library `h2` itself, not by hyper on top of it: hyper hands on no early answers (decision 17).

mod application;
mod arriving;
mod paced;
mod pipe;
mod serve;

pub(super) use application::{Applications, Lane, is_untouched};
pub(super) use arriving::Arriving;
pub(super) use serve::serve;
