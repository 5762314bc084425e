//! The service on the link.

use super::answer::answer;
use super::documents::TaskMetadata;
use super::gauge::{Gauge, complete};
use super::protection::{self, Protection};
use crate::loss::Losses;
use crate::outside::Outside;
use crate::services::faults::{FaultDesk, FaultPath, Known};
use crate::services::serving::Serving;
use crate::services::{HostRequest, HostResponse, http};
use proofhouse_protocol::observation::{Body, Observation, Pipeline, SharedRecorder, Source, record};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;

/// The service; it ends when it is dropped.
#[derive(Debug)]
pub struct Metadata {
    known: Arc<RwLock<TaskMetadata>>,
    _serving: Serving,
}

/// All that a request needs.
struct Served {
    known: Arc<RwLock<TaskMetadata>>,
    gauge: Arc<dyn Gauge>,
    faults: FaultDesk,
    protection: Mutex<Protection>,
    recorder: SharedRecorder,
}

impl Served {
    async fn answer(&self, request: HostRequest) -> HostResponse {
        let path = request.target.split('?').next().unwrap_or_default();
        let mut known = self.known.read().expect("a change that panics ends its scenario").clone();
        let parts: Vec<_> = path.split('/').skip(1).collect();
        let response = match parts.as_slice() {
            ["api", id, "task-protection", "v1", "state"] => self.protected(&known, id, &request),
            _ if let Some(path) = FaultPath::read(&request.target) => {
                self.faulty(&known, &path, &request).await
            }
            _ => {
                complete(&mut known, path, &*self.gauge).await;
                answer(&known, &request.method, &request.target)
            }
        };
        let observation = Observation::MetadataRequest {
            path: request.target,
            status: response.status,
            body: Body::of(&response.body),
        };
        record(&*self.recorder, Source::Metadata, observation);
        response
    }

    async fn faulty(&self, known: &TaskMetadata, path: &FaultPath, request: &HostRequest) -> HostResponse {
        let task = &known.task;
        let asker = Known {
            container: task.containers.iter().any(|container| container.docker_id == path.id),
            enabled: task.fault_injection_enabled == Some(true),
            task_arn: task.task_arn.clone(),
        };
        self.faults.answer(path, &request.method, &request.body, &asker, Instant::now()).await
    }

    fn protected(&self, known: &TaskMetadata, id: &str, request: &HostRequest) -> HostResponse {
        if known.task.containers.iter().all(|container| container.docker_id != id) {
            return protection::unknown(id);
        }
        let mut protection = self.protection.lock().expect("an answer that panics ends its scenario");
        protection.answer(&request.method, &request.body, &known.task.task_arn, jiff::Timestamp::now())
    }
}

// ---------------------------------------------------------------------------------------------------------------------

impl Metadata {
    /// Serves at an address, on Fargate 169.254.170.2:80. The gauge is asked when someone reads what it measures.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(
        outside: Arc<dyn Outside>,
        address: SocketAddr,
        metadata: TaskMetadata,
        gauge: Arc<dyn Gauge>,
        recorder: SharedRecorder,
    ) -> io::Result<Self> {
        let listener = outside.listen_tcp(address).await?;
        let known = Arc::new(RwLock::new(metadata));
        let losses = Losses::new(Arc::clone(&recorder), Source::Metadata);
        let losses = (losses, Pipeline::ServiceRequests { service: "metadata".to_owned() });
        let served = Arc::new(Served {
            known: Arc::clone(&known),
            gauge,
            faults: FaultDesk::new(outside),
            protection: Mutex::default(),
            recorder,
        });
        let mut serving = Serving::default();
        serving.start(http::serve(
            listener,
            |_, _| {},
            losses,
            move |request| {
                let served = Arc::clone(&served);
                async move { served.answer(request).await }
            },
        ));
        Ok(Metadata { known, _serving: serving })
    }

    /// Changes what the service knows, such as a state or a time; the next request sees it.
    pub fn change(&self, change: impl FnOnce(&mut TaskMetadata)) {
        change(&mut self.known.write().expect("a change that panics ends its scenario"));
    }
}
