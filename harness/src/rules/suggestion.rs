//! The name that somebody meant.

/// The nearest of the known names, if one is near enough to be meant.
pub(super) fn nearest<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // Underscores and hyphens are other languages' spelling of the same name.
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let written = plain(written);
    let limit = 1 + written.chars().count() / 6;
    known
        .map(|name| (distance(&written, &plain(name)), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Letters to insert, remove or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (at, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["networkMode", "image", "portMappings", "essential", "cpu", "user"];
        for (written, meant) in [
            ("networkmode", Some("networkMode")),
            ("network_mode", Some("networkMode")),
            ("portMapping", Some("portMappings")),
            ("esential", Some("essential")),
            ("Image", Some("image")),
            ("imgae", None),
            ("replicas", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known.into_iter()), meant, "{written}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
