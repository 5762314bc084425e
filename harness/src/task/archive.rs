//! Small tars: one path out of a container, one file into it.

use std::io::{self, Read};

/// What the first entry of a tar is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum First {
    File(Vec<u8>),
    Link(String),
    Other,
}

/// Reads the first entry.
pub(super) fn first(tar: &[u8]) -> io::Result<First> {
    let mut archive = tar::Archive::new(tar);
    let Some(entry) = archive.entries()?.next() else { return Ok(First::Other) };
    let mut entry = entry?;
    if entry.header().entry_type().is_symlink() {
        let target = entry.link_name()?.map(|target| target.to_string_lossy().into_owned());
        return Ok(target.map_or(First::Other, First::Link));
    }
    if !entry.header().entry_type().is_file() {
        return Ok(First::Other);
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    Ok(First::File(bytes))
}

/// A tar with one file, owned by root.
pub(super) fn single(name: &str, bytes: &[u8], mode: u32) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    builder.append_data(&mut header, name, bytes).expect("writing to memory does not fail");
    builder.into_inner().expect("writing to memory does not fail")
}

/// Where a link at `path` leads.
pub(super) fn resolve(path: &str, target: &str) -> String {
    let joined = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("{}/{target}", path.rsplit_once('/').map_or("", |(directory, _)| directory))
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back() {
        assert_eq!(first(&single("a", b"text", 0o644)).unwrap(), First::File(b"text".to_vec()));
        assert_eq!(first(&[]).unwrap(), First::Other);
    }

    #[test]
    fn links_are_followed_from_their_directory() {
        assert_eq!(resolve("/etc/a/b", "../c"), "/etc/c");
        assert_eq!(resolve("/etc/a", "b"), "/etc/b");
        assert_eq!(resolve("/etc/a", "/x/./y"), "/x/y");
        assert_eq!(resolve("/a", "../../b"), "/b");
    }
}
