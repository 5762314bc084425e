//! The path of a value in a JSON or XML body.

/// Longest path that is kept, in bytes: every value has its own, and a small body may have many values under a long
/// one. No exception can name a path that was cut, so what is under it is inspected.
const LONGEST: usize = 256;

/// What a path that was cut ends with; no exception has it.
const CUT: char = '…';

/// The path of these names, each behind a slash, cut if it is long.
pub(super) fn path<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut path = String::new();
    for name in names {
        path.push('/');
        path.push_str(beginning(name));
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
    let mut end = text.len().min(LONGEST);
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
        assert_eq!(path([]), "");
        let long = "ü".repeat(300);
        for names in [vec![long.as_str()], vec!["name"; 300], vec!["a", &long, "b"]] {
            let cut = path(names);
            assert!(cut.ends_with(CUT) && cut.len() <= LONGEST + CUT.len_utf8(), "{cut}");
        }
        let just = "a".repeat(LONGEST - 1);
        assert_eq!(path([just.as_str()]), format!("/{just}"));
    }
}
