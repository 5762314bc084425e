//! Which known name a wrong one was probably meant to be.

/// Longest name that is compared; a longer one is no slip of the pen.
const LONGEST: usize = 40;

/// The known name that differs least, if it differs little: in case, or in a third of its letters at most.
pub(crate) fn closest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if wrong.len() > LONGEST {
        return None;
    }
    let wrong = wrong.to_lowercase();
    let (distance, name) = known
        .into_iter()
        .map(|name| (distance(&wrong, &name.to_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len() / 3).then_some(name)
}

/// How many letters are to be added, removed, replaced or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.chars().collect::<Vec<_>>(), to.chars().collect::<Vec<_>>());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut least = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && from[row - 1] == *other && *letter == to[column - 1] {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let known = ["req.path", "req.headers", "req.header_names", "req.body"];
        assert_eq!(closest("req.pth", known), Some("req.path"));
        assert_eq!(closest("req.hedaers", known), Some("req.headers"));
        assert_eq!(closest("REQ.BODY", known), Some("req.body"));
        assert_eq!(closest("request.uri.raw", known), None);
        assert_eq!(closest(&"x".repeat(1000), known), None);
        assert_eq!(closest("x", []), None);
    }
}
