//! What the package managers of an image know of its files: dpkg's lists of MD5 sums, apk's list of SHA-1 sums.
//!
//! A file that was replaced while the image was built is not what its package brought. Nothing is kept of the lists: they are
//! searched when a program is first run, for that one file.

use super::paths;
use super::program_file::{Found, ProgramFile};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use memchr::memmem;
use sha1::{Digest, Sha1};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Where the package managers keep what they know.
#[derive(Debug)]
struct Lists {
    /// dpkg's lists, `PACKAGE.md5sums`.
    sums: PathBuf,
    /// dpkg's own note of files of which it put another in their place.
    diversions: PathBuf,
    /// apk's list of everything.
    installed: PathBuf,
}

/// What a package has to say of the bytes of its file.
#[derive(Debug, PartialEq, Eq)]
enum Sum {
    Md5([u8; 16]),
    Sha1([u8; 20]),
}

/// The packages of the container.
#[derive(Debug)]
pub struct Packages {
    lists: Lists,
    found: Found<bool>,
}

impl Default for Packages {
    fn default() -> Self {
        Self::below(Path::new("/"))
    }
}

impl Packages {
    fn below(root: &Path) -> Self {
        let lists = Lists {
            sums: root.join("var/lib/dpkg/info"),
            diversions: root.join("var/lib/dpkg/diversions"),
            installed: root.join("lib/apk/db/installed"),
        };
        Self { lists, found: Found::default() }
    }

    /// Whether a package brought a file of this path, and with other bytes.
    #[must_use]
    pub fn know_otherwise(&self, file: &ProgramFile, path: &str) -> bool {
        self.found.of(file, |file| match self.lists.sum(path) {
            None => false,
            // A file that nobody may read is not known to be altered.
            Some(sum) => file.read().and_then(|file| sum.is_of(file)).is_ok_and(|same| !same),
        })
    }
}

impl Lists {
    /// The sum of a file, by the path that its package knows it by.
    fn sum(&self, path: &str) -> Option<Sum> {
        let names: Vec<&str> = names(path).collect();
        if names.is_empty() {
            return None;
        }
        let diverted = fs::read_to_string(&self.diversions).unwrap_or_default();
        if diverted
            .lines()
            .step_by(3)
            .any(|from| names.iter().any(|name| from.strip_prefix('/') == Some(*name)))
        {
            return None;
        }
        self.md5(&names).or_else(|| sha1(&fs::read_to_string(&self.installed).ok()?, &names))
    }

    fn md5(&self, names: &[&str]) -> Option<Sum> {
        let lines: Vec<String> = names.iter().map(|name| format!("  {name}\n")).collect();
        let lists = fs::read_dir(&self.sums).ok()?.flatten().map(|entry| entry.path());
        for list in lists.filter(|path| path.extension().is_some_and(|end| end == "md5sums")) {
            let Ok(text) = fs::read(list) else { continue };
            let found = lines.iter().find_map(|line| memmem::find(&text, line.as_bytes()));
            if let Some(digits) = found.and_then(|at| text.get(at.checked_sub(32)?..at)) {
                return Some(Sum::Md5(hexadecimal(digits)?));
            }
        }
        None
    }
}

impl Sum {
    fn is_of(&self, file: File) -> io::Result<bool> {
        Ok(match self {
            Self::Md5(sum) => digest::<Md5>(file)? == sum,
            Self::Sha1(sum) => digest::<Sha1>(file)? == sum,
        })
    }
}

fn digest<D: Digest + io::Write>(mut file: File) -> io::Result<Vec<u8>> {
    let mut digest = D::new();
    io::copy(&mut file, &mut digest)?;
    Ok(digest.finalize().to_vec())
}

/// Paths without their first slash by which a package may know a file: where `/bin` is a link to `/usr/bin`, it may have
/// brought `/bin/x`.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let own = path.strip_prefix('/');
    let merged =
        path.strip_prefix("/usr").filter(|short| paths::in_folder(short).is_some_and(|real| real == path));
    own.into_iter().chain(merged.and_then(|short| short.strip_prefix('/')))
}

