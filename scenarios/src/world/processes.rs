//! Programs in the containers of the task.

use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_harness::open_files;
use proofhouse_protocol::actor::{Reply, Request, Spawn, TOKEN_VARIABLE};
use proofhouse_reports::checks::{Check, Place, Program, ProgramExpectation};
use std::collections::BTreeMap;

/// How long a program of a scenario may take. Some wait for a measurement of the disk, which takes seconds beside a busy suite.
const PROGRAM_LIMIT_MS: u64 = 45_000;

/// What prints the share of processor time of a container, whatever the version of control groups.
const CPU_SHARES: &str = "sh -c \"cat /sys/fs/cgroup/cpu/cpu.shares || cat /sys/fs/cgroup/cpu.weight\"";

/// The words of a command line in a step, where a quote stands behind a backslash.
fn split(command: &str) -> Result<Vec<String>, StepError> {
    shell_words::split(&command.replace("\\\"", "\"")).map_err(|error| {
        StepError::new(format!("the command {command:?} cannot be split into words: {error}"))
    })
}

/// A program for the actor, with the token of its stimulus in its environment.
pub(super) fn run(argv: Vec<String>, token: &str, stdin: &str) -> Request {
    Request::Run {
        argv,
        env: BTreeMap::from([(TOKEN_VARIABLE.to_owned(), token.to_owned())]),
        cwd: None,
        stdin: stdin.to_owned(),
        spawn: Spawn::Fork,
        timeout_ms: PROGRAM_LIMIT_MS,
    }
}

impl ScenarioWorld {
    /// Runs a program as a stimulus.
    pub(crate) async fn run_program(&mut self, container: &str, command: &str, by: Spawn) -> StepResult {
        let token = new_token();
        let argv = split(&command.replace("$TOKEN", &token))?;
        let what = format!("\"{container}\" runs {}", shell_words::join(&argv));
        self.begin_stimulus(&token, Doing::Program { container: container.to_owned() }, &what);
        let mut request = run(argv, &token, "");
        if let Request::Run { spawn, .. } = &mut request {
            *spawn = by;
        }
        self.act(container, &request, Some(&token)).await?;
        Ok(())
    }

    /// Runs a program that prepares something: it must succeed, and is not what the steps behind it look at.
    pub(crate) async fn prepare(&mut self, container: &str, command: &str) -> StepResult {
        let token = self.ask(&format!("\"{container}\" prepares {command}"));
        self.act(container, &run(split(command)?, &token, ""), Some(&token)).await?;
        self.expect_of(&token, ProgramExpectation::Ran(Some(0)))
    }

    /// Writes an executable file.
    pub(crate) async fn write_program(&mut self, container: &str, path: &str, text: &str) -> StepResult {
        let request = Request::Write { path: path.to_owned(), text: text.to_owned(), mode: 0o755 };
        match self.act(container, &request, None).await? {
            Reply::Done => Ok(()),
            other => Err(StepError::new(format!("could not write {path:?} in \"{container}\": {other:?}"))),
        }
    }

    /// Starts a program from outside the tree of the entry point.
    pub(crate) async fn run_from_outside(&mut self, container: &str, command: &str) -> StepResult {
        let token = new_token();
        let argv = split(&command.replace("$TOKEN", &token))?;
        let what = format!("from outside, in \"{container}\": {}", shell_words::join(&argv));
        self.begin_stimulus(&token, Doing::Unseen, &what);
        self.execute_from_outside(container, &argv, &token).await
    }

    fn expect_of(&self, token: &str, expect: ProgramExpectation) -> StepResult {
        self.settle(&Check::Program(Program { token: token.to_owned(), expect }))
    }

    /// What the program of the last stimulus must have come to.
    pub(crate) fn expect_program(&self, expect: ProgramExpectation) -> StepResult {
        self.expect_of(&self.program_token()?, expect)
    }

    /// What each of these programs prints, whatever the white space.
    pub(crate) async fn expect_printed(&mut self, container: &str, rows: &[(String, String)]) -> StepResult {
        if rows.is_empty() {
            return Err(StepError::new("the table names no program"));
        }
        for (command, expected) in rows {
            self.run_program(container, command, Spawn::Fork).await?;
            self.expect_program(ProgramExpectation::Prints(expected.clone()))?;
        }
        Ok(())
    }

    /// Both limits of open files.
    pub(crate) async fn expect_open_files(&mut self, container: &str) -> StepResult {
        let limit = self.scene()?.run.stage.open_files().unwrap_or(open_files::OF_FARGATE);
        let rows = ["-Sn", "-Hn"].map(|which| (format!("bash -c \"ulimit {which}\""), limit.to_string()));
        self.expect_printed(container, &rows).await
    }

    /// The shares that the kernel gives a container.
    pub(crate) async fn expect_cpu_shares(&mut self, container: &str, shares: u64) -> StepResult {
        self.run_program(container, CPU_SHARES, Spawn::Fork).await?;
        self.expect_program(ProgramExpectation::CpuShares(shares))
    }

    /// A program prints the same in two containers, and prints something.
    pub(crate) async fn expect_printed_alike(&mut self, command: &str, one: &str, other: &str) -> StepResult {
        self.run_program(one, command, Spawn::Fork).await?;
        let ours = self.program_token()?;
        self.run_program(other, command, Spawn::Fork).await?;
        self.settle(&Check::PrintedAlike { one: ours, other: self.program_token()? })
    }

    /// Whether a path exists, as the container's own file system shows it.
    pub(crate) async fn expect_path(&mut self, container: &str, path: &str, exists: bool) -> StepResult {
        let path = match self.stimulus() {
            Ok(stimulus) => path.replace("$TOKEN", &stimulus.token),
            Err(_) => path.to_owned(),
        };
        self.look(container, &path).await?;
        self.settle(&Check::Path { place: Place { container: container.to_owned(), path }, exists })
    }

    /// Whether two files have the same bytes.
    pub(crate) async fn expect_same_file(&mut self, left: (&str, &str), right: (&str, &str)) -> StepResult {
        let place = |(container, path): (&str, &str)| Place {
            container: container.to_owned(),
            path: path.to_owned(),
        };
        self.look_into(left.0, left.1).await?;
        self.look_into(right.0, right.1).await?;
        self.settle(&Check::SameFile { one: place(left), other: place(right) })
    }
}
