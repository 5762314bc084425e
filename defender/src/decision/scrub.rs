//! Command lines without their secrets [RN 22.01].

const HIDDEN: &str = "****";

/// What makes the name of an option or a variable a secret's.
const SECRET: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "access-key",
    "access_key",
    "credential",
    "private-key",
];

/// Joins an argument vector with spaces and hides what follows the name of a secret: `--token X`, `--token=X`,
/// `PASSWORD=X`, `Authorization: Bearer X`, and the user part of a URL.
#[must_use]
pub fn scrub<S: AsRef<str>>(argv: &[S]) -> String {
    let mut out: Vec<String> = Vec::with_capacity(argv.len());
    let mut hide_next = false;
    for argument in argv {
        let argument = argument.as_ref();
        if std::mem::take(&mut hide_next) && !argument.starts_with('-') {
            out.push(HIDDEN.to_owned());
            continue;
        }
        hide_next = argument.starts_with('-') && !argument.contains('=') && is_secret(argument);
        out.push(scrub_words(argument));
    }
    out.join(" ")
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET.iter().any(|word| name.contains(word))
}

/// One argument may be a whole script (`sh -c`), so each of its words is looked at.
fn scrub_words(argument: &str) -> String {
    let mut hide_next = false;
    let mut out = String::with_capacity(argument.len());
    for piece in argument.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        let space = &piece[word.len()..];
        let lower = word.to_lowercase();
        if std::mem::take(&mut hide_next) && !word.is_empty() && !word.starts_with('-') {
            // `Authorization: Bearer X` has the scheme between the name and the secret.
            if matches!(lower.as_str(), "bearer" | "basic") {
                hide_next = true;
                out.push_str(word);
            } else {
                out.push_str(HIDDEN);
            }
        } else {
            let bare = lower.trim_start_matches(['"', '\'']);
            hide_next = bare == "authorization:"
                || bare == "bearer"
                || (word.starts_with("--") && !word.contains('=') && is_secret(word))
                || (bare.ends_with(':') && is_secret(bare));
            out.push_str(&scrub_word(word));
        }
        out.push_str(space);
    }
    out
}

fn scrub_word(word: &str) -> String {
    if let Some((name, value)) = word.split_once('=')
        && is_secret(name)
        && !value.is_empty()
    {
        return format!("{name}={HIDDEN}");
    }
    if let Some((scheme, rest)) = word.split_once("://")
        && let Some((user, host)) = rest.split_once('@')
        && !user.contains('/')
    {
        return format!("{scheme}://{HIDDEN}@{host}");
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_hidden_and_the_rest_stays() {
        assert_eq!(scrub(&["mkdir", "-p", "/tmp/x"]), "mkdir -p /tmp/x");
        assert_eq!(scrub(&["tool", "--password", "hunter2", "x"]), "tool --password **** x");
        assert_eq!(scrub(&["tool", "--api-key=abc"]), "tool --api-key=****");
        assert_eq!(scrub(&["env", "DB_PASSWORD=hunter2", "ls"]), "env DB_PASSWORD=**** ls");
        assert_eq!(
            scrub(&["sh", "-c", "TOKEN=a curl -H 'Authorization: Bearer b' x"]),
            "sh -c TOKEN=**** curl -H 'Authorization: Bearer **** x"
        );
        assert_eq!(scrub(&["curl", "https://u:p@host/x@y"]), "curl https://****@host/x@y");
        assert_eq!(scrub(&["tool", "--token", "--verbose"]), "tool --token --verbose");
        assert_eq!(scrub(&["sh", "-c", "login --token abc now"]), "sh -c login --token **** now");
    }

    proptest! {
        #[test]
        fn a_secret_never_survives(name in "[a-z]{0,5}", secret in "[A-Z0-9]{8,20}") {
            let hidden = scrub(&["p".to_owned(), format!("--{name}-token"), secret.clone(),
                format!("{name}_secret={secret}"), format!("http://{secret}@h/")]);
            prop_assert!(!hidden.contains(&secret), "{}", hidden);
        }
    }
}
