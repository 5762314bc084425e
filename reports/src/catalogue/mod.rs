//! The requirements, and which scenarios cover them.

mod coverage;
mod requirement;

pub use coverage::{Coverage, CoverageStatus, coverage, unknown_tags};
pub use requirement::{Catalogue, CatalogueError, Level, Requirement};
