//! The service on the link.

use super::answer::answer;
use super::documents::TaskMetadata;
use crate::outside::Outside;
use crate::services::http;
use crate::services::serving::Serving;
use proofhouse_protocol::observation::{Observation, SharedRecorder, Source, record};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};

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
        outside: &dyn Outside,
        address: SocketAddr,
        metadata: TaskMetadata,
        recorder: SharedRecorder,
    ) -> io::Result<Self> {
        let listener = outside.listen_tcp(address).await?;
        let known = Arc::new(RwLock::new(metadata));
        let served = Arc::clone(&known);
        let mut serving = Serving::default();
        serving.start(http::serve(
            listener,
            |_, _| {},
            move |request| {
                let response = {
                    let known = served.read().expect("a change that panics ends its scenario");
                    answer(&known, &request.method, &request.target)
                };
                let observation =
                    Observation::MetadataRequest { path: request.target, status: response.status };
                record(&*recorder, Source::Metadata, observation);
                response
            },
        ));
        Ok(Metadata { known, _serving: serving })
    }

    /// Changes what the service knows, such as a state or a time; the next request sees it.
    pub fn change(&self, change: impl FnOnce(&mut TaskMetadata)) {
        change(&mut self.known.write().expect("a change that panics ends its scenario"));
    }
}
