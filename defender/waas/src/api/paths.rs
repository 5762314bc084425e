//! The resources of an API as a tree of segments: literal ones before templates, from the left.

use std::collections::HashMap;

/// Names and values of a template.
pub(super) type Captured<'t, 's> = Vec<(&'t str, &'s [u8])>;

/// Leads from segments to a `T` for each path.
#[derive(Debug)]
pub(super) struct Paths<T> {
    root: Node<T>,
}

#[derive(Debug)]
struct Node<T> {
    literal: HashMap<Vec<u8>, Node<T>>,
    /// Those with more literal text go first.
    templates: Vec<(Template, Node<T>)>,
    end: Option<T>,
}

/// A segment with names in it: literal text, and behind each piece of it a value.
#[derive(Debug, PartialEq, Eq)]
struct Template {
    before: Vec<u8>,
    names: Vec<(String, Vec<u8>)>,
}

impl<T> Default for Paths<T> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { literal: HashMap::new(), templates: Vec::new(), end: None }
    }
}

impl<T> Paths<T> {
    /// What stands at the end of a path, made if there is nothing yet.
    pub(super) fn entry(&mut self, path: &str, make: impl FnOnce() -> T) -> &mut T {
        let mut node = &mut self.root;
        for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
            node = match Template::parse(segment) {
                None => node.literal.entry(segment.as_bytes().to_vec()).or_default(),
                Some(template) => node.template(template),
            };
        }
        node.end.get_or_insert_with(make)
    }

    /// The path that these segments are one of, with the values of its templates.
    pub(super) fn find<'t, 's>(&'t self, segments: &'s [Vec<u8>]) -> Option<(&'t T, Captured<'t, 's>)> {
        let mut captured = Vec::new();
        // The base path itself.
        let end = self.root.literal.get([].as_slice()).and_then(|node| node.end.as_ref());
        let found = if segments.is_empty() { end } else { self.root.find(segments, &mut captured) };
        found.map(|found| (found, captured))
    }
}

impl<T> Node<T> {
    fn template(&mut self, template: Template) -> &mut Self {
        let at = match self.templates.iter().position(|(known, _)| *known == template) {
            Some(at) => at,
            None => {
                let more = |known: &Template| known.literal_length() >= template.literal_length();
                let at = self.templates.iter().take_while(|(known, _)| more(known)).count();
                self.templates.insert(at, (template, Self::default()));
                at
            }
        };
        &mut self.templates[at].1
    }

    fn find<'t, 's>(&'t self, segments: &'s [Vec<u8>], captured: &mut Captured<'t, 's>) -> Option<&'t T> {
        let Some((first, rest)) = segments.split_first() else { return self.end.as_ref() };
        if let Some(found) = self.literal.get(first).and_then(|node| node.find(rest, captured)) {
            return Some(found);
        }
        let before = captured.len();
        self.templates.iter().find_map(|(template, node)| {
            let found = template.capture(first, captured).and_then(|()| node.find(rest, captured));
            if found.is_none() {
                captured.truncate(before);
            }
            found
        })
    }
}

impl Template {
    /// None if the segment has no name in braces.
    fn parse(segment: &str) -> Option<Self> {
        let (before, mut rest) = segment.split_once('{')?;
        let mut template = Self { before: before.as_bytes().to_vec(), names: Vec::new() };
        while let Some((name, behind)) = rest.split_once('}') {
            let (text, next) =
                behind.split_once('{').map_or((behind, None), |(text, next)| (text, Some(next)));
            template.names.push((name.to_owned(), text.as_bytes().to_vec()));
            match next {
                Some(next) => rest = next,
                None => return Some(template),
            }
        }
        // A brace that is not closed is a letter.
        None
    }

    fn literal_length(&self) -> usize {
        self.before.len() + self.names.iter().map(|(_, text)| text.len()).sum::<usize>()
    }

