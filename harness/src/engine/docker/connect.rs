//! Finding the daemon and agreeing on a version.

use super::failure::Failure;
use super::memory::MemoryWatch;
use crate::engine::{Engine, EngineError, EngineInfo};
use bollard::Docker;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Docker, over its socket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DockerEngine {
    pub(super) docker: Docker,
    pub(super) endpoint: String,
    pub(super) deadline: Duration,
    pub(super) memory: Arc<MemoryWatch>,
}

/// Deadline of one call. A create or a start takes tens of milliseconds; a machine under load, seconds.
const DEADLINE: Duration = Duration::from_secs(60);

/// Connects to the engine of this machine, as [`DockerEngine::connect`] does.
///
/// # Errors
/// Nobody answers.
pub async fn connect() -> Result<Arc<dyn Engine>, EngineError> {
    Ok(Arc::new(DockerEngine::connect().await?))
}

impl DockerEngine {
    /// Connects to the daemon of `DOCKER_HOST`, else to the first socket there is: the system's, a rootless one, Docker
    /// Desktop's. Agrees on the API version with it.
    ///
    /// # Errors
    /// Nobody answers there.
    pub async fn connect() -> Result<Self, EngineError> {
        let socket = match std::env::var("DOCKER_HOST") {
            Ok(host) if !host.is_empty() => match host.strip_prefix("unix://") {
                Some(path) => PathBuf::from(path),
                None => {
                    let why = "only unix:// sockets are supported".to_owned();
                    return Err(EngineError::Unreachable { endpoint: host, why });
                }
            },
            _ => sockets()
                .into_iter()
                .find(|path| path.exists())
                .unwrap_or_else(|| "/var/run/docker.sock".into()),
        };
        Self::connect_to(&socket.to_string_lossy()).await
    }

    /// Connects to the daemon at a socket.
    ///
    /// # Errors
    /// Nobody answers there.
    pub async fn connect_to(socket: &str) -> Result<Self, EngineError> {
        let endpoint = format!("unix://{socket}");
        let unreachable = |why: String| EngineError::Unreachable { endpoint: endpoint.clone(), why };
        if !std::path::Path::new(socket).exists() {
            return Err(unreachable("there is no such socket".to_owned()));
        }
        let docker = Docker::connect_with_unix(socket, DEADLINE.as_secs(), bollard::API_DEFAULT_VERSION)
            .map_err(|error| unreachable(error.to_string()))?;
        let docker = tokio::time::timeout(DEADLINE, docker.negotiate_version())
            .await
            .map_err(|_| unreachable("no answer".to_owned()))?
            .map_err(|error| unreachable(chain(&error)))?;
        Ok(Self { docker, endpoint, deadline: DEADLINE, memory: Arc::default() })
    }

    /// The same engine with another deadline for each call.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// bollard's client, for what a task does not need but a scenario's neighbour does.
    #[must_use]
    pub fn client(&self) -> &Docker {
        &self.docker
    }

    pub(super) async fn read_info(&self) -> Result<EngineInfo, EngineError> {
        let info = self.within("reading the engine's description", self.docker.info()).await?;
        let version = self.docker.client_version();
        Ok(EngineInfo {
            name: "docker".to_owned(),
            version: info.server_version.unwrap_or_default(),
            api_version: format!("{}.{}", version.major_version, version.minor_version),
            kernel: info.kernel_version.unwrap_or_default(),
            os_type: info.os_type.unwrap_or_default(),
            architecture: info.architecture.unwrap_or_default(),
            cpus: info.ncpu.unwrap_or_default(),
            memory: info.mem_total.unwrap_or_default(),
            cgroup_version: info.cgroup_version.map(|version| version.to_string()).unwrap_or_default(),
            storage_driver: info.driver.unwrap_or_default(),
            security_options: info.security_options.unwrap_or_default(),
            root_directory: info.docker_root_dir.unwrap_or_default(),
            endpoint: self.endpoint.clone(),
        })
    }

    /// Runs a call under the engine's deadline and names it in its error.
    pub(super) async fn within<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, EngineError> {
        self.within_for(what, self.deadline, call).await
    }

    pub(super) async fn within_for<T>(
        &self,
        what: &str,
        deadline: Duration,
        call: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, EngineError> {
        match tokio::time::timeout(deadline, call).await {
            Ok(result) => result.map_err(|error| Failure { what, endpoint: &self.endpoint }.of(error)),
            Err(_) => Err(EngineError::Timeout { what: what.to_owned(), after: deadline }),
        }
    }
}

fn sockets() -> Vec<PathBuf> {
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock")];
    if let Ok(runtime) = std::env::var("XDG_RUNTIME_DIR") {
        sockets.push(PathBuf::from(runtime).join("docker.sock"));
    }
    if let Ok(home) = std::env::var("HOME") {
        sockets.push(PathBuf::from(home).join(".docker/run/docker.sock"));
    }
    sockets
}

/// An error with its causes, because the top one often says only "error".
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
