//! Runs a plan on an engine: the driver between [`crate::lifecycle`] and [`crate::engine`].

mod archive;
mod capture;
mod container;
mod driver;
mod error;
mod handle;
mod logs;
mod operations;
mod probe;
mod shared;
mod sockets;
mod start;
mod view;

pub use capture::Captured;
pub use container::Container;
pub use error::TaskError;
pub use handle::Task;
pub use start::Arrival;
pub use view::TaskView;
