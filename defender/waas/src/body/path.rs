//! The path of a value in a JSON or XML body.

/// Longest path that is kept, in bytes: every value has its own, and a small body may have many values under a long
/// one. No exception can name a path that was cut, so what is under it is inspected.
const LONGEST: usize = 256;

/// What a path that was cut ends with; no exception has it.
const CUT: char = '…';

/// Bytes that the paths of one body may take, for each byte of it; and those that they may take in any case.
const ROOM: usize = 6;
const LEAST_ROOM: usize = 4096;

/// What the paths of one body may still take together: a small body may have a long one many times.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Room {
    /// For a body of so many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        Self(bytes.saturating_mul(ROOM).max(LEAST_ROOM))
    }

    /// The path of these names; once there is no room for one, all that follow are cut to nothing.
    pub(super) fn path<N: AsRef<str>>(&mut self, names: impl IntoIterator<Item = N>) -> String {
        if self.0 > 0 {
            let path = path(names);
            self.0 = self.0.saturating_sub(path.len());
            if self.0 > 0 || path.is_empty() {
                return path;
            }
        }
        CUT.to_string()
    }
}

/// The path of these names, each behind a slash, cut if it is long.
pub(super) fn path<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> String {
    let mut path = String::new();
    for name in names {
        path.push('/');
        path.push_str(beginning(name.as_ref()));
        if path.len() > LONGEST {
            path.truncate(beginning(&path).len());
            path.push(CUT);
            break;
        }
    }
    path.shrink_to_fit();
    path
}

/// As much of a text as is kept, whole characters.
pub(super) fn beginning(text: &str) -> &str {
    start(text, LONGEST)
}

/// At most so many bytes of a text, whole characters.
pub(super) fn start(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_cut() {
        assert_eq!(path(["a", "b"]), "/a/b");
        assert_eq!(path::<&str>([]), "");
        let long = "ü".repeat(300);
        for names in [vec![long.as_str()], vec!["name"; 300], vec!["a", &long, "b"]] {
            let cut = path(names);
            assert!(cut.ends_with(CUT) && cut.len() <= LONGEST + CUT.len_utf8(), "{cut}");
        }
        let mut room = Room::of(1);
        let found: Vec<_> = (0..40).map(|_| room.path([&long]).len()).collect();
        assert!(found.is_sorted_by(|one, other| one >= other) && found.iter().sum::<usize>() < 4_300);
        assert_eq!(room.path(["a"]), "…");
        let just = "a".repeat(LONGEST - 1);
        assert_eq!(path([just.as_str()]), format!("/{just}"));
    }
}
