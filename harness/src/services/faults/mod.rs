//! The fault-injection API beside the metadata service (`reference/fargate.md` 3.5, T88, T89).

mod desk;
mod path;
mod request;
mod throttle;

pub(super) use desk::{FaultDesk, Known};
pub(super) use path::FaultPath;