    /// Adds the values, each as short as it can be and none empty.
    fn capture<'t, 's>(&'t self, segment: &'s [u8], captured: &mut Captured<'t, 's>) -> Option<()> {
        if matches!(segment, b"." | b"..") {
            return None;
        }
        let mut rest = segment.strip_prefix(self.before.as_slice())?;
        let (last, others) = self.names.split_last()?;
        for (name, text) in others {
            let from = rest.get(1..)?;
            let at = 1 + match text.len() {
                0 => 0,
                length => from.windows(length).position(|window| window == text.as_slice())?,
            };
            captured.push((name, &rest[..at]));
            rest = &rest[at + text.len()..];
        }
        let value = rest.strip_suffix(last.1.as_slice()).filter(|value| !value.is_empty())?;
        captured.push((&last.0, value));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(path: &str) -> Vec<Vec<u8>> {
        path[1..].split('/').map(|segment| segment.as_bytes().to_vec()).collect()
    }

    fn paths(of: &[&str]) -> Paths<String> {
        let mut paths = Paths::default();
        for path in of {
            paths.entry(path, || (*path).to_owned());
        }
        paths
    }

    fn found(paths: &Paths<String>, request: &str) -> Option<String> {
        let segments = split(request);
        let (path, captured) = paths.find(&segments)?;
        let values =
            captured.iter().map(|(name, value)| format!(" {name}={}", String::from_utf8_lossy(value)));
        Some(path.clone() + &values.collect::<String>())
    }

    #[test]
    fn literal_segments_go_before_templates() {
        let paths = paths(&[
            "/",
            "/{any}",
            "/pet/{petId}",
            "/pet/mine",
            "/pet/{petId}.json",
            "/{kind}/mine/{part}",
            "/pet/{petId}/photo",
            "/range/{from}-{to}",
        ]);
        for (request, path) in [
            ("/", Some("/")),
            ("/pet", Some("/{any} any=pet")),
            ("/pet/7", Some("/pet/{petId} petId=7")),
            ("/pet/mine", Some("/pet/mine")),
            ("/pet/7.json", Some("/pet/{petId}.json petId=7")),
            ("/pet/.json", Some("/pet/{petId} petId=.json")),
            ("/pet/mine/x", Some("/{kind}/mine/{part} kind=pet part=x")),
            ("/pet/mine/photo", Some("/pet/{petId}/photo petId=mine")),
            ("/range/1-2-3", Some("/range/{from}-{to} from=1 to=2-3")),
            ("/range/--2", Some("/range/{from}-{to} from=- to=2")),
            ("/range/12", None),
            ("/range/1-", None),
            ("/pet/", None),
            ("/pet/..", None),
            ("/pet/7/", None),
            ("/Pet/7", None),
        ] {
            assert_eq!(found(&paths, request).as_deref(), path, "{request}");
        }
        assert_eq!(paths.find(&[]).unwrap().0, "/");
    }

    #[test]
    fn the_same_path_is_one() {
        let mut paths = Paths::default();
        *paths.entry("/a/{x}", || 1) += 1;
        *paths.entry("/a/{x}", || 7) += 1;
        assert_eq!(*paths.find(&split("/a/b")).unwrap().0, 3);
    }

    #[test]
    fn a_brace_may_be_a_letter() {
        assert_eq!(found(&paths(&["/a{b"]), "/a{b").as_deref(), Some("/a{b"));
        assert_eq!(found(&paths(&["/{a}{b"]), "/{a}{b").as_deref(), Some("/{a}{b"));
        assert_eq!(found(&paths(&["/{a}{b}"]), "/xyz").as_deref(), Some("/{a}{b} a=x b=yz"));
    }

    proptest! {
        #[test]
        fn any_path_is_its_own(path in "(/[{}a.-]{0,6}){1,4}", request in "(/[{}a.-]{0,6}){1,4}") {
            let paths = paths(&[&path]);
            let _ = found(&paths, &request);
            if !path.contains('{') {
                prop_assert_eq!(found(&paths, &path), Some(path));
            }
        }
    }
}
