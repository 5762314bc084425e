//! XML bodies: text, attributes, and whatever stands between `<!` and `>`.
//!
//! Text is a value piece by piece, and as a reader puts it together: over comments, sections and instructions, which are no bounds of
//! it, and over the children of an element that has text beside them.
//!
//! The scanner never refuses: an attacker's XML need not be well-formed for a lenient parser to read it.

use super::path::Room;
use crate::AttackSet;
use crate::input::{Class, Input, Inputs, Location};
use crate::transform::{Names, html_decode};
use std::borrow::Cow;
use std::ops::Range;

/// Deepest path that is kept; what is deeper is inspected under it.
const DEEPEST: usize = 256;

/// Longest beginning of a name, in bytes, that is looked at for a path.
const LONGEST_NAME: usize = 1024;

/// Bytes of text put together over the children of elements that are inspected of any document, however short.
const LITTLE: usize = 1024;

/// A child of the root, or an attribute of it, whose name then begins with `@`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: Vec<u8>,
    /// Pieces of text directly in it, and what readers put together of them.
    pub(crate) texts: Vec<Vec<u8>>,
    /// Those of its own children.
    pub(crate) items: Vec<Vec<u8>>,
}

/// Adds the values found; false if no element was found.
pub(super) fn values<'a>(bytes: &'a [u8], inputs: &mut Inputs<'a>) -> bool {
    let mut scanner = Scanner::new(bytes, Sink::Inputs(inputs));
    scanner.run();
    scanner.elements > 0
}

/// The children and attributes of the root.
pub(super) fn children(bytes: &[u8]) -> Vec<Element> {
    let mut found = Vec::new();
    Scanner::new(bytes, Sink::Children(&mut found)).run();
    found
}

/// The text of an open element, by where it stands in that of the document.
#[derive(Debug, Default)]
struct Open {
    /// Where its text and that of all below it begins.
    start: usize,
    /// Text directly in it.
    own: Vec<Range<usize>>,
    /// Pieces of that.
    pieces: usize,
}

struct Scanner<'a, 'w> {
    rest: &'a [u8],
    path: Vec<&'a [u8]>,
    open: Vec<Open>,
    /// Text of all elements so far.
    text: Vec<u8>,
    /// Bytes of text put together over children that are still inspected, as it is there again for each element around it.
    together: usize,
    /// Whether there was no room for a text that was put together: that of the document is inspected then, once.
    too_much: bool,
    /// Elements that are open, those too that are deeper than the path goes.
    depth: usize,
    elements: usize,
    room: Room,
    sink: Sink<'a, 'w>,
}

/// What is wanted of a document.
enum Sink<'a, 'w> {
    Inputs(&'w mut Inputs<'a>),
    Children(&'w mut Vec<Element>),
}

impl<'a, 'w> Scanner<'a, 'w> {
    fn new(bytes: &'a [u8], sink: Sink<'a, 'w>) -> Self {
        Self {
            rest: bytes,
            path: Vec::new(),
            open: vec![Open::default()],
            text: Vec::with_capacity(bytes.len()),
            together: bytes.len().max(LITTLE),
            too_much: false,
            depth: 0,
            elements: 0,
            room: Room::of(bytes.len()),
            sink,
        }
    }

    fn run(&mut self) {
        self.scan();
        // What nobody has closed.
        while self.open.len() > 1 {
            self.close();
        }
        if let (Sink::Inputs(inputs), true) = (&mut self.sink, self.too_much) {
            inputs.push_whole(argument(Cow::Borrowed(""), Cow::Owned(std::mem::take(&mut self.text))));
        }
    }

