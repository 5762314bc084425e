//! Writers: one report, in the form each reader wants.

mod cucumber;
mod folder;
mod html;
mod junit;
mod leaks;
mod results;
mod terminal;

pub use cucumber::to_cucumber_json;
pub use folder::{FolderError, write_folder};
pub use html::to_html;
pub use junit::to_junit;
pub use leaks::leaks;
pub use results::{from_results_json, to_results_json};
pub use terminal::to_summary;
