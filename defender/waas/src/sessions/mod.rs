//! Sessions of clients: a cookie that only this Defender can make (sections 2.4 and 2.11 of `waas.md`).

mod cookie;
mod page;
mod seal;
mod ticket;

pub(crate) use cookie::{Session, Sessions};
pub(crate) use page::page;