    fn scan(&mut self) {
        while !self.rest.is_empty() {
            let text = self.take_until(b"<");
            self.text(text);
            if self.rest.is_empty() {
                return;
            }
            if let Some(rest) = self.rest.strip_prefix(b"<![CDATA[") {
                self.rest = rest;
                let text = self.take_until(b"]]>");
                self.push_as_is(text);
                self.keep(text);
                self.skip(3);
            } else if let Some(rest) = self.rest.strip_prefix(b"<!--") {
                self.rest = rest;
                let text = self.take_until(b"-->");
                self.aside(text.trim_ascii());
                self.skip(3);
            } else if self.rest.starts_with(b"<!") {
                self.declaration();
            } else if self.rest.starts_with(b"<?") {
                let text = self.take_until(b"?>");
                // The XML declaration itself is in every document, and would look like code.
                if !text.starts_with(b"<?xml ") {
                    self.aside(text);
                }
                self.skip(2);
            } else if self.rest.starts_with(b"</") {
                self.take_until(b">");
                self.skip(1);
                self.close();
            } else {
                self.skip(1);
                self.element();
            }
        }
    }

    /// `<!DOCTYPE ...>` with its internal subset, shown as written: that is where entities are declared.
    fn declaration(&mut self) {
        let mut depth = 0usize;
        let end = self.rest.iter().position(|byte| {
            match byte {
                b'[' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            *byte == b'>' && depth == 0
        });
        let end = end.map_or(self.rest.len(), |at| at + 1);
        let (declaration, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.aside(declaration);
    }

    fn element(&mut self) {
        let name = self.take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'>' | b'/'));
        self.elements += 1;
        self.open(name);
        loop {
            self.take_while(|b| b.is_ascii_whitespace());
            match self.rest.first() {
                None => return,
                Some(b'>') => {
                    self.skip(1);
                    return;
                }
                Some(b'/') => {
                    self.skip(1);
                    if self.rest.first() == Some(&b'>') {
                        self.skip(1);
                        self.close();
                        return;
                    }
                }
                Some(_) => self.attribute(),
            }
        }
    }

    fn open(&mut self, name: &'a [u8]) {
        if self.path.len() < DEEPEST {
            self.path.push(name);
            self.open.push(Open { start: self.text.len(), ..Open::default() });
        }
        self.depth += 1;
        if let Sink::Children(children) = &mut self.sink
            && self.depth == 2
        {
            children.push(Element { name: name.to_vec(), ..Element::default() });
        }
    }

