//! Runs a plan on an engine: the driver between [`crate::lifecycle`] and [`crate::engine`].

mod archive;
mod capture;
mod container;
mod driver;
mod error;
mod fence;
mod handle;
mod logs;
mod marks;
mod operations;
mod probe;
#[cfg(test)]
mod scripted;
mod shared;
mod sockets;
mod start;
#[cfg(test)]
mod tests;
mod view;
mod work;

pub use capture::Captured;
pub use container::Container;
pub use error::TaskError;
pub use handle::Task;
pub use start::Arrival;
pub use view::TaskView;
pub use work::Panicked;
