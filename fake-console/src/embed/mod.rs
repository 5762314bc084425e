//! The embed: turns a task definition into a protected one (section 4 of `runtime-and-embed.md`).

mod cloudformation;
mod container;
mod definition;
mod dialect;
mod document;
mod entrypoint;
mod error;
mod member;
mod request;
mod sidecar;
mod yaml;

pub use cloudformation::is_cloud_formation;
pub use document::embed;
pub use error::EmbedError;
pub use request::EmbedRequest;
pub(crate) use request::web_socket_address;
pub use yaml::embed_yaml;
