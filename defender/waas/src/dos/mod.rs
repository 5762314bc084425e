//! Floods: who sends more than a rule allows (section 2.10 of `waas.md`).

mod floods;
mod limits;

pub(crate) use floods::Floods;
pub(crate) use limits::Limits;
