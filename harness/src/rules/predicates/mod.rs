//! Questions that a table cannot ask, by the name that it calls them.

mod commands;
mod containers;
mod context;
mod dependencies;
mod logs;
mod names;
mod ports;
mod roles;
mod size;
mod task;
mod volumes;

pub(super) use context::{Context, container_of};

use super::check::Blame;
use super::model::Mismatch;
use super::path::Hit;

/// Places and words for what is wrong; none when nothing is.
type Answer<'n> = Vec<(Hit<'n>, Blame)>;

/// A question about the value at a place.
type Question = for<'n> fn(&Context<'n>, &Hit<'n>) -> Option<Blame>;

/// Every question that is answered at its own place.
const QUESTIONS: [(&str, Question); 55] = [
    ("cpu_size", size::cpu),
    ("size_pair", size::pair),
    ("size_note", size::note),
    ("sum_of_cpu", size::sum_of_cpu),
    ("container_memory", size::container_memory),
    ("reservation", size::reservation),
    ("little_memory", size::little_memory),
    ("role_for_awslogs", roles::for_awslogs),
    ("role_for_ecr", roles::for_ecr),
    ("role_for_secrets", roles::for_secrets),
    ("role_for_credentials", roles::for_credentials),
    ("role_for_log_secrets", roles::for_log_secrets),
    ("role_for_environment_files", roles::for_environment_files),
    ("task_role_for_s3files", roles::of_the_task_for_s3files),
    ("awslogs_group", logs::group),
    ("awslogs_prefix", logs::prefix),
    ("awslogs_region", logs::region),
    ("awslogs_options", logs::awslogs_options),
    ("awslogs_create_group", logs::awslogs_create_group),
    ("log_options", logs::odd_options),
    ("firelens_router", logs::router),
    ("secret_name", names::secret_name),
    ("variable_twice", names::variable_twice),
    ("mount_twice", names::mount_twice),
    ("volume_twice", names::volume_twice),
    ("port_name", names::port_name),
    ("second_router", names::second_router),
    ("container_port", ports::container_port),
    ("host_port", ports::host_port),
    ("known_protocol", ports::known_protocol),
    ("one_protocol", ports::one_protocol),
    ("shared_port", ports::shared_port),
    ("range_alone", ports::range_alone),
    ("range_order", ports::range_order),
    ("ranges", ports::number_of_ranges),
    ("no_containers", containers::none),
    ("unique_name", containers::unique_name),
    ("an_essential", containers::an_essential),
    ("nofile", containers::nofile),
    ("namespaced", containers::namespaced),
    ("check_form", commands::check_form),
    ("command_form", commands::command_form),
    ("script_form", commands::script_form),
    ("depends_on_known", dependencies::known),
    ("depends_on_essential", dependencies::essential),
    ("depends_on_healthy", dependencies::healthy),
    ("cycle", dependencies::cycle),
    ("volumes_from_known", dependencies::volumes_from_known),
    ("known_volume", volumes::known),
    ("efs_iam", volumes::efs_iam),
    ("efs_root", volumes::efs_root),
    ("efs_port", volumes::efs_port),
    ("configured_at_launch", volumes::configured_at_launch),
    ("asks_for_fargate", task::asks_for_fargate),
    ("proxy", task::proxy),
];

/// Questions that the API model answers, wherever in the definition.
const MODEL: [(&str, Mismatch); 6] = [
    ("unknown_member", Mismatch::Unknown),
    ("missing_member", Mismatch::Missing),
    ("wrong_type", Mismatch::Type),
    ("undocumented_value", Mismatch::Value),
    ("unfilled", Mismatch::Unfilled),
    ("twice", Mismatch::Twice),
];

/// The answer to a question. A name that is not known finds nothing, so that an older harness can read a newer table.
pub(super) fn ask<'n>(name: &str, context: &Context<'n>, hit: &Hit<'n>) -> Answer<'n> {
    if let Some((_, question)) = QUESTIONS.iter().find(|(known, _)| *known == name) {
        let dialect = context.definition.dialect();
        let at = |blame: &Blame| blame.at.map_or_else(|| hit.clone(), |member| hit.member(member, dialect));
        return question(context, hit).map(|blame| (at(&blame), blame)).into_iter().collect();
    }
    let Some((_, mismatch)) = MODEL.iter().find(|(known, _)| *known == name) else { return Vec::new() };
    let problems = context.problems.iter().filter(|(found, ..)| found == mismatch);
    problems.map(|(_, hit, blame)| (hit.clone(), blame.clone())).collect()
}

/// Whether the definition is longer than that many bytes.
pub(super) fn too_long(context: &Context<'_>, hit: &Hit<'_>, most: usize) -> Option<Blame> {
    let answered: Vec<&str> = context.table.answered().collect();
    let length = hit.node?.json_length_without(&answered);
    (length > most).then(|| Blame::value(length.to_string()))
}

/// Whether [`ask`] knows a question.
#[cfg(test)]
pub(super) fn is_known(name: &str) -> bool {
    QUESTIONS.iter().any(|(known, _)| *known == name) || MODEL.iter().any(|(known, _)| *known == name)
}
