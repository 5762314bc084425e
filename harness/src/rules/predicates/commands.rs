//! The shape of commands: what is a program, what is a line for a shell (`fargate.md` 1.7).

use super::context::Context;
use crate::definition::is_shell;
use crate::definition::tree::Node;
use crate::rules::check::{Blame, shown};
use crate::rules::path::Hit;

/// The command that the Console writes for the health check of its sidecar, without a keyword (`runtime-and-embed.md` 4.1). It
/// works, and who embeds cannot change it.
const OF_THE_CONSOLE: [&str; 3] = ["/usr/local/bin/defender", "fargate", "healthcheck"];

/// What only a shell understands, in a word by itself or at the end of another.
const OF_A_SHELL: [&str; 7] = ["||", "&&", "|", ";", ">", "<", "&"];

fn words(node: &Node) -> Vec<&str> {
    node.items().iter().filter_map(Node::text).collect()
}

/// Whether a text is a line of several words: a program's path may have spaces too, but then nothing of a shell, and a file
/// behind its last slash.
fn is_line(word: &str) -> bool {
    word.split_whitespace().count() > 1
}

fn has_shell_words(words: &[&str]) -> bool {
    words.iter().any(|word| OF_A_SHELL.contains(word) || (word.len() > 1 && word.ends_with(';')))
}

/// `CMD-SHELL, curl ...` in one text, as a form of the console has it.
fn keyword_in_text(word: &str) -> Option<&'static str> {
    let rest = |keyword| word.strip_prefix(keyword).filter(|rest| rest.starts_with([',', ' ']));
    ["CMD-SHELL", "CMD"].into_iter().find(|keyword| rest(*keyword).is_some())
}

/// What is odd about the command of a health check: it registers, and never is healthy.
pub(super) fn check_form(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    const BEGIN: &str = "begin it with \"CMD\" or \"CMD-SHELL\"";
    const LINE: &str = "write \"CMD-SHELL\" and the line as one text";
    let items = hit.node?.items();
    let Some(first) = items.first() else {
        return Some(Blame::value("is empty, so there is no health check").help(BEGIN));
    };
    if items.iter().any(|item| item.text().is_none()) {
        return None;
    }
    let all = words(hit.node?);
    let (first, rest) = (shown(first), &all[1..]);
    let odd = |value: String, help: &str| Some(Blame::value(value).help(help));
    match first.as_str() {
        "NONE" => None,
        keyword @ ("CMD" | "CMD-SHELL") => match rest {
            [] => odd(format!("is '{keyword}' alone"), "add the program to run"),
            [second @ ("CMD" | "CMD-SHELL"), ..] => {
                odd(format!("has two keywords, '{keyword}' and '{second}'"), "leave the second of them")
            }
            [line] if keyword == "CMD" && is_line(line) => {
                odd(format!("is one word behind CMD, and no program is called '{line}'"), LINE)
            }
            argv if keyword == "CMD" && has_shell_words(argv) => {
                odd("has words of a shell behind CMD, which starts none".to_owned(), LINE)
            }
            [line, _, ..] if keyword == "CMD-SHELL" => {
                odd(format!("is split behind CMD-SHELL: the shell takes '{line}' alone for its line"), LINE)
            }
            _ => None,
        },
        _ if all == OF_THE_CONSOLE => None,
        text => match keyword_in_text(text) {
            Some(keyword) => {
                let help = format!("write \"{keyword}\" as a word of its own, and what follows as the next");
                odd(format!("has its keyword inside of a text, '{text}'"), &help)
            }
            None => odd(format!("begins with '{text}'"), BEGIN),
        },
    }
}

/// What is odd about the program that an entry point names.
pub(super) fn command_form(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let all = words(hit.node?);
    let first = all.first()?;
    if first.contains(',') && !first.contains(' ') && !first.contains('/') {
        let help = "write each word as a text of its own";
        return Some(Blame::value(format!("has commas inside of a word, '{first}'")).help(help));
    }
    // A path may have spaces in it; a program that is looked up has none.
    if is_line(first) && !first.starts_with('/') {
        let help = "write each word as a text of its own, or [\"sh\", \"-c\", LINE]";
        return Some(Blame::value(format!("is one word, and no program is called '{first}'")).help(help));
    }
    split_line(&all)
}

/// A command behind an entry point that is a shell is one line.
pub(super) fn script_form(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let entry = context.node_of(hit)?.get("entryPoint").map(words).unwrap_or_default();
    // What the Defender's wrapper starts begins behind the first word that names a shell.
    if !entry.is_empty() && !ends_with_shell(&entry) {
        return None;
    }
    let all = words(hit.node?);
    if entry.is_empty() {
        return split_line(&all);
    }
    split_line(&[entry.as_slice(), all.as_slice()].concat())
}

fn ends_with_shell(words: &[&str]) -> bool {
    matches!(words, [.., shell, flag] if is_shell(shell) && *flag == "-c")
}

/// `sh -c npm start`: the shell takes the word behind `-c` alone for its line. Words behind it are its parameters, which is
/// meant where the line reads some.
fn split_line(all: &[&str]) -> Option<Blame> {
    let at = all.windows(2).position(|pair| is_shell(pair[0]) && pair[1] == "-c")?;
    let [line, _, ..] = &all[at + 2..] else { return None };
    (!is_line(line) && !line.contains(['$', ';', '|', '&'])).then(|| {
        let value = format!("is split behind '-c': the shell takes '{line}' alone for its line");
        Blame::value(value).help("write the line as one text")
    })
}
