//! A small root file system, as a tar whose bytes depend on its files alone.

use bytes::Bytes;
use tar::{Builder, EntryType, Header};

/// User and group.
const ROOT: (u64, u64) = (0, 0);

/// A root file system that grows.
pub(super) struct Tree(Builder<Vec<u8>>);

impl Tree {
    /// An empty one.
    pub fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// Adds a folder that everybody may read; its parents must be there.
    pub fn folder(self, path: &str) -> Self {
        self.folder_of(ROOT, path, 0o755)
    }

    /// Adds a folder of that user and group.
    pub fn folder_of(mut self, owner: (u64, u64), path: &str, mode: u32) -> Self {
        self.entry(owner, &format!("{path}/"), EntryType::Directory, mode, &[]);
        self
    }

    /// Adds a file that root owns.
    pub fn file(self, path: &str, mode: u32, data: &[u8]) -> Self {
        self.file_of(ROOT, path, mode, data)
    }

    /// Adds a file of that user and group.
    pub fn file_of(mut self, owner: (u64, u64), path: &str, mode: u32, data: &[u8]) -> Self {
        self.entry(owner, path, EntryType::Regular, mode, data);
        self
    }

    fn entry(&mut self, (user, group): (u64, u64), path: &str, kind: EntryType, mode: u32, data: &[u8]) {
        let mut header = Header::new_gnu();
        header.set_uid(user);
        header.set_gid(group);
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
