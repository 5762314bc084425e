//! One file a command.

mod bench;
mod bite;
mod clean;
mod console;
mod doctor;
mod embed;
mod embedded;
mod explore;
mod fargate;
mod fidelity;
mod judge;
mod list;
mod plan;
mod run;
mod soak;
mod steps;
mod up;
mod validate;
mod waf;

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
        Command::Bite(arguments) => bite::bite(&arguments).await,
        Command::List(arguments) => list::list(&arguments),
        Command::Embed(arguments) => embed::embed(&arguments),
        Command::Validate(arguments) => validate::validate(&arguments),
        Command::Plan(arguments) => plan::plan(&arguments),
        Command::Up(arguments) => up::up(&arguments).await,
        Command::Fargate(arguments) => fargate::fargate(&arguments).await,
        Command::Console(arguments) => console::console(&arguments).await,
        Command::Judge(arguments) => judge::judge(&arguments),
        Command::Fidelity(arguments) => fidelity::fidelity(&arguments),
        Command::Clean(arguments) => clean::clean(&arguments).await,
        Command::Doctor(arguments) => doctor::doctor(&arguments).await,
        Command::Waf(arguments) => waf::waf(&arguments).await,
        Command::Explore(arguments) => explore::explore(&arguments).await,
        Command::Soak(arguments) => soak::soak(&arguments).await,
        Command::Bench(arguments) => bench::bench(&arguments).await,
        Command::Steps(arguments) => steps::steps(&arguments),
    }
}

/// Waits until someone wants the command to end: Ctrl-C or SIGTERM. From this call on, neither ends the process by itself.
pub fn interruption() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| {
        signal(kind)
            .map_err(|error| Failure::environment(&error, "signals cannot be listened to on this machine"))
    };
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
