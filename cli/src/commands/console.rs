//! `proofhouse console`.

use super::Done;
use crate::arguments::ConsoleArguments;
use crate::ca_file::CaFile;
use crate::failure::{Failure, Message, chain};
use crate::output;
use proofhouse_console::{Console, ConsoleConfig};
use proofhouse_protocol::Semantics;
use proofhouse_reports::ExitCode;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Serves a Console until someone ends it.
pub async fn console(arguments: &ConsoleArguments) -> Done {
    let (rest, link) = (bind(arguments.rest, "--rest").await?, bind(arguments.link, "--link").await?);
    let mut names = vec![arguments.name.clone()];
    if arguments.name != "localhost" {
        names.push("localhost".to_owned());
    }
    let link_port = link.local_addr().map_or(arguments.link.port(), |address| address.port());
    let console = Console::start(ConsoleConfig {
        names,
        link_port,
        semantics: Semantics::named(arguments.profile.as_str()).unwrap_or_default(),
        ..ConsoleConfig::default()
    })
    .map_err(|error| Failure::input(chain(&error), "give another `--name`"))?;
    let not_served = |error| Failure::environment(&error, "give another address by `--rest` or `--link`");
    let rest = console.serve_rest(rest).map_err(not_served)?;
    let link = console.serve_link(link).map_err(not_served)?;
    let certificate = CaFile::write(console.ca_pem())?;
    let (user, password) = console.admin();
    // Before the addresses are told, so that whoever reads them may end this in order.
    let interrupted = super::interruption()?;
    output::line(&format!("REST API       https://localhost:{}/api/v1 (on {rest})", rest.port()));
    output::line(&format!("Defender link  wss://{}:{} (on {link})", arguments.name, link.port()));
    output::line(&format!("user           {user}"));
    output::line(&format!("password       {}", password.reveal()));
    output::line(&format!("certificate    {}", certificate.path().display()));
    output::line("Ctrl-C ends it");
    interrupted.await;
    console.shutdown().await;
    Ok(ExitCode::Passed)
}

async fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(
            ExitCode::Environment,
            Message::new(format!("could not listen at {address}: {error}"))
                .help(format!("name another address by `{flag}`; port 0 takes any that is free")),
        )
    })
}
