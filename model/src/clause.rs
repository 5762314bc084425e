//! The clauses of the model, and the way that a decision took through them.

/// A clause: its id, the requirements that it states, and what it says.
type Clause = (&'static str, &'static [&'static str], &'static str);

/// All clauses: id, requirements of `features/requirements.json`, words.
pub const CLAUSES: &[Clause] = &[
    ("scope.disabled-rule", &["C9"], "a disabled rule is passed over"),
    ("scope.no-collections", &["C10"], "a rule without collections is about no container"),
    ("scope.not-covered", &["C10", "C4"], "a rule none of whose collections covers the container is passed over"),
    ("scope.one-of-collections", &["C6"], "one of several collections is enough"),
    ("scope.field-differs", &["C6"], "a collection of which one field does not cover does not cover"),
    ("scope.one-of-values", &["C6"], "one of several values of a field is enough"),
    ("scope.by-container", &["C1"], "a field of containers compares the container's name"),
    ("scope.by-image", &["C2"], "a field of images compares the image"),
    ("scope.by-app-id", &["C3"], "a field of App IDs compares the App ID of the task"),
    ("scope.images-and-containers", &["C11"], "a collection that names both is read as both together (choice)"),
    ("scope.excluded", &["C7"], "an exclusion is decided first: what it covers is out"),
    ("scope.only-exclusions", &["C7"], "a field with no inclusion includes what it does not exclude (choice)"),
    ("scope.equal", &["C5"], "a value without a star is the whole text"),
    ("scope.ends", &["C5"], "a value with a leading star is the end of the text"),
    ("scope.starts", &["C5", "C3"], "a value with a trailing star is the beginning of the text"),
    ("scope.contains", &["C5"], "a value with both stars is a part of the text"),
    ("scope.case", &["C5"], "the case of letters does not count"),
    ("scope.image-written-otherwise", &["C2"], "an image of the public hub is the same by each way to write it"),
    ("scope.first-match", &["C8"], "the first rule that covers the container decides alone"),
    ("scope.no-match", &["C10"], "a container without a rule is neither restricted nor told of"),
];

/// The clauses that a decision went through, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail(Vec<&'static str>);

impl Trail {
    /// Ids of clauses, in the order in which they were come to; one may stand there more than once.
    #[must_use]
    pub fn ids(&self) -> &[&'static str] {
        &self.0
    }

    pub(crate) fn through(&mut self, id: &'static str) {
        debug_assert!(CLAUSES.iter().any(|(known, _, _)| *known == id), "no clause {id}");
        self.0.push(id);
    }
}
