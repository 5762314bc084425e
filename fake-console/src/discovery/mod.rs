//! APIs that firewalls have learned of (section 2.16 of `reference/waas.md`).
//!
//! Declared choices: how they are kept and listed, as no call of the public API gives them. What is learned counts for the images of the
//! task that it was learned in, all of them, since its containers share one network; tasks of the same images add to the same list, which
//! outlives them.

mod store;

pub(crate) use store::Discovered;
