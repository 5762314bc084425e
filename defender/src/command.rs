//! The command line.

use crate::hub;
use lexopt::prelude::*;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where Debian's `modsecurity-crs` puts the Core Rule Set.
const CRS: &str = "/usr/share/modsecurity-crs";

/// How the binary is used.
pub const USAGE: &str = "\
usage: defender fargate entrypoint ARGV...            run an app under the Defender
       defender fargate sidecar [--data-folder DIR]   hold the Console link of a task
                                [--crs DIR]
       defender fargate healthcheck [--data-folder DIR]
       defender --version";

/// What the binary was asked to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Run an app.
    Entrypoint(Vec<OsString>),
    /// Be the sidecar.
    Sidecar {
        /// The shared volume.
        data_folder: PathBuf,
        /// Core Rule Set.
        crs_directory: PathBuf,
    },
    /// Ask the sidecar.
    Healthcheck {
        /// The shared volume.
        data_folder: PathBuf,
    },
    /// Print the version.
    Version,
    /// Print the usage.
    Help,
}

/// Reads the arguments, without the program's own name.
///
/// # Errors
/// When they are not as [`USAGE`] says.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    match parser.next()? {
        Some(Long("version") | Short('V')) => return Ok(Command::Version),
        Some(Long("help") | Short('h')) | None => return Ok(Command::Help),
        Some(Value(word)) if word == "fargate" => {}
        Some(other) => return Err(other.unexpected()),
    }
    let role = parser.value().map_err(|_| lexopt::Error::from("fargate needs a role"))?;
    if role == "entrypoint" {
        // Everything that follows is the app's, whatever it looks like.
        return Ok(Command::Entrypoint(parser.raw_args()?.collect()));
    }
    let (mut data_folder, mut crs_directory) = (PathBuf::from(hub::FOLDER), PathBuf::from(CRS));
    while let Some(argument) = parser.next()? {
        match argument {
            Long("data-folder") => data_folder = parser.value()?.into(),
            Long("crs") if role == "sidecar" => crs_directory = parser.value()?.into(),
            other => return Err(other.unexpected()),
        }
    }
    match role.to_str() {
        Some("sidecar") => Ok(Command::Sidecar { data_folder, crs_directory }),
        Some("healthcheck") => Ok(Command::Healthcheck { data_folder }),
        _ => Err(format!("unknown role {}", role.to_string_lossy()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[&str]) -> Result<Command, lexopt::Error> {
        parse(line.iter().map(OsString::from))
    }

    #[test]
    fn everything_behind_entrypoint_is_the_apps() {
        let argv = ["sh", "--version", "-c", "", "--", "x"];
        let line: Vec<_> = ["fargate", "entrypoint"].into_iter().chain(argv).collect();
        assert_eq!(read(&line).unwrap(), Command::Entrypoint(argv.iter().map(OsString::from).collect()));
        assert_eq!(
            read(&["fargate", "entrypoint", "--", "x"]).unwrap(),
            Command::Entrypoint(vec!["--".into(), "x".into()])
        );
        assert_eq!(read(&["fargate", "entrypoint"]).unwrap(), Command::Entrypoint(vec![]));
    }

    #[test]
    fn roles_and_their_options() {
        assert_eq!(read(&["--version"]).unwrap(), Command::Version);
        let sidecar = read(&["fargate", "sidecar", "--crs", "/c"]).unwrap();
        let expected = Command::Sidecar { data_folder: hub::FOLDER.into(), crs_directory: "/c".into() };
        assert_eq!(sidecar, expected);
        let health = read(&["fargate", "healthcheck", "--data-folder=/d"]).unwrap();
        assert_eq!(health, Command::Healthcheck { data_folder: "/d".into() });
        for wrong in
            [&["fargate"][..], &["fargate", "pilot"], &["lambda"], &["fargate", "healthcheck", "--crs", "x"]]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
