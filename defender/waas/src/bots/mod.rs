//! Clients that are no people (section 2.11 of `waas.md`).

mod anomalies;
mod classes;
mod protection;

pub(crate) use protection::Bots;
