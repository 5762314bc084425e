//! The members of the task.

use super::container;
use crate::definition::document::{self, Takes};
use crate::definition::reader::{Place, Reader};
use crate::definition::task_definition::Source;
use crate::definition::{
    Cpu, DefinitionError, Memory, PidMode, Problem, Span, TaskDefinition, Volume, VolumeSource,
};

/// See [`TaskDefinition::parse`].
pub fn task_definition(origin: &str, text: &str) -> Result<TaskDefinition, DefinitionError> {
    let found = document::read(origin, text, Takes::NativeJson)?;
    let (definition, mut problems) =
        found.into_iter().map(typed).next().expect("a text that was read has a task definition");
    if problems.is_empty() {
        return Ok(definition);
    }
    problems.sort_by_key(|problem| problem.span);
    Err(DefinitionError::new(origin, text, problems))
}

/// See [`TaskDefinition::parse_all`].
pub fn task_definitions(origin: &str, text: &str) -> Result<Vec<TaskDefinition>, DefinitionError> {
    let found = document::read(origin, text, Takes::Everything)?;
    // What cannot be read as its type is for the rules to tell, among everything else.
    Ok(found.into_iter().map(|source| typed(source).0).collect())
}

fn typed(source: Source) -> (TaskDefinition, Vec<Problem>) {
    let root = source.root.clone();
    let mut reader = Reader::default();
    let place = Place { node: &root, path: source.path.clone() };
    let definition = read(&mut reader, &place, source);
    (definition, reader.problems)
}

fn read(reader: &mut Reader, root: &Place<'_>, source: Source) -> TaskDefinition {
    let family = reader.filled(root, "family");
    if family.is_none() && root.member("family").is_none() {
        reader.at(
            Span::new(root.node.span.start, root.node.span.start + 1),
            "family",
            "the task definition has no `family`",
            "give it a name: `\"family\": \"web\"`",
        );
    }
    let places = reader.objects(root, "containerDefinitions");
    if let Some(list) =
        root.node.get("containerDefinitions").filter(|_| places.is_empty() && reader.problems.is_empty())
    {
        reader.at(
            list.span,
            "containerDefinitions",
            "the task definition has no containers",
            "define at least one container",
        );
    }
    let containers = places.iter().map(|place| container::container(reader, place)).collect();
    let mut definition = TaskDefinition::new(family.unwrap_or_default(), containers, source);
    // DescribeTaskDefinition adds it, and registration ignores it, whatever it is.
    definition.revision = root.member("revision").and_then(|place| place.node.whole_number());
    // What is not a size is class E03 of the rules, with AWS's own words; here it only stays absent.
    definition.cpu = reader.filled(root, "cpu").and_then(|text| Cpu::parse(&text).ok());
    definition.memory = reader.filled(root, "memory").and_then(|text| Memory::parse(&text).ok());
    definition.network_mode = reader.filled(root, "networkMode");
    definition.pid_mode = match reader.text(root, "pidMode").as_deref() {
        Some("task") => Some(PidMode::Task),
        Some("host") => Some(PidMode::Host),
        _ => None,
    };
    definition.task_role_arn = reader.filled(root, "taskRoleArn").filter(|role| !role.is_empty());
    definition.execution_role_arn = reader.filled(root, "executionRoleArn").filter(|role| !role.is_empty());
    definition.ephemeral_storage =
        reader.object(root, "ephemeralStorage").and_then(|place| reader.number(&place, "sizeInGiB"));
    definition.fault_injection = reader.flag(root, "enableFaultInjection").unwrap_or(false);
    definition.volumes = reader.objects(root, "volumes").iter().map(|place| volume(reader, place)).collect();
    definition
}

fn volume(reader: &mut Reader, place: &Place<'_>) -> Volume {
    let given = |key: &str| place.member(key).is_some_and(|member| !member.node.is_void());
    let host_path = place.member("host").and_then(|host| host.member("sourcePath")).is_some();
    let source = if host_path {
        VolumeSource::Host
    } else if given("dockerVolumeConfiguration") {
        VolumeSource::Docker
    } else if given("efsVolumeConfiguration") {
        VolumeSource::Efs
    } else if given("s3filesVolumeConfiguration") {
        VolumeSource::S3Files
    } else if given("fsxWindowsFileServerVolumeConfiguration") {
        VolumeSource::FsxWindows
    } else if reader.flag(place, "configuredAtLaunch") == Some(true) {
        VolumeSource::ConfiguredAtLaunch
    } else {
        VolumeSource::Task
    };
    Volume { name: reader.filled(place, "name").unwrap_or_default(), source }
}
