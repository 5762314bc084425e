//! Who writes, and when.

/// Who writes, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) user: &'a str,
    pub(crate) now: &'a str,
}
