//! The clauses of the model, and the way that a decision took through them.

use crate::requests::{CLAUSES as REQUESTS, OF_ANSWERS, OF_UPLOADS};

/// A clause: its id, the requirements that it states, and what it says.
pub(crate) type Clause = (&'static str, &'static [&'static str], &'static str);

/// All clauses: id, requirements of `features/requirements.json`, words.
pub const CLAUSES: &[Clause] = &{
    let mut all = [RUNTIME[0]; RUNTIME.len() + REQUESTS.len() + OF_ANSWERS.len() + OF_UPLOADS.len()];
    let parts = [RUNTIME, REQUESTS, OF_ANSWERS, OF_UPLOADS];
    let (mut part, mut filled) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            all[filled] = parts[part][at];
            (at, filled) = (at + 1, filled + 1);
        }
        part += 1;
    }
    all
};

/// Those of runtime policies.
const RUNTIME: &[Clause] = &[
    ("scope.disabled-rule", &["C9"], "a disabled rule is passed over"),
    ("scope.no-collections", &["C10"], "a rule without collections is about no container"),
    (
        "scope.not-covered",
        &["C10", "C4"],
        "a rule none of whose collections covers the container is passed over",
    ),
    ("scope.one-of-collections", &["C6"], "one of several collections is enough"),
    ("scope.field-differs", &["C6"], "a collection of which one field does not cover does not cover"),
    ("scope.one-of-values", &["C6"], "one of several values of a field is enough"),
    ("scope.by-container", &["C1"], "a field of containers compares the container's name"),
    ("scope.by-image", &["C2"], "a field of images compares the image"),
    ("scope.by-app-id", &["C3"], "a field of App IDs compares the App ID of the task"),
    (
        "scope.images-and-containers",
        &["C11"],
        "a collection that names both is read as both together (choice)",
    ),
    ("scope.excluded", &["C7"], "an exclusion is decided first: what it covers is out"),
    (
        "scope.only-exclusions",
        &["C7"],
        "a field with no inclusion includes what it does not exclude (choice)",
    ),
    ("scope.equal", &["C5"], "a value without a star is the whole text"),
    ("scope.ends", &["C5"], "a value with a leading star is the end of the text"),
    ("scope.starts", &["C5", "C3"], "a value with a trailing star is the beginning of the text"),
    ("scope.contains", &["C5"], "a value with both stars is a part of the text"),
    ("scope.case", &["C5"], "the case of letters does not count"),
    (
        "scope.image-written-otherwise",
        &["C2"],
        "an image of the public hub is the same by each way to write it",
    ),
    ("scope.first-match", &["C8"], "the first rule that covers the container decides alone"),
    ("scope.no-match", &["C10"], "a container without a rule is neither restricted nor told of"),
    (
        "effect.prevent",
        &["P1", "D1", "F7", "F8"],
        "under prevent it does not happen, and is told of as prevented",
    ),
    ("effect.alert", &["P2", "D2", "F7"], "under alert it happens, and is told of as such"),
    ("effect.block", &["F2"], "block, which the Console refuses, is no weaker than prevent (choice)"),
    ("process.no-section", &["F3"], "a rule without a section on processes says nothing of them"),
    ("process.disabled", &["F1"], "a disabled section neither stops nor tells"),
    ("process.entry-point", &["P10"], "the entry point is exempt"),
    ("process.main-only", &["P10"], "nothing but the main process may run"),
    ("process.deny-list-ignored", &["P3"], "a profile without deny lists looks at none"),
    ("process.denied", &["P1", "P2"], "what is on the deny list is denied"),
    ("process.deny-wins", &["P5"], "what is on both lists is denied (choice)"),
    ("process.allowed", &["P3", "P24"], "what is on the allow list runs"),
    (
        "process.allowed-whatever-is-detected",
        &["P17", "P18", "P19"],
        "what is on the allow list is exempt from detections",
    ),
    ("process.not-allowed", &["P3"], "what is not on a filled allow list is denied"),
    (
        "process.empty-lists-deny-all",
        &["P6"],
        "two empty lists deny everything, in profiles that say so, unless under alert",
    ),
    ("process.empty-lists-deny-nothing", &["P6"], "two empty lists deny nothing"),
    ("process.not-denied", &["P4"], "with a deny list only, what is not on it runs"),
    ("process.miner", &["P19"], "the name of a crypto miner, in any case, is enough"),
    ("process.modified", &["P17"], "what was made or changed after the start is told of as modified"),
    (
        "process.altered",
        &["P18"],
        "what its package knows otherwise is told of as altered, by the switch of what is modified",
    ),
    ("process.detection-off", &["P20"], "a detection that is off tells nothing"),
    (
        "process.denied-by-another-name",
        &["P8", "P9", "V6"],
        "a deny entry is about every name that the program goes by (choice)",
    ),
    (
        "process.allowed-by-its-own-name-only",
        &["P8", "P9"],
        "an allow entry is about the program and no other name of it (choice)",
    ),
    ("process.base-name", &["P7"], "an entry without a slash is the whole base name"),
    ("process.name-with-star", &["P7"], "a star at an end of a name widens it (choice)"),
    ("process.path", &["P7"], "an entry with a slash is a full path (choice)"),
    ("process.path-of-linked-folder", &["V4"], "the folders of a path are followed"),
    ("process.path-is-link", &["P8", "V4"], "a path that is a link to a program is that program"),
    (
        "process.link-to-one-of-many",
        &["P8", "V6"],
        "a link to a multi-call program is not all of its programs",
    ),
    ("process.runs", &["P24"], "what violates nothing runs, and nobody hears of it"),
    ("names.no-section", &["F3"], "a rule without a section on names says nothing of them"),
    ("names.disabled", &["D4", "F1"], "a disabled section neither stops nor tells"),
    ("names.deny-list-ignored", &["D13"], "a profile without deny lists looks at none"),
    ("names.denied", &["D13"], "what is on the deny list is denied"),
    ("names.deny-wins", &["D13"], "what is on both lists is denied (choice)"),
    ("names.allowed", &["D3", "D5", "D12"], "what is on the allow list resolves"),
    ("names.not-allowed", &["D1", "D2", "D5", "D12"], "what is not on a filled allow list is denied"),
    ("names.not-denied", &["D13"], "with a deny list only, what is not on it resolves"),
    (
        "names.empty-lists-deny-all",
        &["P6"],
        "two empty lists are for names what they are for programs (choice)",
    ),
    ("names.empty-lists-deny-nothing", &["P6"], "two empty lists deny no name"),
    ("names.equal", &["D8"], "an entry without a star is the name itself"),
    (
        "names.below-plain-entry",
        &["D8"],
        "an entry without a star is what is below it too, in profiles that say so",
    ),
    ("names.below", &["D6"], "a star and a dot are what is below a name"),
    ("names.apex", &["D6"], "a star and a dot are the name itself too, where that is declared"),
    ("names.ends", &["D6"], "a star without a dot is every name that ends so (choice)"),
    ("names.starts", &["D6"], "a star at the end is every name that begins so (choice)"),
    ("names.around", &["D6"], "a star inside stands for anything (choice)"),
    (
        "names.contains",
        &["D7"],
        "a text between stars, the last at the end, is anywhere in the name (choice)",
    ),
    ("names.everything", &["D6", "D7"], "a star alone is every name"),
    ("names.several-stars", &["D7"], "of several stars the right-most counts"),
    ("names.international", &["D9"], "an international name may be written in its letters or encoded"),
    ("names.spelling", &["D9"], "case and a final dot do not count"),
    ("names.resolves", &["D3", "D4"], "what violates nothing resolves, and nobody hears of it"),
    ("network.no-section", &["F3"], "a rule without a section on the network says nothing of it"),
    ("network.disabled", &["F1"], "a disabled section neither stops nor tells"),
    ("network.loopback", &["D15"], "what leads to the task itself is nobody's business (choice)"),
    ("network.address", &["D15"], "an entry is an address"),
    ("network.block", &["D15"], "or a block of addresses (choice)"),
    ("network.deny-list-ignored", &["D15", "D16"], "a profile without deny lists looks at none"),
    ("network.denied", &["D15", "D16"], "what is on the deny list is denied"),
    ("network.deny-wins", &["D15", "D16"], "what is on both lists is denied (choice)"),
    ("network.allowed", &["D15", "D16"], "what is on the allow list is not denied by this pair of lists"),
    ("network.not-allowed", &["D15", "D16"], "what is not on a filled allow list is denied"),
    ("network.private-port", &["D15"], "lists of outbound ports are about the internet"),
    ("network.end-of-range", &["D18"], "both ends of a range are in it"),
    ("network.loopback-listener", &["D16"], "what listens on loopback is nobody's business (choice)"),
    ("network.fine", &["D15", "D16"], "what violates nothing happens, and nobody hears of it"),
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
