//! One file a command.

mod bench;
mod list;
mod run;
mod steps;

use crate::arguments::Command;
use crate::failure::Failure;
use proofhouse_reports::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// How a command ends.
pub type Done = Result<ExitCode, Failure>;

/// Carries a command out.
pub async fn carry_out(command: Command) -> Done {
    match command {
        Command::Run(arguments) => run::run(&arguments).await,
        Command::List(arguments) => list::list(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments).await,
        Command::Steps(arguments) => steps::steps(&arguments),
        _ => Err(Failure::input("this command is not built yet", "")),
    }
}

/// Waits until someone wants the command to end: Ctrl-C or SIGTERM.
pub async fn interrupted() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
