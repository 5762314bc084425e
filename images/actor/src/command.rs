//! The command line.

use lexopt::prelude::*;
use std::net::SocketAddr;

/// What SIGTERM does to `actor serve`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTerm {
    /// Ends the process with that code.
    Exit(i32),
    /// Nothing.
    Ignore,
    /// What the kernel does: it kills the process, unless that is PID 1.
    Default,
}

/// What the actor is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Serve requests, and HTTP when there is a port.
    Serve {
        /// Port of the app; 0 for any.
        http: Option<u16>,
        /// What SIGTERM does.
        on_term: OnTerm,
    },
    /// Print the description of this process.
    Describe {
        /// Exit code.
        exit: i32,
    },
    /// Copy standard input to standard output.
    Cat,
    /// Print each signal until SIGTERM.
    SleepUntilSignal,
    /// Nothing.
    True,
    /// Measure the price of starting a program.
    SpawnBench {
        /// Programs to start, each way.
        iterations: u32,
    },
    /// Put load on an HTTP server.
    Load {
        /// Server.
        target: SocketAddr,
        /// Connections at once.
        connections: u32,
        /// Requests in all.
        requests: u32,
    },
    /// Print the usage.
    Help,
}

/// The usage text.
pub const USAGE: &str = "\
usage: actor [serve] [--http PORT] [--on-term exit CODE|ignore|default]
       actor describe [--exit CODE]
       actor cat | sleep-until-signal | true | spawn-bench N
       actor load --target ADDRESS:PORT [--connections N] [--requests N]
";

impl Command {
    /// Parses the arguments behind the program's name.
    pub fn parse(mut arguments: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let command = match arguments.next()? {
            None => return Ok(serve()),
            Some(Value(name)) => name.string()?,
            Some(Short('h') | Long("help")) => return Ok(Self::Help),
            Some(other) => return Err(other.unexpected()),
        };
        let mut parsed = match command.as_str() {
            "serve" => serve(),
            "describe" => Self::Describe { exit: 0 },
            "cat" => Self::Cat,
            "sleep-until-signal" => Self::SleepUntilSignal,
            "true" => Self::True,
            "spawn-bench" => Self::SpawnBench { iterations: arguments.value()?.parse()? },
            "load" => load(),
            other => return Err(format!("`{other}` is not a command of the actor").into()),
        };
        while let Some(argument) = arguments.next()? {
            match (&mut parsed, argument) {
                (_, Short('h') | Long("help")) => return Ok(Self::Help),
                (Self::Serve { http, .. }, Long("http")) => *http = Some(arguments.value()?.parse()?),
                (Self::Serve { on_term, .. }, Long("on-term")) => {
                    *on_term = match arguments.value()?.string()?.as_str() {
                        "exit" => OnTerm::Exit(exit_code(&mut arguments)?),
                        "ignore" => OnTerm::Ignore,
                        "default" => OnTerm::Default,
                        other => return Err(format!("`{other}` is not `exit`, `ignore` or `default`").into()),
                    };
                }
                (Self::Describe { exit }, Long("exit")) => *exit = exit_code(&mut arguments)?,
                (Self::Load { target, .. }, Long("target")) => *target = arguments.value()?.parse()?,
                (Self::Load { connections, .. }, Long("connections")) => {
                    *connections = positive(&mut arguments)?
                }
                (Self::Load { requests, .. }, Long("requests")) => *requests = positive(&mut arguments)?,
                // An app gets the arguments that its task definition gives it, whatever they are, and describes them.
                (Self::Describe { .. }, Value(_)) => {}
                (_, argument) => return Err(argument.unexpected()),
            }
        }
        match parsed {
            Self::Load { target, .. } if target.port() == 0 => {
                Err("`load` needs `--target ADDRESS:PORT`".into())
            }
            parsed => Ok(parsed),
        }
    }
}

fn serve() -> Command {
    Command::Serve { http: None, on_term: OnTerm::Exit(0) }
}

/// A load on nobody yet.
fn load() -> Command {
    Command::Load { target: SocketAddr::from(([127, 0, 0, 1], 0)), connections: 8, requests: 1000 }
}

fn positive(arguments: &mut lexopt::Parser) -> Result<u32, lexopt::Error> {
    match arguments.value()?.parse()? {
        0 => Err("0 is not a positive number".into()),
        number => Ok(number),
    }
}

fn exit_code(arguments: &mut lexopt::Parser) -> Result<i32, lexopt::Error> {
    Ok(arguments.value()?.parse::<u8>()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        let arguments = std::iter::once("actor").chain(line.split_whitespace());
        Command::parse(lexopt::Parser::from_iter(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn without_arguments_it_serves() {
        assert_eq!(parse(""), Ok(Command::Serve { http: None, on_term: OnTerm::Exit(0) }));
        assert_eq!(parse("serve"), parse(""));
    }

    #[test]
    fn options_are_read() {
        let expected = Command::Serve { http: Some(8080), on_term: OnTerm::Exit(143) };
        assert_eq!(parse("serve --http 8080 --on-term exit 143"), Ok(expected));
        assert_eq!(
            parse("serve --on-term ignore"),
            Ok(Command::Serve { http: None, on_term: OnTerm::Ignore })
        );
        assert_eq!(parse("describe --exit 7 a b"), Ok(Command::Describe { exit: 7 }));
        let target = "127.0.0.1:80".parse().unwrap();
        assert_eq!(
            parse("load --target 127.0.0.1:80 --requests 10"),
            Ok(Command::Load { target, connections: 8, requests: 10 })
        );
        assert_eq!(parse("spawn-bench 10"), Ok(Command::SpawnBench { iterations: 10 }));
    }

    #[test]
    fn what_it_does_not_know_is_refused_by_name() {
        assert_eq!(parse("dance").unwrap_err(), "`dance` is not a command of the actor");
        assert_eq!(parse("serve --on-term stop").unwrap_err(), "`stop` is not `exit`, `ignore` or `default`");
        assert!(parse("cat --http 1").unwrap_err().contains("--http"));
        assert!(parse("serve --http 70000").unwrap_err().contains("70000"));
        assert_eq!(parse("load").unwrap_err(), "`load` needs `--target ADDRESS:PORT`");
        assert!(parse("load --target 127.0.0.1:80 --connections 0").unwrap_err().contains("positive"));
        assert!(parse("describe --exit 256").unwrap_err().contains("256"));
    }
}
