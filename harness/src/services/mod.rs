//! Who answers and who asks outside a task: the VPC's resolver, the metadata service, hosts and clients in the Internet.
//!
//! Each stands on an [`crate::outside::Outside`], tells the history what it saw, and ends when it is dropped.

mod client;
mod faults;
mod http;
mod internet;
mod metadata;
mod resolver;
mod serving;
mod zone;

pub use client::{Client, Exchange, HttpRequest, RawExchange, Session, TOKEN_HEADER, TlsOffer};
pub use http::{HostRequest, HostResponse};
pub use internet::{InternetHost, RefusalWatch, Responder};
pub use metadata::{
    Clock, ContainerDocument, Credentials, EphemeralStorage, Gauge, HealthDocument, LimitsDocument, Made,
    Metadata, NetworkDocument, TaskDocument, TaskMetadata, VolumeDocument,
};
pub use resolver::Resolver;
pub use zone::{Entry, Resolution, Verdict, Zone, ZoneError};
