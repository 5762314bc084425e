//! Leaf containers: programs that share a task's network without being part of the task, such as a load generator.
//!
//! They are `testcontainers`' business; the task itself is not. Every leaf carries the run's labels, so that `clean`
//! finds it, and is to be removed with [`Leaf::remove`]: a dropped one is removed too, but blocks a thread and tells nobody
//! when that fails.

use crate::engine::ContainerId;
use crate::labels::RunLabels;
use std::time::Duration;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt, TestcontainersError};
use tokio::io::AsyncReadExt;

/// A leaf container to start.
#[derive(Debug, Clone)]
pub struct LeafSpec {
    /// Image on the engine, `repository:tag`.
    pub image: String,
    /// Program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Labels of the run.
    pub labels: RunLabels,
    /// The container whose network it joins.
    pub beside: ContainerId,
}

/// A leaf container that was started.
#[derive(Debug)]
pub struct Leaf {
    id: ContainerId,
    program: String,
    container: ContainerAsync<GenericImage>,
}

/// It did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// The engine.
    #[error("could not {what} a leaf container with `{program}`: {source}")]
    Engine {
        /// What was tried.
        what: &'static str,
        /// Program.
        program: String,
        /// Why not.
        source: TestcontainersError,
    },
    /// It was to end.
    #[error("`{program}` in a leaf container did not end within {} s", within.as_secs())]
    Late {
        /// Program.
        program: String,
        /// Deadline.
        within: Duration,
    },
    /// Its output cannot be read.
    #[error("could not read what `{program}` in a leaf container says: {source}")]
    Output {
        /// Program.
        program: String,
        /// Why not.
        source: std::io::Error,
    },
}

impl Leaf {
    /// Starts a leaf container. It may not listen yet when this returns.
    ///
    /// # Errors
    /// When the engine refuses; nothing is left behind then but what `clean` removes.
    pub async fn start(spec: LeafSpec) -> Result<Self, LeafError> {
        let LeafSpec { image, program, arguments, labels, beside } = spec;
        let (repository, tag) = image.rsplit_once(':').unwrap_or((&image, "latest"));
        let network = format!("container:{}", beside.0);
        let request = GenericImage::new(repository, tag)
            .with_entrypoint(&program)
            .with_cmd(arguments)
            .with_labels(labels.to_map())
            // `with_network` would make a Docker network of that name.
            .with_host_config_modifier(move |host| {
                host.network_mode = Some(network.clone());
                host.publish_all_ports = Some(false);
            });
        match request.start().await {
            Ok(container) => Ok(Self { id: ContainerId(container.id().to_owned()), program, container }),
            Err(source) => Err(LeafError::Engine { what: "start", program, source }),
        }
    }

    /// Its id on the engine.
    #[must_use]
    pub fn id(&self) -> &ContainerId {
        &self.id
    }

    /// Waits until its program has ended, and answers all that it said.
    ///
    /// # Errors
    /// When it is late, or the engine does not tell.
    pub async fn finished(&self, within: Duration) -> Result<Finished, LeafError> {
        let output = |source| LeafError::Output { program: self.program.clone(), source };
        let reading = async {
            let mut said = Finished::default();
            let (mut out, mut err) = (self.container.stdout(true), self.container.stderr(true));
            let (read, read_error) =
                tokio::join!(out.read_to_string(&mut said.stdout), err.read_to_string(&mut said.stderr));
            read.and(read_error).map(|_| said)
        };
        tokio::time::timeout(within, reading)
            .await
            .map_err(|_| LeafError::Late { program: self.program.clone(), within })?
            .map_err(output)
    }

    /// Removes it.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn remove(self) -> Result<(), LeafError> {
        let Self { program, container, .. } = self;
        container.rm().await.map_err(|source| LeafError::Engine { what: "remove", program, source })
    }
}

/// What a program said until its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finished {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}
