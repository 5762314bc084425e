//! A harness that is killed in the middle of a round, `proofhouse clean` behind it, and what both leave.

use super::{Settings, unwritable};
use crate::failure::{Failure, Message};
use proofhouse_harness::engine::{self, Engine, EngineError};
use proofhouse_harness::labels;
use proofhouse_protocol::observation::{Observation, Source, record};
use proofhouse_reports::checks::{Check, Kept};
use proofhouse_reports::history::{self, History};
use proofhouse_reports::{Conclusion, ExitCode, Outcome};
use proofhouse_scenarios::soak::{KILLS, check};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What came of it.
pub struct Killed {
    /// What the checks say.
    pub conclusions: Vec<Conclusion>,
    /// What became of the audits until then; none where it was killed before there was a recording.
    pub kept: Option<Kept>,
    /// How much `clean` removed.
    pub cleaned: usize,
}

/// A harness, which does not outlive who has started it.
struct Going(Child);

impl Going {
    /// SIGKILL; it has ended then.
    fn kill(&mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        // It has ended already, but where the soak was interrupted.
        let _ended = self.kill();
    }
}

/// Starts a harness with the kills of a round, kills it, cleans, and looks for what is left.
pub async fn kill(settings: &Settings, round: u32, after: Duration) -> Result<Killed, Failure> {
    let folder = settings.folder.join("killed");
    let temporary = folder.join("tmp");
    std::fs::create_dir_all(&temporary).map_err(|error| unwritable(&temporary, &error))?;
    let failed = |error: io::Error| Failure::environment(&error, "proofhouse could not start itself again");
    let program = std::env::current_exe().map_err(failed)?;
    let mut child = Command::new(&program)
        .args(arguments(settings, round, &folder))
        .env("TMPDIR", &temporary)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(Going)
        .map_err(failed)?;
    let pid = child.0.id();
    tokio::time::sleep(after).await;
    child.kill().map_err(failed)?;
    let mut clean = Command::new(&program);
    clean.arg("clean").env("TMPDIR", &temporary).stdin(Stdio::null());
    let cleaned = tokio::task::spawn_blocking(move || clean.output())
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(failed)?;
    let said = String::from_utf8_lossy(&cleaned.stdout);
    if !cleaned.status.success() {
        let text = format!(
            "`proofhouse clean` failed behind a killed harness: {}",
            String::from_utf8_lossy(&cleaned.stderr)
        );
        return Err(Failure::new(ExitCode::Environment, Message::new(text)));
    }
    let refused = |error: EngineError| Failure::machine(&error);
    let engine = engine::connect().await.map_err(refused)?;
    let mut left = owned_by(engine.as_ref(), pid).await.map_err(refused)?;
    left.extend(files(&temporary));
    let recording = folder.join(format!("round-{round:04}.ndjson"));
    let audits = audits_of(&recording);
    let mut conclusions = vec![remains(left)];
    if let Some((conclusion, _)) = &audits
        // It was killed before anything was proved, mostly.
        && conclusion.outcome != Outcome::Unproved
    {
        conclusions.push(conclusion.clone());
    }
    if conclusions.iter().all(Conclusion::is_held) {
        let _gone = std::fs::remove_dir_all(&folder);
    }
    let cleaned = said.lines().filter(|line| line.starts_with("removed ")).count();
    Ok(Killed { conclusions, kept: audits.map(|(_, kept)| kept), cleaned })
}

fn arguments(settings: &Settings, round: u32, folder: &Path) -> Vec<String> {
    let mut words: Vec<String> = [
        "soak",
        "--seed",
        &settings.seed.to_string(),
        "--round",
        &round.to_string(),
        // All but the harness itself.
        "--kills",
        &(KILLS - 1).to_string(),
        "--profile",
        settings.profile.as_str(),
        "--assets",
        &settings.assets.assets.display().to_string(),
        "--report",
        &folder.display().to_string(),
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(defender) = &settings.assets.defender {
        words.extend(["--defender".to_owned(), defender.display().to_string()]);
    }
    words
}

/// What the recording says that it left, whole or not; none where there is none.
fn audits_of(file: &Path) -> Option<(Conclusion, Kept)> {
    let records = history::read(file).ok()?;
    let check = check(false);
    Some((Check::AuditsKept(check.clone()).judge(&records), check.kept(&records)))
}

/// The check of what is left, on a record of it.
fn remains(labelled: Vec<String>) -> Conclusion {
    let history = History::in_memory();
    let recorder = history.for_scenario("killed");
    record(&recorder, Source::Engine, Observation::Remains { labelled, unlabelled: Vec::new(), had: 0 });
    Check::NothingOnTheEngine { removed: false }.judge(&history.scenario("killed"))
}

/// Containers and volumes that a process owns.
async fn owned_by(engine: &dyn Engine, pid: u32) -> Result<Vec<String>, EngineError> {
    let filter = [labels::OWNER.to_owned()];
    let ours = |of: &BTreeMap<String, String>| {
        of.get(labels::OWNER).is_some_and(|owner| owner.starts_with(&format!("{pid}:")))
    };
    let containers =
        engine.list(&filter).await?.into_iter().filter(|one| ours(&one.labels)).map(|one| one.name);
    let volumes =
        engine.list_volumes(&filter).await?.into_iter().filter(|one| ours(&one.labels)).map(|one| one.name);
    Ok(containers.chain(volumes).collect())
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().display().to_string()).collect()
}
