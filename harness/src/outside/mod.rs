//! The world outside a task: a place where one can listen and connect, at any address.
//!
//! [`Outside`] is that place. [`RelayOutside`] is the real one, inside the world container; [`InProcess`] exists in
//! memory only, for the tests of what lives outside.

mod error;
mod group;
mod in_process;
mod place;
mod relay;

pub use error::{OutsideError, RelayFailure};
pub use group::{SecurityGroup, SecurityGroupRefusal};
pub use in_process::InProcess;
pub use place::{Accepted, Datagram, DatagramSocket, Duplex, Listener, Outside, Refusals, Stream};
pub use proofhouse_wire::relay::{
    Blackhole, Direction, Effect, Faults, Impairment, Refusal, Subnet, Transport, WorldNetwork,
};
pub use relay::RelayOutside;
