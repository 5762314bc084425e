//! YAML into the same tree as JSON, with the place of every value.
//!
//! A tag that is not YAML's own is a CloudFormation function: `!Ref`, `!Sub`, `!If`. Scalars are read by the core schema
//! of YAML 1.2, as the AWS CLI reads them, so that `yes` stays a text.

use super::Span;
use super::tree::{Member, Node, Value};
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Nesting deeper than this is refused, so that a hostile file cannot exhaust the stack.
const MAX_DEPTH: usize = 128;

/// Values that aliases may add, so that a small file cannot stand for a huge one.
const MAX_ALIASED: usize = 100_000;

/// A text that is not YAML, or more YAML than a task definition can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Where it went wrong.
    pub span: Span,
    /// What is wrong there.
    pub message: String,
}

/// Reads every document of a text; an empty one is null.
///
/// # Errors
/// The first place where the text is not YAML.
pub fn parse(text: &str) -> Result<Vec<Node>, YamlError> {
    let options = granit_parser::options! { emit_comments: false };
    let mut reader = Reader::new(text, options);
    let mut documents = Vec::new();
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(documents),
            (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
            (event, span) => documents.push(reader.node(event, span, 0)?),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    events: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    aliased: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, options: Options) -> Self {
        let events = Parser::new_from_str_with_options(text, options);
        Self { text, events, anchors: HashMap::new(), aliased: 0 }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), YamlError> {
        match self.events.next() {
            None => Ok((Event::StreamEnd, Span::new(self.text.len(), self.text.len()))),
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or_default();
                let start =
                    span.tag_span().and_then(|tag| tag.byte_range()).map_or(range.start, |tag| tag.start);
                Ok((event, self.within(start.min(range.start), range.end)))
            }
            Some(Err(error)) => Err(self.failed(&error)),
        }
    }

    fn failed(&self, error: &ScanError) -> YamlError {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        YamlError { span: self.within(at, at + 1), message: error.info().to_owned() }
    }

    /// A span on the borders of characters.
    fn within(&self, start: usize, end: usize) -> Span {
        Span::new(start, end).on_borders(self.text)
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, YamlError> {
        if depth > MAX_DEPTH {
            return Err(YamlError { span, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(&text, style, tag.as_deref(), span)),
            Event::SequenceStart(style, anchor, tag) => {
                (anchor, tagged(self.sequence(style, span, depth)?, tag.as_ref()))
            }
            Event::MappingStart(style, anchor, tag) => {
                (anchor, tagged(self.mapping(style, span, depth)?, tag.as_ref()))
            }
            Event::Alias(anchor) => return self.alias(anchor, span),
            _ => return Err(YamlError { span, message: "expected a value".to_owned() }),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node, YamlError> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(YamlError {
                span,
                message: "this alias stands inside of what it repeats".to_owned(),
            });
        };
        self.aliased += size(node);
        if self.aliased > MAX_ALIASED {
            return Err(YamlError {
                span,
                message: format!("aliases repeat more than {MAX_ALIASED} values"),
            });
        }
        Ok(Node { span, value: node.value.clone() })
    }

    fn sequence(&mut self, style: StructureStyle, start: Span, depth: usize) -> Result<Node, YamlError> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    let last = items.last().map(|item| item.span);
                    return Ok(Node { span: whole(style, start, last, end), value: Value::Array(items) });
                }
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, style: StructureStyle, start: Span, depth: usize) -> Result<Node, YamlError> {
        let (mut members, mut merged): (Vec<Member>, Vec<Member>) = (Vec::new(), Vec::new());
        let mut last = None;
        loop {
            let (event, key_span) = self.next()?;
            let key = match event {
                Event::MappingEnd => {
                    // What is written out wins over what is merged in.
                    merged.retain(|member| members.iter().all(|own| own.key != member.key));
                    merged.append(&mut members);
                    let span = whole(style, start, last, key_span);
                    return Ok(Node { span, value: Value::Object(merged) });
                }
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    let message = "a key that is no plain text".to_owned();
                    return Err(YamlError { span: key_span, message });
                }
            };
            let (event, span) = self.next()?;
            let node = self.node(event, span, depth + 1)?;
            last = Some(node.span);
            if key == "<<" && !matches!(node.value, Value::String(_)) {
                merge(&mut merged, &node);
            } else {
                members.push(Member { written: key.clone(), key, key_span, node });
            }
        }
    }
}

/// A block ends with its last child, not where the parser notices.
fn whole(style: StructureStyle, start: Span, last: Option<Span>, end: Span) -> Span {
    match (style, last) {
        (StructureStyle::Block, Some(last)) => Span::new(start.start, last.end),
        _ => Span::new(start.start, end.end),
    }
}

/// Takes the members of `<<: *anchor`, or of a list of them, where the first wins.
fn merge(into: &mut Vec<Member>, from: &Node) {
    for object in if from.items().is_empty() { std::slice::from_ref(from) } else { from.items() } {
        for member in object.members() {
            if into.iter().all(|known| known.key != member.key) {
                into.push(member.clone());
            }
        }
    }
}

