//! Names of commands that are words of a sentence.
//!
//! Rules look for them at the start of a value and in the middle of it. A shell runs none of these: what stands behind an article
//! is an argument of the article, and no Unix has these commands with a capital. A sentence that goes on behind the name with an
//! auxiliary verb or a preposition could be one, and would attack nothing.

use super::prose::regex;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Rules for commands of Unix, whose names are told by case, and of Windows.
const UNIX: [u32; 7] = [932_100, 932_105, 932_150, 932_230, 932_235, 932_250, 932_260];
const WINDOWS: [u32; 4] = [932_110, 932_115, 932_370, 932_380];

/// Words before a noun that are no command, and no word of a shell; sorted.
const BEFORE: [&str; 34] = [
    "a",
    "all",
    "an",
    "and",
    "another",
    "any",
    "by",
    "each",
    "every",
    "first",
    "following",
    "from",
    "her",
    "his",
    "its",
    "my",
    "next",
    "no",
    "of",
    "one",
    "or",
    "other",
    "our",
    "same",
    "some",
    "that",
    "the",
    "their",
    "these",
    "this",
    "those",
    "with",
    "without",
    "your",
];

/// Words that go on a sentence behind its subject, and name no file; sorted.
const BEHIND: [&str; 48] = [
    "an", "and", "are", "as", "at", "be", "because", "been", "but", "by", "can", "could", "did", "does",
    "from", "had", "has", "have", "he", "how", "if", "in", "into", "is", "it", "may", "me", "must", "not",
    "of", "on", "or", "shall", "she", "should", "than", "that", "the", "they", "to", "was", "we", "were",
    "when", "will", "with", "would", "you",
];

/// What is behind a name: two words at least, and only words until the sentence ends.
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\A (?P<first>[A-Za-z]+),?(?: [A-Za-z0-9][a-z0-9]*(?:['-][a-z]+)?[,:]?)*(?: [A-Za-z]+)(?:[.!?;:,](?: |\z)|\z)",
    )
});

/// What is behind a name: two words in small letters.
static WORDS: LazyLock<Regex> = LazyLock::new(|| regex(r"\A [a-z]{2,} [a-z]{2,}(?:[ .,:;!?]|\z)"));

/// The name of a firm, with nothing but capitalised words on either side of its sign.
static FIRM: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A/?[A-Z][a-z]+(?: [A-Z][a-z]+)* & [A-Z][a-z]+(?: [A-Z][a-z]+)+\.?\z"));

/// Whether the command that a rule found there is a word of a sentence.
pub(super) fn is_word(rule: u32, value: &[u8], found: &Range<usize>) -> bool {
    let is_unix = UNIX.contains(&rule);
    if !is_unix && !WINDOWS.contains(&rule) {
        return false;
    }
    if is_unix && FIRM.is_match(value) {
        return true;
    }
    let lead = value[found.start..].iter().take_while(|byte| matches!(byte, b';' | b' ')).count();
    let is_separate = value.get(found.start) == Some(&b';');
    let (before, text) = value.split_at(found.start + lead);
    let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (command, behind) = text.split_at(length);
    if command.is_empty() || !is_separate && value[found.start..found.start + lead].contains(&b';') {
        return false;
    }
    if !is_separate && is_noun(before) {
        return true;
    }
    let goes_on = || {
        SENTENCE.captures(behind).is_some_and(|sentence| {
            sentence.name("first").is_some_and(|first| is_in(&BEHIND, first.as_bytes()))
        })
    };
    if is_separate {
        return value[..found.start].last().is_some_and(u8::is_ascii_alphabetic) && goes_on();
    }
    let begins = before.is_empty() || before.ends_with(b". ") || before.ends_with(b": ");
    let is_name = is_unix && command[0].is_ascii_uppercase();
    begins && (is_name && WORDS.is_match(behind) || goes_on())
}

/// Whether an article or the like stands before it, with one or two words between them at most: it is an argument then.
fn is_noun(mut before: &[u8]) -> bool {
    for _ in 0..3 {
        let Some(rest) = before.strip_suffix(b" ") else {
            return false;
        };
        let part = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'-';
        let start = rest.iter().rposition(part).map_or(0, |at| at + 1);
        if start == rest.len() || !matches!(rest[..start].last(), None | Some(b' ')) {
            return false;
        }
        if is_in(&BEFORE, &rest[start..]) {
            return true;
        }
        before = &rest[..start];
    }
    false
}

fn is_in(list: &[&str], word: &[u8]) -> bool {
    let word = word.to_ascii_lowercase();
    list.binary_search_by(|known| known.as_bytes().cmp(&word)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(rule: u32, value: &str, from: &str) -> bool {
        let start = value.find(from).expect("the value has that");
        is_word(rule, value.as_bytes(), &(start..start + from.len()))
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(BEFORE.is_sorted() && BEHIND.is_sorted());
    }

    #[test]
    fn nouns_behind_an_article() {
        for text in [
            "Wait for the time when it ends",
            "every time",
            "a time-out of this",
            "It is the time; go",
            "the very last-minute time",
        ] {
            assert!(word(932_230, text, "time"), "{text}");
        }
        for text in [
            "sudo time ls",
            "time ls",
            "x;the time ls",
            "x; time ls",
            "/the time ls",
            "which time ls",
            "the a;b time",
            "a -x | time ls",
            "the red green blue time",
        ] {
            assert!(!word(932_230, text, "time"), "{text}");
        }
        assert!(!word(932_160, "the time", "time"), "only rules about names of commands");
    }

    #[test]
    fn firms() {
        let firm = |text: &str| word(932_230, text, "& ");
        assert!(firm("Oxygen & Sleep Associates Inc") && firm("/Watch & Time Company"));
        for text in [
            "Oxygen & Sleep 5",
            "oxygen & Sleep Associates",
            "Oxygen & sleep Associates",
            "Oxygen & Sleep",
            "O & Sleep Inc; id",
        ] {
            assert!(!firm(text), "{text}");
        }
        assert!(!word(932_370, "Oxygen & Sleep Associates Inc", "& "), "Windows does not ask for case");
    }

    #[test]
    fn subjects_of_a_sentence() {
        for text in
            ["time is up now", "Done. time is on our side, they say", "time to go home; bring 2 chairs"]
        {
            assert!(word(932_260, text, "time"), "{text}");
        }
        for text in [
            "time is /bin/ls",
            "time to",
            "time of x.example",
            "time is up -rf now",
            "time is up $(id)",
            "time cat notes",
            "time is `id` now",
            "x time is up now",
        ] {
            assert!(!word(932_260, text, "time"), "{text}");
        }
    }

    #[test]
    fn names_with_a_capital() {
        for text in ["Time tables for two", "Note: Time zones of x::y are here"] {
            assert!(word(932_250, text, "Time"), "{text}");
        }
        assert!(!word(932_370, "Time tables for two", "Time"), "on Windows case does not matter");
        assert!(!word(932_250, "Time -p ls", "Time"));
        assert!(!word(932_250, "Time http://x y", "Time"));
        assert!(!word(932_250, "|Time tables for two", "Time"));
    }

    #[test]
    fn behind_a_semicolon() {
        assert!(word(932_110, "It rains; sort should wait for us", "; sort"));
        for text in
            ["It rains; sort notes", "It rains ; sort should wait", "1; sort should wait", "x; sort is -o y"]
        {
            assert!(!word(932_110, text, if text.contains(" ;") { " ; sort" } else { "; sort" }), "{text}");
        }
    }
}
