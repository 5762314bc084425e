//! Holes that a template leaves for a value.

/// How the common tools write a hole: what stands before and behind its name, and which names it has.
const FORMS: [(&str, &str, Name); 11] = [
    ("${", "}", Name::Any),
    ("{{", "}}", Name::Any),
    ("<", ">", Name::Any),
    ("#{", "}", Name::Any),
    ("$(", ")", Name::Any),
    ("[[", "]]", Name::Any),
    ("%", "%", Name::Word),
    ("{", "}", Name::Word),
    ("@@", "@@", Name::Capitals),
    ("@", "@", Name::Capitals),
    ("__", "__", Name::Capitals),
];

/// What may stand between the marks of a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    /// Anything on one line.
    Any,
    /// A name as variables have it, with dots and hyphens inside.
    Word,
    /// One in capital letters, because its marks are letters of other values.
    Capitals,
}

impl Name {
    fn fits(self, name: &str) -> bool {
        let inside = |byte: u8| match self {
            Self::Any => byte != b'\n',
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'),
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_',
        };
        let begins = |byte: u8| match self {
            Self::Any => true,
            Self::Word => byte.is_ascii_alphabetic() || byte == b'_',
            Self::Capitals => byte.is_ascii_uppercase(),
        };
        name.bytes().next().is_some_and(begins) && name.bytes().all(inside)
    }
}

/// The first hole of that form.
fn of_form<'t>(text: &'t str, (open, close, names): (&str, &str, Name)) -> Option<&'t str> {
    text.match_indices(open).find_map(|(start, _)| {
        let name = &text[start + open.len()..];
        let length = name.find(close)?;
        names.fits(&name[..length]).then(|| &text[start..start + open.len() + length + close.len()])
    })
}

/// `$NAME` anywhere, as a shell fills it in.
fn of_a_shell(text: &str) -> Option<&str> {
    text.match_indices('$').find_map(|(start, _)| {
        let name = &text[start + 1..];
        let length = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            .then(|| &text[start..start + 1 + length])
    })
}

/// The first placeholder in a text, as a common deployment tool would fill it in: `<NAME>`, `${NAME}`, `$NAME`, `$(NAME)`,
/// `{{ name }}`, `{NAME}`, `#{NAME}`, `[[NAME]]`, `%NAME%`, `@NAME@` or `__NAME__`.
#[must_use]
pub fn placeholder(text: &str) -> Option<&str> {
    FORMS.into_iter().find_map(|form| of_form(text, form)).or_else(|| of_a_shell(text))
}

#[cfg(test)]
mod tests {
    use super::placeholder;
    use proptest::prelude::*;

    #[test]
    fn knows_the_placeholders_of_common_tools() {
        for (text, found) in [
            ("<IMAGE>", "<IMAGE>"),
            ("repo/${NAME}:1", "${NAME}"),
            ("$NAME", "$NAME"),
            ("repo/$NAME:1", "$NAME"),
            ("repo/web:$(Build.BuildId)", "$(Build.BuildId)"),
            ("{{ image }}", "{{ image }}"),
            ("%ECR_BASE_URL%/shop:latest", "%ECR_BASE_URL%"),
            ("arn:aws:iam::%ACCOUNT_ID%:role/exec", "%ACCOUNT_ID%"),
            ("#{Image}", "#{Image}"),
            ("#{Image}#", "#{Image}"),
            ("__IMAGE__", "__IMAGE__"),
            ("shop:__BUILD_NUMBER__", "__BUILD_NUMBER__"),
            ("[[IMAGE]]", "[[IMAGE]]"),
            ("{IMAGE}", "{IMAGE}"),
            ("shop:{version}", "{version}"),
            ("@IMAGE@", "@IMAGE@"),
            ("@@IMAGE@@", "@@IMAGE@@"),
            ("<a\n> <b>", "<b>"),
        ] {
            assert_eq!(placeholder(text), Some(found), "{text}");
        }
    }

    #[test]
    fn leaves_values_alone() {
        for text in [
            "nginx:1.25",
            "a > b < c",
            "$",
            "$5",
            "100%",
            "5% of 10%",
            "a__b__c",
            "registry.test:5000/team/my__image:1",
            "web@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "{\"a\": 1}",
            "{}",
            "<>",
            "[a][b]",
            "/var/run/[1]",
            "#1",
            "a@b.test,c@d.test",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_placeholder_is_a_part_of_its_text(text in "[A-Z{}$%#@_()<> \\[\\]a-z\né]{0,24}") {
            if let Some(found) = placeholder(&text) {
                prop_assert!(text.contains(found) && found.len() > 1, "{found}");
            }
        }
    }
}
