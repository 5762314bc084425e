//! `proofhouse up`.

use super::Done;
use crate::arguments::UpArguments;
use crate::ca_file::CaFile;
use crate::failure::{Failure, Message, chain};
use crate::live::{self, Doors, Follower, stand_in};
use crate::policies::Policies;
use crate::{input, output, place};
use futures_util::future::join_all;
use proofhouse_console::Console;
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::lifecycle::{StopCode, TaskRecord};
use proofhouse_harness::task::TaskError;
use proofhouse_reports::ExitCode;
use proofhouse_reports::history::History;
use proofhouse_scenarios::Watch;
use proofhouse_scenarios::rig::{Internet, POLICY_LIMIT, READY_LIMIT, Rig, RigError, RunningTask};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The name under which everything is labelled and recorded.
const NAME: &str = "up";

/// How long a task that has begun to stop may take: every stop time-out of its containers, and more.
const STOP_LIMIT: Duration = Duration::from_secs(600);

/// How long the task's ports are waited for.
const LISTEN_LIMIT: Duration = Duration::from_secs(10);

/// Starts a protected task and a Console, and keeps them.
pub async fn up(arguments: &UpArguments) -> Done {
    let (name, text) = input::read(&arguments.file)?;
    // What is wrong with the user's files is told before anything is started.
    let parsed = TaskDefinition::parse(&name, &text)?;
    if !arguments.unchecked {
        super::validate::accepted(&parsed, &name, &text)?;
    }
    let stand_ins = stand_in::given(&arguments.task)?;
    let mut definition = place::parse(&name, &text, "the task definition")?;
    let policies = Policies::read(arguments.runtime_policy.as_deref(), arguments.waas_policy.as_deref())?;
    policies.import(&super::embed::console()?)?;
    let mut internet = internet(&arguments.zone)?;
    let interrupted = super::interruption()?;
    tokio::pin!(interrupted);
    let Some(stage) = live::stage(&arguments.task, &mut interrupted).await? else {
        return Ok(ExitCode::Passed);
    };
    let sidecar = stage.defender().embed_names().sidecar;
    let notes = stand_in::replace(&mut definition, &sidecar, &stand_ins);
    let history = History::in_memory();
    let follower = Follower::start(&history, NAME, arguments.json);
    let watch = Arc::new(Watch::new(&history, NAME));
    let mut rig = Rig::new(Arc::clone(&stage), NAME, watch).await.map_err(|error| environment(&error))?;
    *rig.stand_ins_mut() = stand_ins;
    let internal = policies.waas_ports("internalPort");
    let kept = Kept { definition, name, text, notes, internal, json: arguments.json };
    let done = match policies.import(rig.console().console()) {
        Ok(()) => {
            internet.open_ports = policies.waas_ports("exposedPort");
            kept.keep(&mut rig, internet, interrupted).await
        }
        Err(failure) => Err(failure),
    };
    rig.take_down().await;
    follower.finish();
    let left = stage.sweep().await.map_err(|error| environment(&error))?;
    if !left.is_empty() && done.is_ok() {
        eprintln!("left behind by the task, and removed now: {}", left.join(", "));
    }
    done
}

/// What is kept up, and how it is told.
struct Kept {
    definition: Value,
    name: String,
    text: String,
    /// What was replaced in the definition.
    notes: Vec<String>,
    /// Ports behind those that WAAS exposes.
    internal: Vec<u16>,
    json: bool,
}

impl Kept {
    async fn keep(
        &self,
        rig: &mut Rig,
        mut internet: Internet,
        mut interrupted: impl Future<Output = ()> + Unpin,
    ) -> Done {
        let refused = |error: RigError| match error {
            RigError::Refused { error, .. } => place::in_definition(&self.name, &self.text, &error),
            other => environment(&other),
        };
        let embedded = rig.embed(&self.definition).await.map_err(refused)?;
        super::embedded::tell(&self.name, &self.text, &embedded.to_string());
        internet.open_ports.extend(stand_in::exposed_ports(&self.definition));
        internet.open_ports.sort_unstable();
        internet.open_ports.dedup();
        // Not raced against the signal: what is half made cannot be taken away in order.
        rig.start(&embedded, &internet, None).await.map_err(|error| self.not_up(&error))?;
        let rig = &*rig;
        let task = rig.task().map_err(|error| environment(&error))?;
        let ready = async {
            task.ready(&[], READY_LIMIT).await?;
            rig.policy_in_force(POLICY_LIMIT).await?;
            Ok(silent(task, &[internet.open_ports.as_slice(), &self.internal].concat()).await)
        };
        let ready = tokio::select! {
            ready = ready => ready,
            () = &mut interrupted => return self.stop(rig).await,
        };
        let silent = ready.map_err(|error| self.not_up(&error))?;
        let doors = Doors::open(&internet.open_ports, task.surroundings())
            .await
            .map_err(|error| environment(&RigError::Socket(error)))?;
        let certificate = CaFile::write(rig.console().console().ca_pem())?;
        let notes = silent.iter().map(|port| format!("nobody in the task listens on port {port} yet"));
        let notes: Vec<_> = self.notes.iter().cloned().chain(notes).collect();
        self.tell(rig.console().console(), &doors, certificate.path(), &notes);
        tokio::select! {
            over = task.over(Duration::MAX) => {
                let record = over.map_err(|error| environment(&error))?;
                Err(stopped(&record))
            }
            () = &mut interrupted => self.stop(rig).await,
        }
    }

