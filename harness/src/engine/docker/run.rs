//! Starting, signalling, running a program from outside, removing.

use super::DockerEngine;
use super::failure::tolerate;
use super::streams::frame_of;
use crate::engine::{ContainerId, EngineError, ExecOutcome, LogStream};
use bollard::exec::{StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use bollard::query_parameters::{
    KillContainerOptionsBuilder, RemoveContainerOptions, RemoveContainerOptionsBuilder,
    StartContainerOptions, TopOptionsBuilder, WaitContainerOptionsBuilder,
};
use futures_util::StreamExt;
use std::time::Duration;

/// How often the removal of a container is asked for when the engine does not answer in time.
const REMOVALS: usize = 3;

impl DockerEngine {
    pub(super) async fn start_container(&self, id: &ContainerId) -> Result<(), EngineError> {
        let what = format!("starting container {id}");
        self.within(&what, self.docker.start_container(&id.0, None::<StartContainerOptions>)).await?;
        if self.memory.is_limited(id) {
            self.watch_memory(id).await;
        }
        Ok(())
    }

    pub(super) async fn kill_container(&self, id: &ContainerId, signal: &str) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        let what = format!("sending {signal} to container {id}");
        // 409: it does not run.
        tolerate(self.within(&what, self.docker.kill_container(&id.0, Some(options))).await, &[409])
    }

    pub(super) async fn remove_container(&self, id: &ContainerId) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        self.memory.forget(id);
        for _ in 1..REMOVALS {
            match self.remove_once(id, options.clone()).await {
                // An engine may have missed the end of a container, and wait for it: what is killed once more is seen to be gone.
                Err(EngineError::Timeout { .. }) => {
                    let _none_may_be_left_to_kill = self.kill_container(id, "KILL").await;
                }
                done => return done,
            }
        }
        self.remove_once(id, options).await
    }

    async fn remove_once(
        &self,
        id: &ContainerId,
        options: RemoveContainerOptions,
    ) -> Result<(), EngineError> {
        let what = format!("removing container {id}");
        match self.within(&what, self.docker.remove_container(&id.0, Some(options))).await {
            // Another call is removing it: whoever asked for the removal may rely on it when this is done.
            Err(EngineError::Failed { status: 409, .. }) => self.wait_removed(&what, id).await,
            // 404: it is gone.
            other => tolerate(other, &[404]),
        }
    }

    async fn wait_removed(&self, what: &str, id: &ContainerId) -> Result<(), EngineError> {
        let options = WaitContainerOptionsBuilder::new().condition("removed").build();
        let wait = async {
            // Its exit code, or that it is not there: in both cases it is gone.
            let _how = self.docker.wait_container(&id.0, Some(options)).next().await;
            Ok(())
        };
        self.within(what, wait).await
    }

    pub(super) async fn run_exec(
        &self,
        id: &ContainerId,
        argv: &[String],
        deadline: Duration,
    ) -> Result<ExecOutcome, EngineError> {
        let what = format!("running `{}` in container {id}", argv.join(" "));
        let config = ExecConfig {
            cmd: Some(argv.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..ExecConfig::default()
        };
        let exec = self.within(&what, self.docker.create_exec(&id.0, config)).await?.id;
        let started = self.within(&what, self.docker.start_exec(&exec, None::<StartExecOptions>)).await?;
        let mut outcome = ExecOutcome { code: -1, stdout: Vec::new(), stderr: Vec::new() };
        if let StartExecResults::Attached { mut output, .. } = started {
            let reading = async {
                while let Some(frame) = output.next().await {
                    let frame = frame_of(frame?);
                    match frame.stream {
                        LogStream::Stdout => outcome.stdout.extend_from_slice(&frame.bytes),
                        LogStream::Stderr => outcome.stderr.extend_from_slice(&frame.bytes),
                    }
                }
                Ok(())
            };
            match self.within_for(&what, deadline, reading).await {
                Err(EngineError::Timeout { .. }) => return Err(self.late(what, &exec, deadline).await),
                other => other?,
            }
        }
        let seen = self.within(&what, self.docker.inspect_exec(&exec)).await?;
        let ran = seen.pid.is_some_and(|pid| pid > 0);
        match seen.exit_code {
            Some(code) if ran || is_about_the_program(code, &outcome.stdout) => {
                outcome.code = code;
                Ok(outcome)
            }
            _ => {
                let message = String::from_utf8_lossy(&outcome.stdout).trim().to_owned();
                Err(EngineError::Failed {
                    what,
                    status: 0,
                    message: format!("it was never started: {message}"),
                })
            }
        }
    }

    /// What it means that nothing ended in time: a program that runs on, or a daemon that has not even started it.
    async fn late(&self, what: String, exec: &str, after: Duration) -> EngineError {
        match self.within(&what, self.docker.inspect_exec(exec)).await {
            Ok(seen) if seen.pid.is_some_and(|pid| pid > 0) => EngineError::Unfinished { what, after },
            Ok(_) => EngineError::Timeout { what, after },
            Err(error) => error,
        }
    }

    pub(super) async fn top(&self, id: &ContainerId) -> Result<String, EngineError> {
        let options = TopOptionsBuilder::new().ps_args("-eo pid,ppid,user,stat,etime,args").build();
        let what = format!("listing the processes of container {id}");
        let top = self.within(&what, self.docker.top_processes(&id.0, Some(options))).await?;
        let rows = std::iter::once(top.titles.unwrap_or_default()).chain(top.processes.unwrap_or_default());
        Ok(rows.map(|row| row.join("\t")).collect::<Vec<_>>().join("\n"))
    }
}

