//! How much is read; no honest document comes near.

/// Bytes of a document.
pub const LONGEST_DOCUMENT: usize = 4 << 20;

/// Endpoints.
pub const MOST_ENDPOINTS: usize = 100;

/// Paths.
pub const MOST_PATHS: usize = 5_000;

/// Parameters, over all methods.
pub const MOST_PARAMETERS: usize = 100_000;

/// Schemas and references that are looked at.
pub const MOST_STEPS: usize = 500_000;

/// References and parts of schemas that lead into each other.
pub const DEEPEST: usize = 32;
