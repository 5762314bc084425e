//! `report.html`: one page that opens from disk, with everything in it.

mod island;
mod page;
mod requirements;
mod scenario;
mod summary;
mod words;

pub use page::to_html;