    async fn stop(&self, rig: &Rig) -> Done {
        if !self.json {
            eprintln!("stopping the task in order");
        }
        let task = rig.task().map_err(|error| environment(&error))?;
        let stopping = tokio::time::timeout(STOP_LIMIT, task.stop()).await;
        stopping
            .map_err(|_| Failure::input("the task did not stop", "`proofhouse clean` removes it"))?
            .map_err(|error| environment(&error))?;
        Ok(ExitCode::Passed)
    }

    /// Tells where everything is.
    fn tell(&self, console: &Console, doors: &Doors, certificate: &Path, notes: &[String]) {
        let rest = console.rest_address().map_or(0, |address| address.port());
        let url = format!("https://localhost:{rest}/api/v1");
        let (user, password) = console.admin();
        if self.json {
            let ports: Vec<_> =
                doors.list().iter().map(|(port, at)| json!({"port": port, "address": at})).collect();
            let value = json!({
                "kind": "up", "console": url, "user": user, "password": password.reveal(), "certificate": certificate,
                "ports": ports, "notes": notes,
            });
            output::line(&value.to_string());
            return;
        }
        for note in notes {
            output::line(&format!("note         {note}"));
        }
        for (port, at) in doors.list() {
            output::line(&format!("port {port:<7} http://{at}"));
        }
        output::line(&format!("Console      {url}"));
        output::line(&format!("user         {user}"));
        output::line(&format!("password     {}", password.reveal()));
        output::line(&format!("certificate  {}", certificate.display()));
        output::line("the task runs and its policy is in force; Ctrl-C ends it");
    }

    /// A task that did not come up: the image in the user's file, where one could not be fetched; else what the error says.
    fn not_up(&self, error: &RigError) -> Failure {
        if let RigError::Task(TaskError::Stopped { unpulled, .. }) = error
            && !unpulled.is_empty()
        {
            let reports = unpulled.iter().map(|(container, why)| self.no_image(container, why)).collect();
            return Failure { exit: ExitCode::Environment, reports };
        }
        match error {
            RigError::Plan(_) | RigError::Definition(_) | RigError::Zone(_) => Failure::new(
                ExitCode::Usage,
                Message::new(chain(error))
                    .help("`proofhouse validate` says what is wrong with a definition")
                    .in_file(&self.name),
            ),
            RigError::Task(TaskError::Stopped { .. }) => Failure::new(
                ExitCode::TaskStopped,
                Message::new(chain(error))
                    .help("the lines above are what its containers wrote before they ended"),
            ),
            other => environment(other),
        }
    }

    fn no_image(&self, container: &str, why: &str) -> miette::Report {
        // The advice behind the last colon is for whoever can map images, which a user of this command cannot.
        let what = why.rsplit_once(": ").map_or(why, |(what, _)| what);
        let message = Message::new(what).help("load it (`docker load`), or build it under this name");
        let definition = TaskDefinition::parse(&self.name, &self.text).ok();
        let span = definition.as_ref().and_then(|definition| place::of_image(definition.root(), container));
        miette::Report::new(match span {
            Some(span) => message.at(&self.name, &self.text, (span.start, span.len()), "here"),
            None => message.in_file(&self.name),
        })
    }
}

/// The ports on which nobody listens within the limit; an app may need longer than a user wants to wait for it.
async fn silent(task: &RunningTask, ports: &[u16]) -> Vec<u16> {
    let outside = task.surroundings().outside();
    let waits =
        ports.iter().map(async |port| (*port, outside.wait_listening(*port, LISTEN_LIMIT).await.is_err()));
    join_all(waits).await.into_iter().filter_map(|(port, late)| late.then_some(port)).collect()
}

fn environment(error: &RigError) -> Failure {
    Failure::machine(error)
}

/// A task that went by itself.
fn stopped(record: &TaskRecord) -> Failure {
    let codes = record.containers.iter().map(|(name, container)| match container.exit_code {
        Some(code) => format!("\"{name}\" exited with {code}"),
        None => format!("\"{name}\" never ran"),
    });
    let reason = record.stop.as_ref().map(|stop| match stop.code {
        StopCode::EssentialContainerExited => "an essential container exited".to_owned(),
        _ => stop.reason.clone(),
    });
    let text =
        format!("the task stopped: {}: {}", reason.unwrap_or_default(), codes.collect::<Vec<_>>().join(", "));
    Failure::new(
        ExitCode::TaskStopped,
        Message::new(text).help("the lines above tell what its containers wrote"),
    )
}

fn internet(zone: &[String]) -> Result<Internet, Failure> {
    let mut internet = Internet::default();
    for entry in zone {
        let wrong = || {
            Failure::input(
                format!("--zone \"{entry}\" is not a name and an address"),
                "write it as `api.example.com=192.0.2.10`",
            )
        };
        let (name, address) = entry.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        internet.names.push((name.to_owned(), address));
        if address.is_ipv4() {
            internet.hosts.insert(SocketAddr::new(address, 80));
        }
    }
    Ok(internet)
}
