//! What a container is given where its definition says nothing: units of CPU, open files, the mode of its log.

use crate::definition::ContainerDefinition;
use crate::engine::{Log, Ulimit};
use crate::open_files;

/// Units of a container that names none: the kernel's least (`fargate.md` 3.2).
pub(super) const LEAST_CPU: u64 = 2;

/// The limits of the definition, and Fargate's own of open files where it has none (`fargate.md` 2.8). An engine gives no
/// more open files than its cap; where that is less than what is wanted, what was wanted is told too.
pub(super) fn ulimits(container: &ContainerDefinition, cap: Option<i64>) -> (Vec<Ulimit>, Option<i64>) {
    let limits = container.ulimits.iter();
    let mut limits: Vec<Ulimit> =
        limits.map(|limit| Ulimit { name: limit.name.clone(), soft: limit.soft, hard: limit.hard }).collect();
    if limits.iter().all(|limit| limit.name != open_files::NAME) {
        limits.push(Ulimit {
            name: open_files::NAME.to_owned(),
            soft: open_files::OF_FARGATE,
            hard: open_files::OF_FARGATE,
        });
    }
    let mut requested = None;
    if let Some(cap) = cap
        && let Some(limit) =
            limits.iter_mut().find(|limit| limit.name == open_files::NAME && limit.hard > cap)
    {
        requested = Some(limit.hard);
        limit.hard = cap;
        limit.soft = limit.soft.min(cap);
    }
    (limits, requested)
}

/// Non-blocking with a buffer of 10 MiB unless the definition says otherwise (`fargate.md` 1.3).
pub(super) fn log(container: &ContainerDefinition) -> Log {
    let option = |name| container.log_configuration.as_ref().and_then(|log| log.options.get(name));
    match option("mode").map(String::as_str) {
        Some("blocking") => Log::Blocking,
        _ => Log::NonBlocking { buffer: option("max-buffer-size").map_or("10m", String::as_str).to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::TaskDefinition;

    fn container(members: &str) -> ContainerDefinition {
        let text =
            format!(r#"{{"family": "x", "containerDefinitions": [{{"name": "a", "image": "i"{members}}}]}}"#);
        TaskDefinition::parse("x.json", &text).unwrap().containers.remove(0)
    }

    fn open_files(members: &str, cap: Option<i64>) -> (i64, i64, Option<i64>) {
        let (limits, requested) = ulimits(&container(members), cap);
        assert_eq!(limits.len(), 1);
        (limits[0].soft, limits[0].hard, requested)
    }

    #[test]
    fn open_files_are_fargates_the_definitions_or_the_engines() {
        let own = r#", "ulimits": [{"name": "nofile", "softLimit": 512, "hardLimit": 1048576}]"#;
        assert_eq!(open_files("", None), (65_535, 65_535, None));
        assert_eq!(open_files("", Some(20_000)), (20_000, 20_000, Some(65_535)));
        assert_eq!(open_files(own, None), (512, 1_048_576, None));
        assert_eq!(open_files(own, Some(20_000)), (512, 20_000, Some(1_048_576)));
        assert_eq!(open_files(own, Some(2_000_000)), (512, 1_048_576, None));
    }

    #[test]
    fn a_log_holds_nobody_up_unless_it_is_to() {
        let log = |options: &str| {
            log(&container(&format!(
                r#", "logConfiguration": {{"logDriver": "awslogs", "options": {{{options}}}}}"#
            )))
        };
        let non_blocking = |buffer: &str| Log::NonBlocking { buffer: buffer.to_owned() };
        assert_eq!(super::log(&container("")), non_blocking("10m"));
        assert_eq!(log(r#""mode": "non-blocking", "max-buffer-size": "2m""#), non_blocking("2m"));
        assert_eq!(log(r#""mode": "blocking""#), Log::Blocking);
    }
}
