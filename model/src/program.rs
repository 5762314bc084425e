//! Programs, the links of a container, and what an entry of a list says of them (section 3.3).

use crate::Trail;
use crate::pattern::covers;

/// A program that is about to run.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The executable that the kernel runs: absolute, links and interpreters resolved.
    pub executable: &'a str,
    /// What else it goes by: the path that was asked for (a link, a script), the applet of a multi-call program.
    pub names: &'a [&'a str],
    /// Whether the executable is many programs in one file (busybox).
    pub multi_call: bool,
    /// Whether the executable was made or changed after the container's start.
    pub modified: bool,
    /// Whether its package knows it otherwise than it is.
    pub altered: bool,
    /// Whether it is the entry point of the container.
    pub entry_point: bool,
}

/// The symbolic links of a container: absolute path, absolute target.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a>(pub &'a [(&'a str, &'a str)]);

impl Links<'_> {
    /// The path with the links of its folders followed, its last part as it is; detours (`//`, `.`, `..`) lead where they lead.
    fn in_folder(&self, path: &str) -> String {
        // What ends so is no file.
        if path.ends_with('/') {
            return path.to_owned();
        }
        let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let Some(last) = parts.pop() else { return path.to_owned() };
        let mut folder = String::new();
        for part in parts {
            if part == ".." {
                folder.truncate(folder.rfind('/').unwrap_or(0));
            } else {
                folder = self.followed(format!("{folder}/{part}"));
            }
        }
        format!("{folder}/{last}")
    }

    /// The path with all links followed.
    fn of_file(&self, path: &str) -> String {
        self.followed(self.in_folder(path))
    }

    /// A path whose folders lead through no link, with the link that it is followed.
    fn followed(&self, path: String) -> String {
        let mut path = path;
        // As the kernel, which follows forty.
        for _ in 0..40 {
            let Some((_, target)) = self.0.iter().find(|(link, _)| *link == path) else { break };
            path = self.in_folder(target);
        }
        path
    }
}

/// P8, P9, V6: a deny entry is about whatever the program goes by, and what is behind it (choice).
pub(crate) fn deny_covers(deny: &[String], start: &Start<'_>, links: &Links<'_>, trail: &mut Trail) -> bool {
    for entry in deny {
        if entry_covers(entry, start.executable, start, links, trail) {
            return true;
        }
        if start.names.iter().any(|name| entry_covers(entry, name, start, links, trail)) {
            trail.through("process.denied-by-another-name");
            return true;
        }
    }
    false
}

/// P8: an allow entry is about the program alone, so that no link makes an honest one of it (choice).
pub(crate) fn allow_covers(
    allow: &[String],
    start: &Start<'_>,
    links: &Links<'_>,
    trail: &mut Trail,
) -> bool {
    for entry in allow {
        if entry_covers(entry, start.executable, start, links, trail) {
            return true;
        }
        let mut aside = Trail::default();
        if start.names.iter().any(|name| entry_covers(entry, name, start, links, &mut aside)) {
            trail.through("process.allowed-by-its-own-name-only");
        }
    }
    false
}

/// P7: an entry with a slash is a path, another one a base name; the case of letters counts.
fn entry_covers(entry: &str, name: &str, start: &Start<'_>, links: &Links<'_>, trail: &mut Trail) -> bool {
    if !entry.contains('/') {
        let covered = covers(entry, base_name(name));
        if covered {
            trail.through(if entry.contains('*') { "process.name-with-star" } else { "process.base-name" });
        }
        return covered;
    }
    path_covers(entry, name, start, links, trail)
}

/// V4: a path means the file that it leads to: its folders are followed, and a link to a program is that program. V6: a link to a program of many is
/// one of its programs, and not the file.
fn path_covers(entry: &str, name: &str, start: &Start<'_>, links: &Links<'_>, trail: &mut Trail) -> bool {
    if covers(entry, name) {
        trail.through("process.path");
        return true;
    }
    if !entry.starts_with('/') {
        return false;
    }
    if covers(&links.in_folder(entry), name) {
        trail.through("process.path-of-linked-folder");
        return true;
    }
    if !entry.contains('*') && links.of_file(entry) == start.executable {
        if start.multi_call {
            trail.through("process.link-to-one-of-many");
            return false;
        }
        trail.through("process.path-is-link");
        return true;
    }
    false
}

/// P7, V3: the last part of a path. A file in memory has the name that its maker gave it.
pub(crate) fn base_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_prefix("memfd:").unwrap_or(name)
}

pub(crate) fn all_names<'a>(start: &Start<'a>) -> Vec<&'a str> {
    let mut all = start.names.to_vec();
    all.push(start.executable);
    all
}
