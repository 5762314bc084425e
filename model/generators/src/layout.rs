//! The files of a container in which programs are tried: those of the Debian userland, and what is put beside them.

/// Where tools are put.
pub const FOLDER: &str = "/srv/tools";

/// What puts them there, before a policy is in force; a script for `sh`.
pub const PREPARATION: &str = "set -e
mkdir -p /srv/tools/bb
cd /srv/tools
ln -s /usr/bin/echo say
ln -s /usr/bin/echo xmrig
ln -s /usr/bin/basename echo
ln -s /srv/alias/say far
ln -s /usr/bin/busybox bb/echo
ln -s /usr/bin/busybox bb/expr
ln -s /srv/tools /srv/alias
cp /usr/bin/echo copy
cp /usr/bin/echo printf
cp /usr/bin/echo xmrig-notes
ln copy hard
printf '#!/bin/sh\\necho \"$1\"\\n' > run.sh
printf '#!/usr/bin/busybox sh\\necho \"$1\"\\n' > run-bb
cp run.sh expr
chmod 0755 run.sh run-bb expr
";

/// Symbolic links: absolute path, absolute target.
pub const LINKS: &[(&str, &str)] = &[
    ("/bin", "/usr/bin"),
    ("/sbin", "/usr/sbin"),
    ("/usr/bin/sh", "/usr/bin/dash"),
    ("/usr/bin/awk", "/etc/alternatives/awk"),
    ("/etc/alternatives/awk", "/usr/bin/mawk"),
    ("/srv/alias", "/srv/tools"),
    ("/srv/tools/say", "/usr/bin/echo"),
    ("/srv/tools/xmrig", "/usr/bin/echo"),
    ("/srv/tools/echo", "/usr/bin/basename"),
    ("/srv/tools/far", "/srv/alias/say"),
    ("/srv/tools/bb/echo", "/usr/bin/busybox"),
    ("/srv/tools/bb/expr", "/usr/bin/busybox"),
];

fn target(path: &str) -> Option<&'static str> {
    LINKS.iter().find(|(link, _)| *link == path).map(|(_, target)| *target)
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