/// Docker writes 126 and 127 for a program that cannot be run, and 126 also when it has failed itself; then it says why on the
/// standard output of what never ran.
fn is_about_the_program(code: i64, stdout: &[u8]) -> bool {
    let said = String::from_utf8_lossy(stdout);
    let cannot_be_run = [
        "permission denied",
        "is a directory",
        "exec format error",
        "no such file",
        "not found",
        "not a directory",
    ];
    code == 127 || (code == 126 && cannot_be_run.iter().any(|why| said.contains(why)))
}

#[cfg(test)]
mod tests {
    use super::super::stand_in::{Daemon, Told};
    use super::*;
    use crate::engine::Engine;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    const SHORT: Duration = Duration::from_millis(20);

    /// How a run ends when the daemon answers the start with `start` and tells `inspected` of it afterwards.
    async fn ended(start: Told, inspected: &'static str) -> Result<ExecOutcome, EngineError> {
        let daemon = Daemon::start(move |method, path| match (method, path) {
            ("POST", path) if path.ends_with("/containers/c/exec") => {
                Told::Json(201, r#"{"Id": "e"}"#.to_owned())
            }
            ("POST", path) if path.ends_with("/exec/e/start") => start.clone(),
            ("GET", path) if path.ends_with("/exec/e/json") => Told::Json(200, inspected.to_owned()),
            _ => Told::not_found(),
        })
        .await;
        daemon.engine().await.exec(&ContainerId("c".to_owned()), &["check".to_owned()], SHORT).await
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_is_told_from_a_daemon_that_does_not_start_it() {
        let runs = ended(Told::Upgraded, r#"{"Running": true, "Pid": 7}"#).await.unwrap_err();
        assert!(matches!(runs, EngineError::Unfinished { after: SHORT, .. }), "{runs}");
        let hangs = ended(Told::Upgraded, r#"{"Running": false, "Pid": 0}"#).await.unwrap_err();
        assert!(matches!(hangs, EngineError::Timeout { .. }), "{hangs}");
    }

    /// How a removal ends, and what was asked, when the daemon answers `late` removals with silence and the others as `told`.
    async fn removed(late: usize, told: Told) -> (Result<(), EngineError>, Vec<String>) {
        let silent = AtomicUsize::new(late);
        let daemon = Daemon::start(move |method, path| match (method, path) {
            ("DELETE", _) if silent.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() => {
                Told::Silence
            }
            ("DELETE", _) => told.clone(),
            ("POST", path) if path.contains("/wait") => Told::not_found(),
            _ => Told::Json(409, r#"{"message": "it does not run"}"#.to_owned()),
        })
        .await;
        let engine = daemon.engine().await.with_deadline(Duration::from_millis(100));
        let ended = engine.remove(&ContainerId("c".to_owned())).await;
        let asked = daemon.asked();
        let calls = asked.iter().filter_map(|call| {
            call.split(['?', ' ']).nth(1).map(|path| {
                let (method, name) =
                    (call.split(' ').next().unwrap_or_default(), path.rsplit('/').next().unwrap_or_default());
                format!("{method} {name}")
            })
        });
        let calls = calls.collect();
        (ended, calls)
    }

    #[tokio::test]
    async fn a_container_whose_end_the_engine_has_missed_is_killed_again_and_removed() {
        let (ended, calls) =
            removed(1, Told::Json(409, r#"{"message": "already in progress"}"#.to_owned())).await;
        ended.unwrap();
        assert_eq!(calls, ["DELETE c", "POST kill", "DELETE c", "POST wait"]);
    }

    #[tokio::test]
    async fn an_engine_that_never_answers_is_told_of() {
        let (ended, calls) = removed(usize::MAX, Told::not_found()).await;
        assert!(matches!(ended, Err(EngineError::Timeout { .. })), "{ended:?}");
        assert_eq!(calls, ["DELETE c", "POST kill", "DELETE c", "POST kill", "DELETE c"]);
    }

    #[test]
    fn a_program_that_cannot_be_run_is_told_from_a_daemon_that_failed() {
        let said = |why: &str| format!("OCI runtime exec failed: exec failed: {why}: unknown").into_bytes();
        assert!(is_about_the_program(126, &said(r#"exec: "/x": permission denied"#)));
        assert!(is_about_the_program(127, &said(r#"exec: "x": executable file not found in $PATH"#)));
        assert!(!is_about_the_program(126, &said("cannot exec in a stopped container")));
        assert!(!is_about_the_program(126, b""));
    }
}
