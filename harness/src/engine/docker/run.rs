//! Starting, signalling, running a program from outside, removing.

use super::DockerEngine;
use super::failure::tolerate;
use super::streams::frame_of;
use crate::engine::{ContainerId, EngineError, ExecOutcome, LogStream};
use bollard::exec::{StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use bollard::query_parameters::{
    KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions, TopOptionsBuilder,
    WaitContainerOptionsBuilder,
};
use futures_util::StreamExt;
use std::time::Duration;

impl DockerEngine {
    pub(super) async fn start_container(&self, id: &ContainerId) -> Result<(), EngineError> {
        let what = format!("starting container {id}");
        self.within(&what, self.docker.start_container(&id.0, None::<StartContainerOptions>)).await
    }

    pub(super) async fn kill_container(&self, id: &ContainerId, signal: &str) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        let what = format!("sending {signal} to container {id}");
        // 409: it does not run.
        tolerate(self.within(&what, self.docker.kill_container(&id.0, Some(options))).await, &[409])
    }

    pub(super) async fn remove_container(&self, id: &ContainerId) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
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
        self.within_for(&what, deadline, self.exec_to_the_end(id, argv)).await
    }

    async fn exec_to_the_end(
        &self,
        id: &ContainerId,
        argv: &[String],
    ) -> Result<ExecOutcome, bollard::errors::Error> {
        let config = ExecConfig {
            cmd: Some(argv.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..ExecConfig::default()
        };
        let exec = self.docker.create_exec(&id.0, config).await?;
        let mut outcome = ExecOutcome { code: -1, stdout: Vec::new(), stderr: Vec::new() };
        if let StartExecResults::Attached { mut output, .. } =
            self.docker.start_exec(&exec.id, None::<StartExecOptions>).await?
        {
            while let Some(frame) = output.next().await {
                let frame = frame_of(frame?);
                match frame.stream {
                    LogStream::Stdout => outcome.stdout.extend_from_slice(&frame.bytes),
                    LogStream::Stderr => outcome.stderr.extend_from_slice(&frame.bytes),
                }
            }
        }
        outcome.code = self.docker.inspect_exec(&exec.id).await?.exit_code.unwrap_or(-1);
        Ok(outcome)
    }

    pub(super) async fn top(&self, id: &ContainerId) -> Result<String, EngineError> {
        let options = TopOptionsBuilder::new().ps_args("-eo pid,ppid,user,stat,etime,args").build();
        let what = format!("listing the processes of container {id}");
        let top = self.within(&what, self.docker.top_processes(&id.0, Some(options))).await?;
        let rows = std::iter::once(top.titles.unwrap_or_default()).chain(top.processes.unwrap_or_default());
        Ok(rows.map(|row| row.join("\t")).collect::<Vec<_>>().join("\n"))
    }
}
