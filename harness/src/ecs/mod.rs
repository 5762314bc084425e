//! The part of the ECS API that registers, runs, describes and stops tasks, as `aws` and the SDKs speak it (`fargate.md` 2.1).
//!
//! A request goes through [`authorization`](Caller), [`Operation`] and [`Ecs::call`]; what really runs a task is a
//! [`TaskRunner`], which tells by a [`Life`] how the task goes on.

mod authorization;
mod call;
mod definitions;
mod document;
mod error;
mod input;
mod launch;
mod life;
mod list;
mod names;
mod operation;
mod overrides;
mod page;
mod register;
mod run;
mod runner;
mod serve;
mod tasks;

pub use authorization::Caller;
pub use call::Ecs;
pub use error::{ApiError, ErrorKind};
pub use life::Life;
pub use names::{ACCOUNT, CLUSTER, Names, TaskDefinitionName, task_id};
pub use operation::Operation;
pub use runner::{TaskOrder, TaskRunner};
pub use serve::{ListenError, Serving, listen};