fn size(node: &Node) -> usize {
    1 + node.items().iter().map(size).sum::<usize>()
        + node.members().iter().map(|member| size(&member.node)).sum::<usize>()
}

fn function(tag: Option<&Tag>) -> Option<&str> {
    tag.filter(|tag| !tag.is_yaml_core_schema()).map(Tag::suffix).filter(|name| !name.is_empty())
}

fn tagged(node: Node, tag: Option<&Cow<'_, Tag>>) -> Node {
    match function(tag.map(AsRef::as_ref)) {
        Some(name) => Node { span: node.span, value: Value::Function(format!("!{name}")) },
        None => node,
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Node {
    let value = match function(tag) {
        // The pseudo parameter that takes a property away.
        Some("Ref") if text == "AWS::NoValue" => Value::Null,
        Some(name) if text.is_empty() || text.contains('\n') => Value::Function(format!("!{name}")),
        Some(name) => Value::Function(format!("!{name} {text}")),
        None => match tag.and_then(Tag::core_suffix) {
            Some("str") => Value::String(text.to_owned()),
            Some(_) => plain(text),
            None if style == ScalarStyle::Plain => plain(text),
            None => Value::String(text.to_owned()),
        },
    };
    Node { span, value }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        // A number is what JSON takes for one: `0123` is an account, not a number.
        _ if super::json::is_number(text) => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> Node {
        parse(text).unwrap().remove(0)
    }

    fn shown(node: &Node) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(text) => text.clone(),
            Value::String(text) => format!("{text:?}"),
            Value::Function(text) => format!("({text})"),
            Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
            Value::Object(members) => {
                let members: Vec<_> =
                    members.iter().map(|m| format!("{}: {}", m.key, shown(&m.node))).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    #[test]
    fn reads_scalars_by_the_core_schema() {
        for (text, value) in [
            ("256", "256"),
            ("'256'", "\"256\""),
            ("!!str 256", "\"256\""),
            ("0123", "\"0123\""),
            ("~", "null"),
            ("yes", "\"yes\""),
            ("True", "true"),
            (".5", "\".5\""),
            ("!Ref Cpu", "(!Ref Cpu)"),
            ("!Ref AWS::NoValue", "null"),
            ("!If [A, 1, 2]", "(!If)"),
            ("!Sub\n  a: b\n", "(!Sub)"),
            ("|\n  a\n  b\n", "\"a\\nb\\n\""),
            ("{a: [1, {b: c}], d: }", "{a: [1, {b: \"c\"}], d: null}"),
        ] {
            assert_eq!(shown(&one(text)), value, "{text:?}");
        }
    }

    #[test]
    fn knows_where_everything_stands() {
        let text = "# é\nfamily: web\ncpu: !Ref Cpu\nlist:\n  - name: a\n    links: [b]\n\nlast: 'x'\n";
        let root = one(text);
        let at = |node: &Node| &text[node.span.start..node.span.end];
        assert_eq!(at(root.get("family").unwrap()), "web");
        assert_eq!(at(root.get("cpu").unwrap()), "!Ref Cpu");
        assert_eq!(at(root.get("list").unwrap()), "- name: a\n    links: [b]");
        assert_eq!(at(root.get("list").unwrap().items()[0].get("links").unwrap()), "[b]");
        assert_eq!(at(root.get("last").unwrap()), "'x'");
        let key = root.member("last").unwrap().key_span;
        assert_eq!(&text[key.start..key.end], "last");
    }

    #[test]
    fn anchors_are_followed_but_not_for_ever() {
        assert_eq!(
            shown(&one("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: *x\n")),
            "{a: {b: 1, c: 2}, d: {b: 1, c: 3}, e: {b: 1, c: 2}}"
        );
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(parse(&bomb).unwrap_err().message.contains("aliases repeat"));
        assert!(parse("a: &x [*x]\n").unwrap_err().message.contains("inside"));
        assert!(parse("a: *nobody\n").is_err());
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"- ".repeat(100_000)).is_err());
    }

    #[test]
    fn counts_documents() {
        assert_eq!(parse("a: 1\n---\nb: 2\n").unwrap().len(), 2);
        assert_eq!(parse("# nothing\n").unwrap().len(), 0);
    }

    fn inside(node: &Node, text: &str) {
        assert!(node.span.end <= text.len());
        assert!(text.is_char_boundary(node.span.start) && text.is_char_boundary(node.span.end));
        node.items().iter().for_each(|item| inside(item, text));
        node.members().iter().for_each(|member| inside(&member.node, text));
    }

    proptest! {
        #[test]
        fn any_text_gives_nodes_or_a_place_in_it(text in "[-a-cé:?!&*|>'\"{}\\[\\], #%@~0-9\\n]{0,60}") {
            match parse(&text) {
                Ok(documents) => documents.iter().for_each(|node| inside(node, &text)),
                Err(error) => {
                    prop_assert!(error.span.end <= text.len());
                    prop_assert!(text.is_char_boundary(error.span.start));
                }
            }
        }

        #[test]
        fn any_string_at_all(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
