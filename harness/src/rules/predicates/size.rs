//! Sizes of the task and of its containers (`fargate.md` 1.2).

use super::context::Context;
use crate::definition::tree::Node;
use crate::definition::{Cpu, Memory};
use crate::rules::check::{Blame, shown};
use crate::rules::path::Hit;

pub(super) fn cpu(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let text = shown(hit.node?);
    let possible = Cpu::parse(&text).is_ok_and(|cpu| context.table.has_cpu(context.date, cpu.0));
    let help = format!("write one of {}", context.table.cpu_sizes(context.date));
    (!possible).then(|| Blame::value(text).help(help))
}

fn is_windows(context: &Context<'_>) -> bool {
    let platform = context.member("runtimePlatform");
    let family = platform.and_then(|platform| platform.get("operatingSystemFamily"));
    family.and_then(Node::text).is_some_and(|family| family.starts_with("WINDOWS"))
}

pub(super) fn pair(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let memory = shown(hit.node?);
    let cpu = context.member("cpu").filter(|cpu| !cpu.is_open()).map(shown)?;
    let Cpu(units) = Cpu::parse(&cpu).ok()?;
    // An impossible CPU size is class E03 and named there.
    if !context.table.has_cpu(context.date, units) {
        return None;
    }
    let value = format!("cpu {cpu}, memory {memory}");
    if is_windows(context) && !context.table.has_cpu_for_windows(context.date, units) {
        let help = "a Windows task has 1024, 2048 or 4096 CPU units";
        return Some(Blame::value(format!("{value}, on Windows")).help(help));
    }
    let possible = Memory::parse(&memory).is_ok_and(|mib| context.table.has_pair(context.date, units, mib.0));
    let help =
        format!("with {units} CPU units, memory is {} MiB", context.table.memory_for(context.date, units));
    (!possible).then(|| Blame::value(value).help(help))
}

pub(super) fn note(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let text = shown(hit.node?);
    let Cpu(units) = Cpu::parse(&text).ok()?;
    context.table.note_on(context.date, units).map(|note| Blame::value(text).help(note))
}

pub(super) fn sum_of_cpu(context: &Context<'_>, _: &Hit<'_>) -> Option<Blame> {
    let Cpu(units) = context.definition.cpu?;
    let containers = &context.definition.containers;
    let sum = containers.iter().fold(0i64, |sum, container| sum.saturating_add(container.cpu));
    u64::try_from(sum).is_ok_and(|sum| sum > units).then(|| Blame::value(format!("{sum} of {units}")))
}

pub(super) fn container_memory(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let Memory(mib) = context.definition.memory?;
    let own = context.container(hit)?.memory?;
    u64::try_from(own).is_ok_and(|own| own > mib).then(|| Blame::value(format!("{own} of {mib} MiB")))
}

pub(super) fn reservation(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let container = context.container(hit)?;
    let (hard, soft) = (container.memory?, container.memory_reservation?);
    (hard < soft).then(|| Blame::value(format!("{hard} and {soft} MiB")))
}

pub(super) fn little_memory(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let own = context.container(hit)?.memory?;
    (own < 6).then(|| Blame::value(own.to_string()))
}
