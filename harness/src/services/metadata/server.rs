//! The service on the link.

use super::answer::answer;
use super::documents::TaskMetadata;
use crate::outside::Outside;
use crate::services::faults::{FaultDesk, FaultPath, Known};
use crate::services::http::{self, HostRequest, HostResponse};
use crate::services::serving::Serving;
use proofhouse_protocol::observation::{Observation, SharedRecorder, Source, record};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Instant;

/// The service; it ends when it is dropped.
#[derive(Debug)]
pub struct Metadata {
    known: Arc<RwLock<TaskMetadata>>,
    _serving: Serving,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Metadata {
    /// Serves at an address, on Fargate 169.254.170.2:80.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(
        outside: Arc<dyn Outside>,
        address: SocketAddr,
        metadata: TaskMetadata,
        recorder: SharedRecorder,
    ) -> io::Result<Self> {
        let listener = outside.listen_tcp(address).await?;
        let known = Arc::new(RwLock::new(metadata));
        let served = Arc::clone(&known);
        let faults = Arc::new(FaultDesk::new(outside));
        let mut serving = Serving::default();
        serving.start(http::serve(
            listener,
            |_, _| {},
            move |request| {
                let (served, faults, recorder) =
                    (Arc::clone(&served), Arc::clone(&faults), Arc::clone(&recorder));
                async move {
                    let response = respond(&served, &faults, &request).await;
                    let observation =
                        Observation::MetadataRequest { path: request.target, status: response.status };
                    record(&*recorder, Source::Metadata, observation);
                    response
                }
            },
        ));
        Ok(Metadata { known, _serving: serving })
    }

    /// Changes what the service knows, such as a state or a time; the next request sees it.
    pub fn change(&self, change: impl FnOnce(&mut TaskMetadata)) {
        change(&mut self.known.write().expect("a change that panics ends its scenario"));
    }
}

async fn respond(served: &RwLock<TaskMetadata>, faults: &FaultDesk, request: &HostRequest) -> HostResponse {
    let known = || served.read().expect("a change that panics ends its scenario");
    let Some(path) = FaultPath::read(&request.target) else {
        return answer(&known(), &request.method, &request.target);
    };
    let asker = {
        let task = &known().task;
        Known {
            container: task.containers.iter().any(|container| container.docker_id == path.id),
            enabled: task.fault_injection_enabled == Some(true),
            task_arn: task.task_arn.clone(),
        }
    };
    faults.answer(&path, &request.method, &request.body, &asker, Instant::now()).await
}