    fn close(&mut self) {
        let kept = self.depth <= self.path.len();
        if kept
            && self.open.len() > 1
            && let Some(Open { start, own, pieces }) = self.open.pop()
        {
            let whole = start..self.text.len();
            let own_length: usize = own.iter().map(ExactSizeIterator::len).sum();
            if pieces > 0 && own_length < whole.len() {
                let budget = self.together.checked_sub(whole.len());
                self.together = budget.unwrap_or_default();
                match (budget, &mut self.sink) {
                    (None, Sink::Inputs(inputs)) => {
                        inputs.leave_out();
                        self.too_much = true;
                    }
                    _ => self.put_together(&[whole]),
                }
            }
            if pieces > 1 {
                self.put_together(&own);
            }
        }
        if kept {
            self.path.pop();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Text that is part of the open element.
    fn keep(&mut self, text: &[u8]) {
        if let Some(element) = self.open.last_mut()
            && !text.is_empty()
        {
            let start = self.text.len();
            self.text.extend_from_slice(text);
            let end = self.text.len();
            match element.own.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => element.own.push(start..end),
            }
            element.pieces += usize::from(!text.trim_ascii().is_empty());
        }
    }

    /// Text that stands in several pieces.
    fn put_together(&mut self, ranges: &[Range<usize>]) {
        if matches!(self.sink, Sink::Children(_)) && !(2..=3).contains(&self.depth) {
            return;
        }
        let pieces: Vec<&[u8]> = ranges.iter().map(|range| &self.text[range.clone()]).collect();
        let together = match pieces.as_slice() {
            [one] => one.trim_ascii().to_vec(),
            several => several.concat().trim_ascii().to_vec(),
        };
        self.input(Cow::Owned(together), None);
        self.too_much |= matches!(&self.sink, Sink::Inputs(inputs) if inputs.left_out());
    }

    /// A piece of text with its references.
    fn text(&mut self, text: &'a [u8]) {
        let mut out = Vec::new();
        let decoded = html_decode(text, Names::Xml, &mut out);
        self.keep(if decoded { &out } else { text });
        let value =
            if decoded { Cow::Owned(out.trim_ascii().to_vec()) } else { Cow::Borrowed(text.trim_ascii()) };
        if !value.is_empty() {
            self.input(value, None);
        }
    }

    fn attribute(&mut self) {
        let name = self.take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/'));
        if name.is_empty() {
            // A stray `=`: one step on, or the scan would stand still.
            self.skip(1);
        }
        self.take_while(|b| b.is_ascii_whitespace());
        if self.rest.first() != Some(&b'=') {
            return;
        }
        self.skip(1);
        self.take_while(|b| b.is_ascii_whitespace());
        let value = match self.rest.first() {
            Some(&quote @ (b'"' | b'\'')) => {
                self.skip(1);
                let value = self.take_while(|b| b != quote);
                self.skip(1);
                value
            }
            _ => self.take_while(|b| !b.is_ascii_whitespace() && b != b'>'),
        };
        if !value.is_empty() {
            let mut out = Vec::new();
            let value =
                if html_decode(value, Names::Xml, &mut out) { Cow::Owned(out) } else { Cow::Borrowed(value) };
            self.input(value, Some(name));
        }
    }

    fn push_as_is(&mut self, value: &'a [u8]) {
        if !value.is_empty() {
            self.input(Cow::Borrowed(value), None);
        }
    }

    /// What stands in a document and is no text of an element.
    fn aside(&mut self, value: &'a [u8]) {
        if matches!(self.sink, Sink::Inputs(_)) {
            self.push_as_is(value);
        }
    }

    fn input(&mut self, value: Cow<'a, [u8]>, attribute: Option<&[u8]>) {
        let inputs = match &mut self.sink {
            Sink::Inputs(inputs) => inputs,
            Sink::Children(children) => return child(children, self.depth, value, attribute),
        };
        let attribute = attribute.map(|name| Cow::Owned(format!("@{}", text(name))));
        let names = self.path.iter().map(|name| text(name));
        let key = self.room.path(names.chain(attribute));
        inputs.push(argument(Cow::Owned(key), value));
    }

    fn take_until(&mut self, mark: &[u8]) -> &'a [u8] {
        let at = self.rest.windows(mark.len()).position(|window| window == mark).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(at);
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let at = self.rest.iter().position(|byte| !wanted(*byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(at);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, count: usize) {
        self.rest = &self.rest[count.min(self.rest.len())..];
    }
}

fn argument<'a>(key: Cow<'a, str>, value: Cow<'a, [u8]>) -> Input<'a> {
    Input { class: Class::Argument, location: Location::XmlBody, key, value, skip: AttackSet::NONE }
}

/// The beginning of a name: more of it is not kept, and shall not be read again for every value.
fn text(name: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&name[..name.len().min(LONGEST_NAME)])
}

fn child(children: &mut Vec<Element>, depth: usize, value: Cow<'_, [u8]>, attribute: Option<&[u8]>) {
    match (attribute, depth, children.last_mut()) {
        (Some(name), 1, _) => {
            let texts = vec![value.into_owned()];
            children.push(Element { name: [b"@", name].concat(), texts, items: Vec::new() });
        }
        (None, 2, Some(child)) => child.texts.push(value.into_owned()),
        (None, 3, Some(child)) => child.items.push(value.into_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let mut inputs = Inputs::default();
        values(text.as_bytes(), &mut inputs);
        inputs
            .iter()
            .map(|input| (input.key.to_string(), String::from_utf8_lossy(&input.value).into_owned()))
            .collect()
    }

    #[test]
    fn text_attributes_and_sections_are_values() {
        let found = read(
            "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\
             <r a=\"1 &lt; 2\"><b>t</b><c/><![CDATA[<raw>]]><!-- note --></r>",
        );
        let expected = [
            ("", "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"),
            ("/r/@a", "1 < 2"),
            ("/r/b", "t"),
            ("/r", "<raw>"),
            ("/r", "note"),
            ("/r", "t<raw>"),
        ];
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn pieces_of_text_are_put_together_as_readers_do() {
        let joined = |text: &str, key: &str, value: &str| {
            let found = read(text);
            assert!(found.contains(&(key.to_owned(), value.to_owned())), "{text}: {found:?}");
        };
        for pieces in [
            "1<![CDATA[' OR ]]>'1'='1",
            "<![CDATA[1]]><![CDATA[' OR '1'='1]]>",
            "1' <!-- no -->OR '1'='1",
            "1' OR<?note x?> '1'='1",
            "1&#39; <!-- -->OR '1'=&apos;1",
            "1' OR<b/> '1'='1",
            "1' OR<b x='2'></b> '1'='1",
            "1'<b> OR</b> '1'='1",
            "1'<b> <i>O</i>R</b> '1'='1",
        ] {
            joined(&format!("<a><c>{pieces}</c></a>"), "/a/c", "1' OR '1'='1");
            joined(&format!("<a><c>{pieces}"), "/a/c", "1' OR '1'='1");
        }
        // Where there is no room for that, all is one text, and something was left out.
        let text = format!("<a>{}1<b/>' OR '1'='1</a>", "<p>x".repeat(200));
        let mut inputs = Inputs::of(0);
        while !inputs.left_out() {
            values(text.as_bytes(), &mut inputs);
        }
        let last = inputs.last().unwrap();
        assert!(last.key.is_empty() && last.value.ends_with(b"xxx1' OR '1'='1"), "{last:?}");
        // Data that is not mixed has nothing put together.
        let plain = read("<feed>\n <title>News</title>\n <author>Anna</author>\n</feed>");
        assert_eq!(plain.len(), 2, "{plain:?}");
    }

    #[test]
    fn text_without_elements_is_no_xml() {
        assert!(!values(b"plain", &mut Inputs::default()));
        assert!(values(b"<open>x", &mut Inputs::default()));
    }

    fn elements(text: &str) -> Vec<(String, Vec<String>, Vec<String>)> {
        let texts =
            |all: &[Vec<u8>]| all.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect();
        let found = children(text.as_bytes());
        found
            .iter()
            .map(|one| {
                (String::from_utf8_lossy(&one.name).into_owned(), texts(&one.texts), texts(&one.items))
            })
            .collect()
    }

    #[test]
    fn children_of_the_root() {
        let found =
            elements("<r id='7'><a>1<!--2-->3</a><b/><c x='1'><i>4</i><i>5<j>6</j></i></c><![CDATA[x]]></r>");
        let expected = [
            ("@id", vec!["7"], vec![]),
            ("a", vec!["1", "3", "13"], vec![]),
            ("b", vec![], vec![]),
            ("c", vec![], vec!["4", "5", "56"]),
        ];
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(found, expected.map(|(name, texts, items)| (name.to_owned(), owned(texts), owned(items))));
    }

    #[test]
    fn what_is_deep_does_not_hide_what_stands_behind_it() {
        let deep = format!("<r><x>{}{}</x><n>9</n></r>", "<d>".repeat(400), "</d>".repeat(400));
        assert!(read(&deep).contains(&("/r/n".to_owned(), "9".to_owned())));
        assert_eq!(elements(&deep).last().unwrap(), &("n".to_owned(), vec!["9".to_owned()], vec![]));
    }

    #[test]
    fn many_values_under_a_long_path_take_no_more_than_the_body() {
        for value in ["x<b/>", "<!--x-->", "<b a=1/>"] {
            let body = format!("<{}>{}", "n".repeat(250), value.repeat(5_000));
            let mut inputs = Inputs::default();
            assert!(values(body.as_bytes(), &mut inputs));
            let kept: usize = inputs.iter().map(|input| input.key.len() + input.value.len()).sum();
            assert!(inputs.len() >= 5_000 && kept < 8 * body.len(), "{kept} of {}", body.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn always_terminates(text in "[<>!?/=\"'\\[\\]a -]{0,80}") {
            let _ = (read(&text), elements(&text));
        }
    }
}
