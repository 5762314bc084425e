//! The files of a container in which programs are tried: those of the Debian userland, and what is put beside them.

/// A file that is put into a container before a policy is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Made {
    /// A folder.
    Folder,
    /// A symbolic link to that path.
    Link(&'static str),
    /// A copy of that file.
    Copy(&'static str),
    /// Another name of that file.
    HardLink(&'static str),
    /// A script with that text.
    Script(&'static str),
}

/// All of them, in the order in which they can be made.
pub const FILES: &[(&str, Made)] = &[
    ("/srv/tools", Made::Folder),
    ("/srv/tools/bb", Made::Folder),
    ("/srv/alias", Made::Link("/srv/tools")),
    ("/srv/tools/say", Made::Link("/usr/bin/echo")),
    ("/srv/tools/xmrig", Made::Link("/usr/bin/echo")),
    ("/srv/tools/echo", Made::Link("/usr/bin/basename")),
    ("/srv/tools/far", Made::Link("/srv/alias/say")),
    ("/srv/tools/bb/echo", Made::Link("/usr/bin/busybox")),
    ("/srv/tools/bb/expr", Made::Link("/usr/bin/busybox")),
    ("/srv/tools/copy", Made::Copy("/usr/bin/echo")),
    ("/srv/tools/printf", Made::Copy("/usr/bin/echo")),
    ("/srv/tools/xmrig-notes", Made::Copy("/usr/bin/echo")),
    ("/srv/tools/hard", Made::HardLink("/srv/tools/copy")),
    ("/srv/tools/run.sh", Made::Script("#!/bin/sh\necho \"$1\"\n")),
    ("/srv/tools/run-bb", Made::Script("#!/usr/bin/busybox sh\necho \"$1\"\n")),
    ("/srv/tools/expr", Made::Script("#!/bin/sh\necho \"$1\"\n")),
];

impl Made {
    /// The command that makes it at a path; none for a script.
    #[must_use]
    pub fn command(self, path: &str) -> Option<String> {
        Some(match self {
            Self::Folder => format!("mkdir -p {path}"),
            Self::Link(target) => format!("ln -s {target} {path}"),
            Self::Copy(of) => format!("cp {of} {path}"),
            Self::HardLink(of) => format!("ln {of} {path}"),
            Self::Script(_) => return None,
        })
    }
}

/// What makes all of them: a script for `sh`.
#[must_use]
pub fn preparation() -> String {
    let lines = FILES.iter().map(|(path, made)| match made {
        Made::Script(text) => format!("cat > {path} <<'END'\n{text}END\nchmod 0755 {path}\n"),
        made => format!("{}\n", made.command(path).unwrap_or_default()),
    });
    format!("set -e\n{}", lines.collect::<String>())
}

/// What has to be made so that there is something at a path: in the order of [`FILES`].
#[must_use]
pub fn needed(path: &str) -> Vec<(&'static str, Made)> {
    let mut wanted = vec![path.to_owned(), follow(place(path, "/"))];
    let mut at = path.to_owned();
    // Folders, and what links lead to.
    while let Some((folder, _)) = at.rsplit_once('/') {
        at = folder.to_owned();
        wanted.push(at.clone());
        wanted.push(follow(at.clone()));
    }
    wanted.push(place(path, "/"));
    for (file, made) in FILES {
        if let (true, Made::Link(of) | Made::HardLink(of)) = (wanted.iter().any(|path| path == file), made) {
            wanted.extend(needed(of).into_iter().map(|(path, _)| path.to_owned()));
        }
    }
    FILES.iter().filter(|(file, _)| wanted.iter().any(|path| path == file)).copied().collect()
}

/// Symbolic links of the userland: absolute path, absolute target.
const OWN_LINKS: [(&str, &str); 5] = [
    ("/bin", "/usr/bin"),
    ("/sbin", "/usr/sbin"),
    ("/usr/bin/sh", "/usr/bin/dash"),
    ("/usr/bin/awk", "/etc/alternatives/awk"),
    ("/etc/alternatives/awk", "/usr/bin/mawk"),
];

/// All symbolic links that programs are tried by: absolute path, absolute target.
pub fn links() -> impl Iterator<Item = (&'static str, &'static str)> {
    let made = FILES.iter().filter_map(|(path, made)| match made {
        Made::Link(target) => Some((*path, *target)),
        _ => None,
    });
    OWN_LINKS.into_iter().chain(made)
}

fn target(path: &str) -> Option<&'static str> {
    links().find(|(link, _)| *link == path).map(|(_, target)| target)
}

/// A path, from a working directory, with the links of its folders followed, and its last part as it is.
pub(crate) fn place(path: &str, cwd: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{cwd}/{path}") };
    let mut parts: Vec<&str> = whole.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let last = parts.pop().unwrap_or_default();
    let mut at = String::new();
    for part in parts {
        if part == ".." {
            at.truncate(at.rfind('/').unwrap_or(0));
            continue;
        }
        at = follow(format!("{at}/{part}"));
    }
    format!("{at}/{last}")
}

/// A path with all of its links followed.
pub(crate) fn follow(path: String) -> String {
    match target(&path) {
        Some(target) => follow(place(target, "/")),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_needs_comes_in_order() {
        let paths = |path| needed(path).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        assert_eq!(paths("/srv/tools/far"), ["/srv/tools", "/srv/alias", "/srv/tools/say", "/srv/tools/far"]);
        assert_eq!(paths("/srv/alias/copy"), ["/srv/tools", "/srv/alias", "/srv/tools/copy"]);
        assert!(paths("/usr/bin/echo").is_empty());
    }

    #[test]
    fn folders_are_followed_and_the_last_part_is_not() {
        for (path, cwd, expected) in [
            ("/bin/echo", "/", "/usr/bin/echo"),
            ("/bin/../bin/sh", "/", "/usr/bin/sh"),
            ("./say", "/srv/alias", "/srv/tools/say"),
            ("//usr//bin/./echo", "/", "/usr/bin/echo"),
            ("../../bin/echo", "/srv/tools", "/usr/bin/echo"),
        ] {
            assert_eq!(place(path, cwd), expected);
        }
        assert_eq!(follow("/srv/tools/far".to_owned()), "/usr/bin/echo");
    }
}
