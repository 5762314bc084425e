//! The expression language of custom rules: those of WAAS (section 2.14 of `reference/waas.md`, rows 98 to 106), and with the same grammar
//! and other attributes those of the runtime policy (section 3.6 of `reference/runtime-and-embed.md`, rows P22 and P23).
//!
//! A Console parses a [`Script`] to check its syntax and shows the [`ScriptError`]; a Defender evaluates it on an
//! [`Event`], which answers what the script asks, and renders the rule's [`Message`] for the audit.
//!
//! ```
//! use proofhouse_custom_rules::{Phase, Script};
//!
//! let script = Script::parse("req.path startswith \"/admin\" and not req.ip in \"10.0.0.0/8\"", Phase::Request)?;
//! assert!(!script.needs_body());
//! let error = Script::parse("req.pth = \"/\"", Phase::Request).unwrap_err();
//! assert_eq!(error.to_string(), "line 1, column 1: unknown attribute `req.pth`; did you mean `req.path`?");
//! # Ok::<(), proofhouse_custom_rules::ScriptError>(())
//! ```
//!
//! # Declared choices
//!
//! What the product's public documentation leaves open is decided so:
//!
//! - **Precedence.** Comparisons bind tightest, then `not`, then `and`, then `or`: `not req.path = "/"` is
//!   `not (req.path = "/")`. A comparison has two sides; `a = b = c` is an error.
//! - **Evaluation** goes from left to right and ends as soon as the outcome is known; so do the matches that
//!   `%regexMatches` shows. Matches of what is negated, or of a part that does not hold, are not shown.
//! - **Literals.** Strings know the escapes `\"`, `\\`, `\/`, `\n`, `\r` and `\t`, and no other. Integers have 64
//!   bits and a sign. Keywords and names are written as documented: `startswith`, not `startsWith`.
//! - **Types** are never converted: a string is not compared with an integer, and `<`, `<=`, `>`, `>=` compare
//!   integers only. A map is no value: `req.headers["key"]` is. Only `jwtValid` is a condition by itself.
//! - **`req.host`** is a string, as the documented examples use it, not a map.
//! - **Addresses.** `req.ip` is compared with literals only: by `=` and `!=` with an address, by `in` with
//!   addresses and networks. An IPv4 address within IPv6 is the IPv4 address. An unknown address is in no network,
//!   and `!=` to all. Anything else is text, and `in "10.0.0.0/8"` looks for that text.
//! - **Strings** are compared byte for byte, in the case in which they are written.
//! - **`contains`** looks for text within a string; a list contains a string that equals one of its own. A regular
//!   expression matches anywhere in the string, or in one of the list.
//! - **Lists.** `=`, `in`, `contains` and `startswith` hold if they hold for one string of the list; `!=` is the
//!   negation of `=`, so that it holds if no string equals. Nothing holds for an empty list but `!=`. Lists stand
//!   on the left.
//! - **Maps.** A key that is not there has the empty string as its value. A key that is there several times, as a
//!   repeated header, is compared as a list of its values would be; on the right of a comparison its first value
//!   counts.
//! - **Header names** know no case: not in `req.headers["key"]`, and not where `req.header_names` is compared with
//!   strings. Regular expressions and transforms see them in canonical form, `X-Forwarded-For`, whatever the
//!   version of HTTP. Names of cookies and of parameters have a case.
//! - **Values** of headers, cookies and parameters are those of the message, not decoded; that is what transforms
//!   are for.
//! - **`resp.status_code`** without a response: no comparison holds but `!=`.
//! - **Regular expressions** end at the first slash without a backslash, and have the syntax and the meaning of
//!   RE2; flags are written within them, `/(?i)a/`. Each byte that is no UTF-8 is the character U+FFFD. The bounds
//!   of RE2 on repetitions are kept.
//! - **`urlQueryDecode`, `urlPathDecode`** decode once and leave alone what is no escape.
//! - **`unicodeDecode`** replaces what resembles ASCII (accents, full width, mathematics, Greek, Cyrillic,
//!   punctuation), removes what is not seen, and leaves other characters. It does not decode `%u0041` or `\u0041`.
//! - **`htmlEntityDecode`** knows the names of ASCII, of Latin-1 and of common punctuation, and all numbers.
//! - **`base64Decode`** reads both alphabets, with or without padding, up to the first character that is no digit.
//! - **`replaceComments`** replaces a comment that is not closed as well. **`removeTags`** replaces `&lt;` and
//!   `&gt;` in any case.
//! - **White space** is what the documentation lists; 160 is the no-break space, or that byte alone.
//! - **Tokens.** White space and an optional `Bearer ` before a token are skipped, in any case. What is no token
//!   has empty parts and is not valid; an encrypted one is none. Values that are no strings are given as JSON.
//!   `jwtValid` wants an `alg`, lets a time equal to now pass for `iat` and `nbf` but not for `exp`, does not know
//!   the length of signatures of RSA and of unknown algorithms, wants none for `none`, and holds for a list if all
//!   of it is valid.
//! - **Bounds.** Scripts have [`Script::MAX_LENGTH`] bytes, [`Script::MAX_DEPTH`] levels, [`Script::MAX_PARTS`]
//!   parts and [`Script::MAX_PATTERNS`] different regular expressions at most, each of which may take a mebibyte
//!   when it is compiled, and as much again while it is matched.
//! - **Messages** have at most [`Message::MAX_LENGTH`] bytes and [`Message::MAX_VALUE`] for each macro; unknown
//!   macros stay.
//! - **Rules of the runtime policy.** The reference names `proc.cmdline` and `proc.interactive`, which App-Embedded does not have, and no
//!   other attribute of a process or a connection. There are `proc.name`, `proc.path`, `proc.pname`, `proc.user` and `proc.cmdline`, in
//!   rules of type `network-outgoing` also `net.outgoing_ip`, `net.outgoing_port` and `net.domain`. A lookup of a name has no address
//!   and no port, and what reaches an address has the empty name. Messages have no macros of their own.
//! - **System rules.** The shipped rules are not ours to copy: [`system_rules`] are 20 of our own, in their style,
//!   that stand in for them. They are disabled: attached to nothing until a user attaches them.

mod attribute;
mod check;
mod error;
mod evaluate;
mod event;
mod hit;
mod jwt;
mod language;
mod message;
mod network;
mod pattern;
mod phase;
mod plan;
mod script;
mod shorten;
mod system;
mod transform;

pub use attribute::{MapAttribute, RuntimeText, TextAttribute};
pub use error::ScriptError;
pub use event::{Event, Field, Fields};
pub use hit::Hit;
pub use message::Message;
pub use phase::Phase;
pub use script::Script;
pub use system::{SystemRule, system_rules};
