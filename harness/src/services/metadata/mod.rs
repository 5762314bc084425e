//! The task metadata and credentials service at 169.254.170.2 (`reference/fargate.md`, section 3).

mod answer;
mod documents;
mod gauge;
mod protection;
mod server;

pub use documents::{
    Clock, ContainerDocument, Credentials, EphemeralStorage, HealthDocument, LimitsDocument, NetworkDocument,
    TaskDocument, TaskMetadata, VolumeDocument,
};
pub use gauge::{Gauge, Made};
pub use server::Metadata;