/// The sum of a file in apk's list: lines `F:folder`, `R:file` below it, and `Z:Q1` with the sum of the file before.
fn sha1(list: &str, names: &[&str]) -> Option<Sum> {
    let (mut folder, mut is_it) = ("", false);
    for line in list.lines() {
        match line.split_once(':')? {
            ("F", path) => (folder, is_it) = (path, false),
            ("R", file) => {
                is_it = names.iter().any(|name| {
                    name.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) == Some(file)
                });
            }
            ("Z", sum) if is_it => {
                let sum = BASE64.decode(sum.strip_prefix("Q1")?).ok()?;
                return Some(Sum::Sha1(sum.try_into().ok()?));
            }
            _ => {}
        }
    }
    None
}

fn hexadecimal(digits: &[u8]) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of an image, and what the packages say of `same` and `other`, of the bytes `x`.
    fn image(write: impl Fn(&Path)) -> (tempfile::TempDir, Packages) {
        let root = tempfile::tempdir().unwrap();
        for folder in ["var/lib/dpkg/info", "lib/apk/db", "usr/bin"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for (name, bytes) in [("same", "x"), ("other", "y"), ("stranger", "y")] {
            fs::write(root.path().join("usr/bin").join(name), bytes).unwrap();
        }
        write(root.path());
        let packages = Packages::below(root.path());
        (root, packages)
    }

    fn altered(image: &(tempfile::TempDir, Packages)) -> Vec<&'static str> {
        let file = |name: &str| {
            ProgramFile::open(image.0.path().join("usr/bin").join(name).to_str().unwrap()).unwrap()
        };
        let known = |name: &&str| image.1.know_otherwise(&file(name), &format!("/usr/bin/{name}"));
        ["same", "other", "stranger"].into_iter().filter(known).collect()
    }

    const MD5_OF_X: &str = "9dd4e461268c8034f5c8564e155c67a6";

    #[test]
    fn a_file_of_dpkg_with_other_bytes_is_known_otherwise() {
        let lists = |root: &Path| {
            let sums = |name: &str| format!("{MD5_OF_X}  usr/bin/{name}\n");
            fs::write(root.join("var/lib/dpkg/info/a.md5sums"), sums("same")).unwrap();
            fs::write(root.join("var/lib/dpkg/info/b:amd64.md5sums"), sums("other") + &sums("no")).unwrap();
            fs::write(root.join("var/lib/dpkg/info/c.list"), sums("stranger")).unwrap();
        };
        assert_eq!(altered(&image(lists)), ["other"]);
        let diverted = |root: &Path| {
            lists(root);
            let text = "/usr/bin/other\n/usr/bin/other.real\npackage\n";
            fs::write(root.join("var/lib/dpkg/diversions"), text).unwrap();
        };
        assert!(altered(&image(diverted)).is_empty());
    }

    #[test]
    fn a_file_of_apk_with_other_bytes_is_known_otherwise() {
        let sum = BASE64.encode(Sha1::digest(b"x"));
        let list = format!(
            "P:a\nF:usr\nF:usr/bin\nR:same\na:0:0:755\nZ:Q1{sum}\nR:other\nZ:Q1{sum}\n\nP:b\nF:opt\nR:stranger\nZ:Q1{sum}\n"
        );
        let lists = |root: &Path| fs::write(root.join("lib/apk/db/installed"), &list).unwrap();
        assert_eq!(altered(&image(lists)), ["other"]);
    }

    #[test]
    fn what_is_broken_says_nothing() {
        let lists = |root: &Path| {
            fs::write(root.join("var/lib/dpkg/info/a.md5sums"), "zz  usr/bin/other\n").unwrap();
            fs::write(root.join("lib/apk/db/installed"), "F:usr/bin\nR:other\nZ:Q2abc\nnothing").unwrap();
        };
        assert!(altered(&image(lists)).is_empty());
    }
}
