//! Image references in canonical form: `httpd` is `docker.io/library/httpd:latest` [PM31].

/// The canonical form of an image reference: hub host, `library/` and tag filled in, lower case host.
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
    let tag = if digest.is_none() && !path.rsplit('/').next().is_some_and(|last| last.contains(':')) {
        ":latest"
    } else {
        ""
    };
    let digest = digest.map(|d| format!("@{d}")).unwrap_or_default();
    format!("{host}/{library}{path}{tag}{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(canonical(short), long, "{short}");
        }
    }
}
