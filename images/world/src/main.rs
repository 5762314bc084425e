//! The world agent: owner of the namespaces of a simulated task, and relay of the sockets outside.
//!
//! It is the one process of a container with networking `none`. Its main thread stays in the container's network
//! namespace, the *task* namespace that app containers join. A second thread makes the *outside* namespace and runs
//! everything else there: a socket belongs to the namespace of the thread that made it. The harness speaks to it over
//! standard input and output ([`proofhouse_wire::relay`]). It exits when standard input ends or at SIGTERM, and with
//! it the outside.
//!
//! Started with `interfaces`, in the running container, it prints what the interfaces of the task have carried; with
//! `open-files` it prints how many files a process may have open, where nobody set that. Then it exits.

mod channels;
mod connection;
mod datagrams;
mod dispatcher;
mod faults;
mod files;
mod impairment;
mod kernel;
mod links;
mod listener;
mod listening;
mod namespace;
mod netlink;
mod network;
mod outgoing;
mod pump;
mod refusals;
mod reply;
mod rules;
mod told;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("interfaces") => return print(told::interfaces()),
        Some("open-files") => return print(told::open_files()),
        Some(other) => return fail(&std::io::Error::other(format!("no task for {other:?}"))),
    }
    let (task, requests) = match namespace::of_the_task() {
        Ok(pair) => pair,
        Err(error) => return fail(&error),
    };
    let outside = std::thread::Builder::new().name("outside".to_owned()).spawn(move || {
        let result = namespace::make_outside().and_then(|outside| pump::run(task, outside));
        // The main thread waits for requests and could not be told: the process ends here.
        std::process::exit(match result {
            Ok(()) => 0,
            Err(error) => {
                fail(&error);
                1
            }
        })
    });
    match outside {
        Ok(_) => requests.serve(),
        Err(error) => return fail(&error),
    }
    ExitCode::SUCCESS
}

fn print(text: std::io::Result<String>) -> ExitCode {
    match text {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn fail(error: &std::io::Error) -> ExitCode {
    eprintln!("world: {error}");
    ExitCode::FAILURE
}
