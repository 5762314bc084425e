//! Whether a secret stands in what was written.

use aho_corasick::AhoCorasick;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// As much of a text as is looked for, in bytes: whoever has the text has this, too.
const LOOKED_FOR: usize = 40;

/// The middle of a text: keys begin alike.
fn middle(text: &str) -> &[u8] {
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(LOOKED_FOR) / 2;
    &bytes[from..bytes.len().min(from + LOOKED_FOR)]
}

/// Secrets that stand in the files of a folder: what each is, and where it was found, without the secret itself. `forms` are the
/// texts by which each can be told, in clear and encoded.
///
/// # Errors
/// When a file cannot be read.
pub fn leaks(folder: &Path, forms: &[(String, String)]) -> io::Result<Vec<String>> {
    let patterns: BTreeMap<&[u8], &str> =
        forms.iter().map(|(label, form)| (middle(form), label.as_str())).collect();
    let labels: Vec<&str> = patterns.values().copied().collect();
    let search = AhoCorasick::new(patterns.keys()).map_err(io::Error::other)?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path)?;
        let mut told: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for at in search.find_iter(&bytes) {
            let (count, first) = told.entry(labels[at.pattern().as_usize()]).or_insert((0, at.start()));
            *count += 1;
            *first = (*first).min(at.start());
        }
        found.extend(told.into_iter().map(|(label, (count, first))| {
            format!("a secret {label} stands {count} times in \"{}\", first at byte {first}", path.display())
        }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_and_not_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "x aHVudGVyMjI y hunter22 z").unwrap();
        let forms = [("[redacted: password #1]", "hunter22"), ("[redacted: password #1]", "aHVudGVyMjI")];
        let forms: Vec<_> = forms.map(|(label, form)| (label.to_owned(), form.to_owned())).to_vec();
        let found = leaks(folder.path(), &forms).unwrap();
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("2 times") && found[0].contains("byte 2") && !found[0].contains("hunter22"),
            "{found:?}"
        );
        assert!(leaks(folder.path(), &[("k".to_owned(), "absent".to_owned())]).unwrap().is_empty());
    }
}
