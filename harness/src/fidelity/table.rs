//! The table itself: one row a property (`fargate.md` sections 5 to 7).

use super::{FidelityLabel, Property};
use crate::definition::{ContainerDefinition, PidMode, TaskDefinition};
use FidelityLabel::{Approximated, Assumed, Enforced, NotSimulated};

/// A row: a property, and when it is one of a task.
pub(super) struct Row {
    pub property: Property,
    pub applies: fn(&TaskDefinition) -> bool,
}

const fn row(
    name: &'static str,
    fidelity: FidelityLabel,
    how: &'static str,
    requirements: &'static [&'static str],
    applies: fn(&TaskDefinition) -> bool,
) -> Row {
    Row { property: Property { name, fidelity, how, requirements }, applies }
}

fn always(_: &TaskDefinition) -> bool {
    true
}

fn any(definition: &TaskDefinition, has: impl Fn(&ContainerDefinition) -> bool) -> bool {
    definition.containers.iter().any(has)
}

pub(super) const TABLE: &[Row] = &[
    row(
        "registration",
        Approximated,
        "a dated table of what public sources say that the service rejects; its words are not claimed",
        &[
            "T1", "T2", "T3", "T4", "T8", "T12", "T20", "T24", "T34", "T35", "T42", "T43", "T58", "T59",
            "T94", "T95", "T97", "T98", "T99", "T100", "T101",
        ],
        always,
    ),
    row(
        "capabilities",
        Enforced,
        "the engine's default set, less what is dropped, and SYS_PTRACE where it is added",
        &["T5", "T6", "T7"],
        always,
    ),
    row(
        "security options",
        Enforced,
        "seccomp is on, no_new_privs is off, nothing can be chosen",
        &["T9"],
        always,
    ),
    row("tmpfs", Enforced, "mounted with its size, mode and options", &["T10"], |definition| {
        any(definition, |container| !container.linux_parameters.tmpfs.is_empty())
    }),
    row("shared memory", Approximated, "the engine's default of 64 MiB", &["T11"], always),
    row(
        "init process",
        Approximated,
        "the engine's own init, which reaps and forwards signals",
        &["T13"],
        |definition| any(definition, |container| container.linux_parameters.init),
    ),
    row(
        "limit of open files",
        Approximated,
        "65535 where the definition sets none; less where the engine gives less, which the plan and the report name",
        &["T14"],
        always,
    ),
    row(
        "limits of a container",
        Enforced,
        "as the definition sets them, for one container; open files as far as the engine gives them",
        &["T15"],
        |definition| any(definition, |container| !container.ulimits.is_empty()),
    ),
    row(
        "kernel settings",
        Enforced,
        "net.* for the whole task, the last that starts wins; those of interprocess communication for one container",
        &["T16", "T17"],
        |definition| any(definition, |container| !container.system_controls.is_empty()),
    ),
    row("private processes", Enforced, "a process namespace for each container", &["T19"], |definition| {
        definition.pid_mode != Some(PidMode::Task)
    }),
    row(
        "shared processes",
        Approximated,
        "that of the world container, whose agent is PID 1 where Fargate has its pause container",
        &["T18"],
        |definition| definition.pid_mode == Some(PidMode::Task),
    ),
    row(
        "network namespace",
        Enforced,
        "one for all containers, owned by the world container",
        &["T21", "T22", "T23", "T25"],
        always,
    ),
    row(
        "interfaces",
        Approximated,
        "eth0 to the agent and eth1 for the task, MTU 9001, each one end of a pair whose other end is the world's",
        &["T26", "T27", "T28", "T29"],
        always,
    ),
    row("instance metadata", Enforced, "a blackhole route: a client fails at once", &["T30"], always),
    row(
        "names of the task",
        Enforced,
        "hosts, resolv.conf and hostname are written once and the same in every container",
        &["T31", "T32", "T33"],
        always,
    ),
    row(
        "volumes of other containers",
        Enforced,
        "by the engine's volumesFrom, from a source that is created before",
        &["T36", "T37", "T38"],
        |definition| any(definition, |container| !container.volumes_from.is_empty()),
    ),
    row(
        "task volumes",
        Enforced,
        "an engine volume for each, filled from the image where it has content, removed with the task",
        &["T39", "T40", "T41"],
        |definition| !definition.volumes.is_empty(),
    ),
    row(
        "EFS, S3 and EBS volumes",
        Approximated,
        "a local volume stands in, shared within the task; options are only checked",
        &["T44"],
        |definition| !definition.volumes.is_empty(),
    ),
    row("read-only root", Enforced, "by the engine; volumes stay writable", &["T45"], |definition| {
        any(definition, |container| container.readonly_root_filesystem)
    }),
    row(
        "process of a container",
        Enforced,
        "user, working directory, entry point and command of the definition, over those of the image",
        &["T46", "T47", "T48"],
        always,
    ),
    row(
        "variables of the platform",
        Enforced,
        "as captured on Fargate; the user's own win",
        &["T50"],
        always,
    ),
    row(
        "secrets and environment files",
        Approximated,
        "from files that stand in for Secrets Manager, Parameter Store and S3",
        &["T49", "T51", "T104"],
        |definition| {
            any(definition, |container| {
                !container.secrets.is_empty() || !container.environment_files.is_empty()
            })
        },
    ),
    row(
        "role credentials",
        Approximated,
        "served where Fargate serves them; the values are invented and unsigned",
        &["T52"],
        |definition| definition.task_role_arn.is_some(),
    ),
    row(
        "start order",
        Enforced,
        "dependsOn with its four conditions, startTimeout, and the sources of volumes first",
        &["T53", "T54", "T55", "T56", "T57", "T60"],
        always,
    ),
    row(
        "stop order",
        Enforced,
        "dependents first, sources of volumes last, all others at once",
        &["T61", "T62", "T63"],
        always,
    ),
    row(
        "order of a log router",
        Approximated,
        "a START dependency of each user of awsfirelens that writes none; only one that would close a circle is left out",
        &["T102"],
        |definition| any(definition, |container| container.firelens.is_some()),
    ),
    row(
        "signals and exit codes",
        Enforced,
        "SIGTERM or the image's own signal, SIGKILL after stopTimeout",
        &["T64", "T65", "T66"],
        always,
    ),
    row(
        "essential containers",
        Enforced,
        "the end of any of them ends the task, that of another does not",
        &["T67", "T68", "T69", "T70"],
        always,
    ),
    row(
        "memory of a container",
        Enforced,
        "a limit of its own; beyond it the kernel kills",
        &["T71"],
        |definition| any(definition, |container| container.memory.is_some()),
    ),
    row(
        "memory of the task",
        Approximated,
        "the limit of each container that has none of its own; their sum is not limited",
        &["T72"],
        |definition| definition.memory.is_some(),
    ),
    row(
        "CPU",
        Approximated,
        "shares relative to the task's size; the task's sum is not limited",
        &["T73"],
        always,
    ),
    row(
        "health checks",
        Approximated,
        "by exec from the harness: the first probe at once, more between intervals until healthy",
        &["T57", "T74", "T75"],
        |definition| any(definition, |container| container.health_check.is_some()),
    ),
    row(
        "restart policy",
        Approximated,
        "by the harness, the same container again; a scenario may shorten the attempt period",
        &["T76", "T77"],
        |definition| any(definition, |container| container.restart_policy.is_some()),
    ),
    row(
        "failures of pull and start",
        Approximated,
        "the service's class in front, the engine's own words behind it",
        &["T78", "T79"],
        always,
    ),
    row(
        "states of the task",
        Approximated,
        "in the service's order; the times are this machine's",
        &["T80"],
        always,
    ),
    row(
        "metadata documents",
        Approximated,
        "version 3 and 4 in the published shape, about the simulated task; clock and zone are made up",
        &["T81", "T82", "T83", "T84", "T85", "T103"],
        always,
    ),
    row(
        "statistics",
        Approximated,
        "the engine's, taken when they are asked for, with the traffic of eth1",
        &["T86"],
        always,
    ),
    row(
        "storage metrics",
        Approximated,
        "images and what containers have written to their own layers, without volumes; no quota is enforced",
        &["T87"],
        always,
    ),
    row(
        "fault injection",
        Approximated,
        "packets vanish, are late or lost by rules of routing and by the world agent instead of iptables and tc; IPv4 only",
        &["T88", "T89"],
        |definition| definition.fault_injection,
    ),
    row(
        "task protection",
        Approximated,
        "remembered until it expires, for a task of no service too; nothing scales in",
        &["T90"],
        always,
    ),
    row(
        "logs",
        Approximated,
        "captured here whatever the driver; options are only checked, routers get no socket",
        &["T91", "T93"],
        always,
    ),
    row(
        "a full log",
        Approximated,
        "the mode and the buffer of the definition, non-blocking by default, with the engine's own driver",
        &["T92"],
        always,
    ),
    row("teardown", Enforced, "everything carries labels, and removal is checked by them", &["T96"], always),
    row(
        "seccomp profile",
        Assumed,
        "which system calls are filtered is the engine's choice; Fargate's profile is not published",
        &[],
        always,
    ),
    row("cgroup version", Assumed, "the engine's; public captures from Fargate show version 1", &[], always),
    row("rate limits", Assumed, "those of the EC2 agent where any is applied", &[], always),
    row(
        "kernel and isolation",
        NotSimulated,
        "the engine's own kernel, shared with other containers",
        &[],
        always,
    ),
    row(
        "timing",
        NotSimulated,
        "nothing is claimed about how long starting, pulling or stopping takes",
        &[],
        always,
    ),
    row(
        "VPC",
        NotSimulated,
        "no security groups beyond ports, no NAT, flow logs, load balancers or service mesh",
        &[],
        always,
    ),
    row("IAM", NotSimulated, "no policy is evaluated, no signature checked, no key used", &[], always),
    row(
        "delivery of logs",
        NotSimulated,
        "nothing is sent to CloudWatch, Splunk or a log router",
        &[],
        always,
    ),
    row("disk limit", NotSimulated, "the ephemeral storage of the definition is not enforced", &[], always),
    row("Spot, retirement, capacity", NotSimulated, "no interruption comes by itself", &[], always),
    row(
        "a collection of containers and images",
        NotSimulated,
        "the product does not apply it as it reads, and no outcome is documented: the linter refuses a scope that is one",
        &["C11"],
        |_| false,
    ),
    row("Windows and ARM64", NotSimulated, "tasks of another platform are refused", &[], |definition| {
        definition.foreign_platform().is_some()
    }),
];
