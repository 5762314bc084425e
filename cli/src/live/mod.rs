//! What the commands share that keep tasks alive: doors into a task, what happens line by line, stand-ins for what is not here.

mod doors;
mod follow;
mod stage;
pub mod stand_in;

pub use doors::Doors;
pub use follow::Follower;
pub use stage::stage;
