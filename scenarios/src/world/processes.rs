//! Programs in the containers of the task.

use super::stimulus::{Outcome, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_harness::open_files;
use proofhouse_protocol::Observation;
use proofhouse_protocol::actor::{End, Reply, Request, Spawn, TOKEN_VARIABLE};
use std::collections::BTreeMap;

/// How long a program of a scenario may take.
pub(super) const PROGRAM_LIMIT_MS: u64 = 15_000;

fn split(command: &str) -> Result<Vec<String>, StepError> {
    shell_words::split(command).map_err(|error| {
        StepError::new(format!("the command {command:?} cannot be split into words: {error}"))
    })
}

/// With single blanks.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl ScenarioWorld {
    /// Runs a program as a stimulus.
    pub(crate) async fn run_program(&mut self, container: &str, command: &str, spawn: Spawn) -> StepResult {
        let token = new_token();
        let argv = split(&command.replace("$TOKEN", &token))?;
        let what = format!("\"{container}\" runs {}", shell_words::join(&argv));
        self.begin_stimulus(&token, &what);
        let request = Request::Run {
            argv,
            env: BTreeMap::from([(TOKEN_VARIABLE.to_owned(), token.clone())]),
            cwd: None,
            stdin: String::new(),
            spawn,
            timeout_ms: PROGRAM_LIMIT_MS,
        };
        let reply = self.act(container, &request, Some(&token)).await?;
        self.end_stimulus(token, Outcome::Program(reply));
        Ok(())
    }

    /// Runs a program that prepares something.
    pub(crate) async fn prepare(&mut self, container: &str, command: &str) -> StepResult {
        let request = Request::Run {
            argv: split(command)?,
            env: BTreeMap::new(),
            cwd: None,
            stdin: String::new(),
            spawn: Spawn::Fork,
            timeout_ms: PROGRAM_LIMIT_MS,
        };
        match self.act(container, &request, None).await? {
            Reply::Ran { end: End::Exited { code: 0 }, .. } => Ok(()),
            other => {
                Err(StepError::new(format!("could not prepare \"{container}\" with {command:?}: {other:?}")))
            }
        }
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
        self.begin_stimulus(&token, &what);
        let code = self.execute_from_outside(container, &argv).await?;
        self.record_for(
            &token,
            Observation::Note { text: format!("the program from outside exited with {code}") },
        );
        self.end_stimulus(token, Outcome::Unseen);
        Ok(())
    }

    fn program(&self) -> Result<&Reply, StepError> {
        match &self.stimulus()?.outcome {
            Outcome::Program(reply) => Ok(reply),
            _ => Err(StepError::new("the last thing done was not a program")),
        }
    }

    /// Not started or killed, without a byte of output.
    pub(crate) fn expect_program_never_ran(&self) -> StepResult {
        let (never, seen) = match self.program()? {
            Reply::Ran { end, stdout, stderr, .. } => {
                let stopped = matches!(end, End::NotStarted { .. } | End::Signalled { .. });
                (stopped && stdout.is_empty() && stderr.is_empty(), describe(end, stdout, stderr))
            }
            other => (false, format!("{other:?}")),
        };
        self.conclude(
            "program never ran",
            never,
            format!("{}: expected that the program never ran; {seen}", self.stimulus()?.what),
        )
    }

    /// Started, and with that exit code if one is given.
    pub(crate) fn expect_program_ran(&self, code: Option<i32>) -> StepResult {
        let (ran, seen) = match self.program()? {
            Reply::Ran { end: End::Exited { code: found }, stdout, stderr, .. } => (
                code.is_none_or(|code| code == *found),
                describe(&End::Exited { code: *found }, stdout, stderr),
            ),
            Reply::Ran { end, stdout, stderr, .. } => (false, describe(end, stdout, stderr)),
            other => (false, format!("{other:?}")),
        };
        let expected = code.map_or_else(|| "an exit".to_owned(), |code| format!("exit code {code}"));
        self.conclude("program ran", ran, format!("{}: expected {expected}; {seen}", self.stimulus()?.what))
    }

    /// Anything but exit code 0.
    pub(crate) fn expect_program_failed(&self) -> StepResult {
        let succeeded = matches!(self.program()?, Reply::Ran { end: End::Exited { code: 0 }, .. });
        self.conclude(
            "program failed",
            !succeeded,
            format!("{}: expected that the program fails; it exited with 0", self.stimulus()?.what),
        )
    }

    /// What each of these programs prints, whatever the white space.
    pub(crate) async fn expect_printed(&mut self, container: &str, rows: &[(String, String)]) -> StepResult {
        let mut wrong = Vec::new();
        for (command, expected) in rows {
            let found = self.printed(container, command).await?;
            if found != words(expected) {
                wrong.push(format!("{command:?} prints \"{found}\" instead of \"{}\"", words(expected)));
            }
        }
        self.conclude(
            "what programs print",
            wrong.is_empty() && !rows.is_empty(),
            format!("in \"{container}\" {}", wrong.join("; ")),
        )
    }

    /// Both limits of open files.
    pub(crate) async fn expect_open_files(&mut self, container: &str) -> StepResult {
        let limit = self.scene()?.run.stage.open_files().unwrap_or(open_files::OF_FARGATE);
        let rows = ["-Sn", "-Hn"].map(|which| (format!("bash -c \"ulimit {which}\""), limit.to_string()));
        self.expect_printed(container, &rows).await
    }

    /// The shares that the kernel gives a container; control groups v2 call them weight, and count otherwise.
    pub(crate) async fn expect_cpu_shares(&mut self, container: &str, shares: u64) -> StepResult {
        let command = "sh -c \"cat /sys/fs/cgroup/cpu/cpu.shares || cat /sys/fs/cgroup/cpu.weight\"";
        let found = self.printed(container, command).await?;
        let weight = 1 + (shares.max(2) - 2) * 9999 / 262_142;
        self.conclude(
            "CPU shares",
            found == shares.to_string() || found.ends_with(&format!(" {weight}")),
            format!("expected {shares} CPU shares for \"{container}\", its control group says \"{found}\""),
        )
    }

    /// A program prints the same in two containers, and prints something.
    pub(crate) async fn expect_printed_alike(&mut self, command: &str, one: &str, other: &str) -> StepResult {
        let (ours, theirs) = (self.printed(one, command).await?, self.printed(other, command).await?);
        self.conclude(
            "printed alike",
            ours == theirs && !ours.is_empty(),
            format!("{command:?} prints \"{ours}\" in \"{one}\" and \"{theirs}\" in \"{other}\""),
        )
    }

    /// What a program writes, to both its outputs, with single blanks.
    async fn printed(&mut self, container: &str, command: &str) -> Result<String, StepError> {
        self.run_program(container, command, Spawn::Fork).await?;
        Ok(match self.program()? {
            Reply::Ran { stdout, stderr, .. } => words(&format!("{stdout} {stderr}")),
            other => format!("{other:?}"),
        })
    }

    /// Standard output, trimmed.
    pub(crate) fn expect_output(&self, expected: &str) -> StepResult {
        let found = match self.program()? {
            Reply::Ran { stdout, .. } => stdout.trim().to_owned(),
            other => format!("{other:?}"),
        };
        self.conclude(
            "output",
            found == expected,
            format!("expected the output {expected:?}, it is {found:?}"),
        )
    }

    /// Whether a path exists, as the container's own file system shows it.
    pub(crate) async fn expect_path(&mut self, container: &str, path: &str, exists: bool) -> StepResult {
        let path = path.replace("$TOKEN", &self.stimulus()?.token);
        let found = self.path_exists(container, &path).await?;
        let word = |exists| if exists { "exists" } else { "does not exist" };
        self.conclude(
            "path in a container",
            found == exists,
            format!("expected that \"{path}\" {} in \"{container}\", it {}", word(exists), word(found)),
        )
    }

    /// Whether two files have the same bytes.
    pub(crate) async fn expect_same_file(&mut self, left: (&str, &str), right: (&str, &str)) -> StepResult {
        let (one, other) = (self.file(left.0, left.1).await?, self.file(right.0, right.1).await?);
        self.conclude(
            "same file",
            one == other,
            format!(
                "\"{}\" in \"{}\" has {} bytes, \"{}\" in \"{}\" has {}, and they differ",
                left.1,
                left.0,
                one.len(),
                right.1,
                right.0,
                other.len()
            ),
        )
    }
}

fn describe(end: &End, stdout: &str, stderr: &str) -> String {
    let end = match end {
        End::Exited { code } => format!("it exited with {code}"),
        End::Signalled { signal } => format!("it was killed by signal {signal}"),
        End::NotStarted { errno, error } => format!("it was not started: {error} (errno {errno})"),
        End::TimedOut => "it did not end in time".to_owned(),
        End::Unknown => "it ended, nobody knows how".to_owned(),
    };
    let text = |name: &str, text: &str| {
        if text.is_empty() { format!("no {name}") } else { format!("{name} {:?}", text.trim_end()) }
    };
    format!("{end}, with {} and {}", text("output", stdout), text("error output", stderr))
}
