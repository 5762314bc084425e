//! A small root file system, as a tar whose bytes depend on its files alone.

use bytes::Bytes;
use tar::{Builder, EntryType, Header};

/// A root file system that grows.
pub(super) struct Tree(Builder<Vec<u8>>);

impl Tree {
    /// An empty one.
    pub fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// Adds a folder; its parents must be there.
    pub fn folder(mut self, path: &str) -> Self {
        self.entry(&format!("{path}/"), EntryType::Directory, 0o755, &[]);
        self
    }

    /// Adds a file that root owns.
    pub fn file(mut self, path: &str, mode: u32, data: &[u8]) -> Self {
        self.entry(path, EntryType::Regular, mode, data);
        self
    }

    fn entry(&mut self, path: &str, kind: EntryType, mode: u32, data: &[u8]) {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(data.len() as u64);
        header.set_mtime(0);
        self.0
            .append_data(&mut header, path, data)
            .expect("a vector takes every byte, and our paths are short");
    }

    /// The tar.
    pub fn finish(self) -> Bytes {
        self.0.into_inner().expect("a vector takes every byte").into()
    }
}
