//! What the wrapper will run: the container's own entry point, under any former wrapper, or the image's (section 4.3).

use super::EmbedError;
use super::request::EmbedRequest;
use proofhouse_protocol::image::canonical;

/// First elements of wrappers that Consoles make, or made (sections 4.1 and 4.2).
const FORMER_WRAPPERS: [&str; 3] = [
    "/var/lib/twistlock/fargate/defender",
    "/var/lib/twistlock/fargate/fargate_defender.sh",
    "/twistlock/fargate_defender.sh",
];

/// What may follow the first.
const MODE: [&str; 2] = ["fargate", "entrypoint"];

/// What a container runs, and what becomes of its command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// Elements behind the wrapper; never empty.
    pub(super) entry_point: Vec<String>,
    /// The command to set; outer `None` leaves the member alone, inner `None` removes it.
    pub(super) command: Option<Option<Vec<String>>>,
}

/// An entry point without the wrapper that a former embed, of this Console or an older one, put before it.
pub(super) fn unwrapped<'a>(entry_point: &'a [String], wrapper: &[String]) -> &'a [String] {
    if let Some(rest) = entry_point.strip_prefix(wrapper) {
        return rest;
    }
    match entry_point.split_first() {
        Some((first, rest)) if FORMER_WRAPPERS.contains(&first.as_str()) => match rest {
            [a, b, rest @ ..] if a == MODE[0] && b == MODE[1] => rest,
            _ => rest,
        },
        _ => entry_point,
    }
}

/// What the container of that name runs. The explicit entry point wins over the image's (E18).
pub(super) fn start(
    container: &str,
    image: &str,
    entry_point: &[String],
    command: &[String],
    request: &EmbedRequest,
) -> Result<Start, EmbedError> {
    let own = unwrapped(entry_point, &request.names.wrapper);
    if !own.is_empty() {
        return Ok(Start { entry_point: own.to_vec(), command: None });
    }
    if !request.extract_entrypoint {
        return Err(EmbedError::NoEntryPoint { container: container.to_owned() });
    }
    let wanted = canonical(image);
    let Some((_, config)) = request.image_configs.iter().find(|(name, _)| canonical(name) == wanted) else {
        return Err(EmbedError::UnknownImage { container: container.to_owned(), image: image.to_owned() });
    };
    if !config.entrypoint.is_empty() {
        let keep = !command.is_empty() || config.cmd.is_empty();
        let command = if keep { None } else { Some(Some(config.cmd.clone())) };
        return Ok(Start { entry_point: config.entrypoint.clone(), command });
    }
    let program = if command.is_empty() { config.cmd.clone() } else { command.to_vec() };
    if program.is_empty() {
        return Err(EmbedError::NothingToRun { container: container.to_owned(), image: image.to_owned() });
    }
    Ok(Start { entry_point: program, command: Some(None) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Compatibility, ImageConfig};
    use proofhouse_protocol::{EmbedNames, Secret};
    use proptest::prelude::*;

    fn request(entrypoint: &[&str], cmd: &[&str]) -> EmbedRequest {
        EmbedRequest {
            console_address: "c".into(),
            link_port: 1,
            sidecar_image: "s".into(),
            install_bundle: Secret::new("b"),
            filesystem_monitoring: false,
            fips: false,
            unprotected_without_bundle: false,
            extract_entrypoint: true,
            image_configs: [(
                "httpd:2.4".to_owned(),
                ImageConfig { entrypoint: words(entrypoint), cmd: words(cmd) },
            )]
            .into(),
            names: EmbedNames::default(),
            compatibility: Compatibility::default(),
        }
    }

    fn words(items: &[&str]) -> Vec<String> {
        items.iter().map(|&i| i.to_owned()).collect()
    }

    fn argv(start: &Start, command: &[&str]) -> Vec<String> {
        let command = match &start.command {
            None => words(command),
            Some(command) => command.clone().unwrap_or_default(),
        };
        [start.entry_point.clone(), command].concat()
    }

    #[test]
    fn the_argument_vector_is_what_the_bare_image_would_start() {
        for (entrypoint, cmd, command, expected) in [
            (vec!["e"], vec!["c"], vec![], vec!["e", "c"]),
            (vec!["e"], vec!["c"], vec!["d"], vec!["e", "d"]),
            (vec!["e"], vec![], vec![], vec!["e"]),
            (vec![], vec!["c", "x"], vec![], vec!["c", "x"]),
            (vec![], vec!["c"], vec!["d", "y"], vec!["d", "y"]),
        ] {
            let request = request(&entrypoint, &cmd);
            let image = "docker.io/library/httpd:2.4";
            let start = start("web", image, &[], &words(&command), &request).unwrap();
            assert_eq!(argv(&start, &command), words(&expected));
        }
    }

    #[test]
    fn an_explicit_entry_point_wins() {
        let start = start("web", "unknown", &words(&["mine"]), &[], &request(&["e"], &["c"])).unwrap();
        assert_eq!(start, Start { entry_point: words(&["mine"]), command: None });
    }

    #[test]
    fn an_unknown_image_and_one_that_starts_nothing_are_named() {
        let error = start("web", "other", &[], &[], &request(&["e"], &[])).unwrap_err();
        assert!(error.to_string().contains("'web'") && error.to_string().contains("'other'"), "{error}");
        let error = start("web", "httpd:2.4", &[], &[], &request(&[], &[])).unwrap_err();
        assert!(error.to_string().contains("neither ENTRYPOINT nor CMD"), "{error}");
    }

    #[test]
    fn every_former_wrapper_is_taken_off() {
        for wrapped in [
            vec!["/var/lib/twistlock/fargate/defender", "fargate", "entrypoint", "e", "f"],
            vec!["/var/lib/twistlock/fargate/fargate_defender.sh", "fargate", "entrypoint", "e", "f"],
            vec!["/twistlock/fargate_defender.sh", "e", "f"],
            vec!["e", "f"],
        ] {
            assert_eq!(unwrapped(&words(&wrapped), &EmbedNames::default().wrapper), words(&["e", "f"]));
        }
    }

    proptest! {
        #[test]
        fn taking_off_the_wrapper_gives_back_what_was_wrapped(
            own in proptest::collection::vec("[a-z/ ]{1,8}", 1..4),
            wrapper in proptest::collection::vec("[A-Z/]{1,8}", 1..4),
        ) {
            for wrapper in [&wrapper, &EmbedNames::default().wrapper] {
                let wrapped = [wrapper.as_slice(), &own].concat();
                prop_assert_eq!(unwrapped(&wrapped, wrapper), own.as_slice());
            }
        }
    }
}
