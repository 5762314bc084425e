//! The actor: a static program that scenarios drive inside an app container.
//!
//! It is the app, or runs beside it, and does on request what an app could do: run programs, resolve names, open
//! connections. The requests are those of `proofhouse_protocol::actor`.

mod bench;
mod command;
mod connect;
mod describe;
mod files;
mod http;
mod kernel;
mod load;
mod query;
mod run;
mod serve;

use command::{Command, OnTerm};
use proofhouse_protocol::actor::{NAME_VARIABLE, socket_name};
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    let command = match Command::parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprint!("actor: {error}\n{}", command::USAGE);
            return ExitCode::from(2);
        }
    };
    match obey(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("actor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> io::Result<ExitCode> {
    match command {
        Command::Help => print!("{}", command::USAGE),
        Command::True => {}
        Command::Serve { http, on_term } => serve(http, on_term)?,
        Command::Cat => cat()?,
        Command::Describe { exit } => {
            print_line(&serde_json::to_value(describe::describe()?)?);
            return Ok(ExitCode::from(u8::try_from(exit).unwrap_or(u8::MAX)));
        }
        Command::SleepUntilSignal => sleep_until_signal()?,
        Command::Load { target, connections, requests } => {
            print_line(&load::load(target, connections, requests)?)
        }
        Command::SpawnBench { iterations } => print_line(&bench::spawn_bench(iterations)?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the sockets, says so in one line, and serves. Without a name nobody acts in the container, and without a port nobody asks
/// for anything: then it stays until it is told to stop.
fn serve(port: Option<u16>, on_term: OnTerm) -> io::Result<()> {
    match on_term {
        OnTerm::Exit(code) => kernel::exit_on_term(code)?,
        OnTerm::Ignore => kernel::ignore_term()?,
        OnTerm::Default => {}
    }
    let named =
        |what: String| move |error: io::Error| io::Error::new(error.kind(), format!("{what}: {error}"));
    let name = std::env::var(NAME_VARIABLE).ok().filter(|name| !name.is_empty());
    let requests = match &name {
        Some(name) => {
            Some(serve::listen(name).map_err(named(format!("cannot listen on `{}`", socket_name(name))))?)
        }
        None => None,
    };
    let app = match port {
        Some(port) => Some(http::listen(port).map_err(named(format!("cannot listen on port {port}")))?),
        None => None,
    };
    let port = app.as_ref().map(|app| app.local_addr()).transpose()?.map(|address| address.port());
    print_line(&json!({ "actor": { "name": name, "pid": std::process::id(), "http": port } }));
    match (requests, app) {
        (Some(requests), Some(app)) => {
            thread::spawn(move || http::serve(&app, print_line));
            serve::serve(&requests)
        }
        (Some(requests), None) => serve::serve(&requests),
        (None, Some(app)) => http::serve(&app, print_line),
        (None, None) => loop {
            thread::park();
        },
    }
}

fn cat() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => {
                output.write_all(&buffer[..length])?;
                output.flush()?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Prints `ready` when signals are caught, then the number of each, and ends at SIGTERM.
fn sleep_until_signal() -> io::Result<()> {
    let mut signals = kernel::catch_all()?;
    print_text("ready");
    let mut signal = [0];
    loop {
        signals.read_exact(&mut signal)?;
        print_text(&signal_name(signal[0]));
        if i32::from(signal[0]) == libc::SIGTERM {
            return Ok(());
        }
    }
}

/// The name of the signals that people send; the number of the others.
fn signal_name(number: u8) -> String {
    match i32::from(number) {
        libc::SIGHUP => "SIGHUP".to_owned(),
        libc::SIGINT => "SIGINT".to_owned(),
        libc::SIGQUIT => "SIGQUIT".to_owned(),
        libc::SIGUSR1 => "SIGUSR1".to_owned(),
        libc::SIGUSR2 => "SIGUSR2".to_owned(),
        libc::SIGALRM => "SIGALRM".to_owned(),
        libc::SIGTERM => "SIGTERM".to_owned(),
        libc::SIGCHLD => "SIGCHLD".to_owned(),
        libc::SIGCONT => "SIGCONT".to_owned(),
        libc::SIGWINCH => "SIGWINCH".to_owned(),
        other => format!("signal {other}"),
    }
}

fn print_line(value: &Value) {
    print_text(&value.to_string());
}

/// One write a line, so that lines of several threads and processes do not mix. A reader that has gone is no reason
/// for an app to end.
fn print_text(text: &str) {
    let _ = io::stdout().lock().write_all(format!("{text}\n").as_bytes());
}
