//! The normal form of image references: `httpd` and `docker.io/library/httpd:latest` are one image [PM31].

/// The normal form of an image reference: the hub's host, `library/` and the tag filled in, the host in lower case; a tag before a
/// digest says nothing more and goes. Two references mean the same image if these are equal.
#[must_use]
pub fn canonical(image: &str) -> String {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let (host, path) = match name.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host.to_lowercase(), rest),
        _ => ("docker.io".to_owned(), name),
    };
    let host = if host == "index.docker.io" || host == "registry-1.docker.io" { "docker.io" } else { &host };
    let library = if host == "docker.io" && !path.contains('/') { "library/" } else { "" };
    let last = path.rsplit('/').next().unwrap_or(path);
    let (path, tag) = match (last.rfind(':'), digest) {
        (Some(at), Some(_)) => (&path[..path.len() - last.len() + at], ""),
        (None, None) => (path, ":latest"),
        _ => (path, ""),
    };
    let digest = digest.map(|d| format!("@{d}")).unwrap_or_default();
    format!("{host}/{library}{path}{tag}{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_names_are_filled_in() {
        for (short, long) in [
            ("httpd", "docker.io/library/httpd:latest"),
            ("httpd:2.4", "docker.io/library/httpd:2.4"),
            ("proofhouse/userland", "docker.io/proofhouse/userland:latest"),
            ("docker.io/library/httpd:2.4", "docker.io/library/httpd:2.4"),
            ("index.docker.io/httpd", "docker.io/library/httpd:latest"),
            ("localhost/a", "localhost/a:latest"),
            ("Registry.test:5000/a/b:1", "registry.test:5000/a/b:1"),
            ("a@sha256:00", "docker.io/library/a@sha256:00"),
            ("a:1@sha256:00", "docker.io/library/a@sha256:00"),
            ("registry.test:5000/a@sha256:00", "registry.test:5000/a@sha256:00"),
        ] {
            assert_eq!(canonical(short), long, "{short}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(image in "([a-zA-Z.]{1,8}(:[0-9]{1,4})?/)?([a-z]{1,6}/){0,2}[a-z]{1,8}(:[a-z0-9.]{1,6})?(@sha256:[0-9a-f]{4})?") {
            let once = canonical(&image);
            prop_assert_eq!(canonical(&once), once);
        }

        #[test]
        fn all_spellings_of_the_hub_are_one(name in "[a-z]{1,8}", tag in prop::option::of("[a-z0-9]{1,6}")) {
            let tagged = format!("{name}:{}", tag.as_deref().unwrap_or("latest"));
            let mut all = vec![tagged.clone()];
            if tag.is_none() {
                all.push(name);
            }
            let hosts = ["", "library/", "docker.io/", "docker.io/library/", "index.docker.io/", "Docker.IO/library/"];
            for short in all {
                for host in hosts {
                    prop_assert_eq!(canonical(&format!("{host}{short}")), canonical(&tagged));
                }
            }
        }
    }
}
