//! Sabotage: what goes wrong between a Defender and its Console, whichever Defender it is. To whoever looks at the Console it seems
//! as if the Defender did it, and so is judged as if it had.

mod alter;
mod gate;
mod kind;
mod switch;
mod way;

pub(crate) use gate::Gate;
pub use kind::MessageKind;
pub(crate) use switch::Sabotages;
pub use way::{BadSabotage, Sabotage};
