//! What proofhouse says of itself on standard error, as far as the environment asks for it.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const VARIABLE: &str = "PROOFHOUSE_LOG";

/// From here on, what the environment asks for is said.
pub fn begin() {
    let asked = std::env::var(VARIABLE).unwrap_or_default();
    for wrong in asked.split(',').filter(|part| part.parse::<Targets>().is_err()) {
        eprintln!("{VARIABLE}: `{wrong}` is left out: write a level, a module, or MODULE=LEVEL");
    }
    let said = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(said).with(targets(&asked)).init();
}

/// What is said: errors, unless something readable is asked for.
fn targets(asked: &str) -> Targets {
    let readable: Vec<_> =
        asked.split(',').filter(|part| !part.trim().is_empty() && part.parse::<Targets>().is_ok()).collect();
    let errors = Targets::new().with_default(LevelFilter::ERROR);
    if readable.is_empty() { errors } else { readable.join(",").parse().unwrap_or(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::filter::LevelFilter as Level;

    fn says(asked: &str, module: &str) -> Option<Level> {
        let targets = targets(asked);
        [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR]
            .into_iter()
            .find(|level| level.into_level().is_some_and(|level| targets.would_enable(module, &level)))
    }

    #[test]
    fn errors_are_said_where_nothing_is_asked_for() {
        for asked in ["", ",", " ", "proofhouse=loud"] {
            assert_eq!(says(asked, "proofhouse"), Some(Level::ERROR), "{asked:?}");
        }
    }

    #[test]
    fn a_level_is_for_all_and_a_module_for_itself() {
        assert_eq!(says("debug", "proofhouse_harness::task"), Some(Level::DEBUG));
        let asked = "proofhouse_harness=trace,proofhouse=loud,warn";
        assert_eq!(says(asked, "proofhouse_harness::task"), Some(Level::TRACE));
        assert_eq!(says(asked, "proofhouse"), Some(Level::WARN));
        assert_eq!(says("proofhouse_harness=trace", "proofhouse"), None);
    }
}
