//! `proofhouse waf`: corpora through a firewall.

use super::{Done, interruption};
use crate::arguments::WafArguments;
use crate::failure::{Failure, Message, chain};
use crate::output;
use proofhouse_reports::ExitCode;
use proofhouse_waf::{
    Case, Corpus, Expect, Format, Journal, JournalError, Outcome, Reference, RuleLog, Rules, RunError, Score,
    Target, read,
};
use regex::bytes::Regex;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const JOURNAL: &str = "cases.ndjson";
const RESULTS: &str = "waf.json";
const WRONG: &str = "wrong.ndjson";

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(2);

/// What goes wrong first, on the terminal.
const SHOWN: usize = 10;

/// Sends the corpora, counts, writes the results, and compares them with an earlier run.
pub async fn waf(arguments: &WafArguments) -> Done {
    let baseline = arguments.baseline.as_deref().map(baseline).transpose()?;
    let rules = rules(arguments)?;
    // All that can be wrong with the input is said before anything is started.
    let given = arguments.url.as_deref().map(loopback).transpose()?;
    let host = given.as_ref().map_or_else(|| "reference.test".to_owned(), |(_, host)| host.clone());
    let Corpus { cases, inexpressible } = corpus(arguments, &host)?;
    let reference = match given {
        Some(_) => None,
        None => Some(Reference::start(&arguments.crs).await.map_err(|error| {
            Failure::input(
                chain(&error),
                "name a folder of the OWASP Core Rule Set by `--crs`, or run `make assets`",
            )
        })?),
    };
    let address = given.map(|(address, _)| address).or_else(|| reference.as_ref().map(|one| one.address));
    let address = address.unwrap_or_else(|| unreachable!("there is an URL, or else a reference"));
    let limit = Duration::from_millis(u64::from(arguments.timeout));
    let target = Target { address, host, rules, limit, jobs: usize::from(arguments.jobs) };
    let mut journal = journal(arguments, &cases)?;
    let cases = Arc::new(cases);
    let mut progress = Progress {
        total: cases.len(),
        quiet: arguments.quiet,
        started: Instant::now(),
        told: Instant::now(),
    };
    let interrupted = interruption()?;
    let sent = async {
        if let Some(path) = &arguments.log {
            let mut log = RuleLog::open(path)?;
            target.run_by_log(&cases, &mut journal, &mut log, |done, _| progress.tell(done)).await
        } else {
            target.run(&cases, &mut journal, |done, _| progress.tell(done)).await
        }
    };
    let judged = tokio::select! {
        sent = sent => sent.map_err(failed)?,
        () = interrupted => return Err(Failure::new(
            ExitCode::Interrupted,
            Message::new("interrupted").help("the same command with `--resume` goes on where it was"),
        )),
    };
    let messages = match &reference {
        Some(reference) => reference.messages().await,
        None => std::collections::HashMap::new(),
    };
    let mut score = Score::default();
    for (case, (outcome, told)) in cases.iter().zip(&judged) {
        score.add(case, *outcome, messages.get(told).unwrap_or(told));
    }
    score.inexpressible(inexpressible);
    write_results(&arguments.report, &score)?;
    report(arguments, &score)?;
    match baseline {
        Some(baseline) => gate(arguments, &score, &baseline),
        None => Ok(ExitCode::Passed),
    }
}

fn rules(arguments: &WafArguments) -> Result<Rules, Failure> {
    let text = arguments.blocked_text.as_deref().map(Regex::new).transpose();
    let text = text
        .map_err(|error| Failure::input(format!("--blocked-text: {error}"), "give a regular expression"))?;
    Ok(Rules { statuses: arguments.blocked_status.clone(), text, reset: arguments.reset_is_blocked })
}

/// Address and `Host` of an URL. Attacks go to this machine only.
fn loopback(url: &str) -> Result<(SocketAddr, String), Failure> {
    let wrong =
        |what: &str| Failure::input(format!("\"{url}\" {what}"), "give an URL such as http://127.0.0.1:8080");
    let rest = url.strip_prefix("http://").ok_or_else(|| wrong("is not http"))?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains('/') {
        return Err(wrong("has a path, and the corpus brings its own"));
    }
    let named = rest.strip_prefix("localhost").filter(|port| port.is_empty() || port.starts_with(':'));
    let numeric = named.map_or_else(|| rest.to_owned(), |port| format!("127.0.0.1{port}"));
    let address = numeric
        .parse::<SocketAddr>()
        .ok()
        .or_else(|| format!("{numeric}:80").parse().ok())
        .ok_or_else(|| wrong("names no address with a port"))?;
    if !address.ip().to_canonical().is_loopback() {
        return Err(Failure::input(
            format!("\"{url}\" is not on loopback"),
            "attacks are sent to this machine only: forward a port of it, or run this command where the firewall is",
        ));
    }
    Ok((address, rest.to_owned()))
}

fn corpus(arguments: &WafArguments, host: &str) -> Result<Corpus, Failure> {
    let list = |expect| Format::List {
        expect,
        places: arguments.places.clone(),
        keep_percent: arguments.keep_percent,
    };
    let mut all = Corpus::default();
    for (paths, format) in [
        (&arguments.attacks, list(Expect::Blocked)),
        (&arguments.benign, list(Expect::Passed)),
        (&arguments.gotestwaf, Format::Gotestwaf),
        (&arguments.ftw, Format::Ftw),
    ] {
        for path in paths {
            let read = read(path, &format, host);
            all.extend(read.map_err(|error| {
                Failure::input(error.to_string(), "name a corpus of the form that the option says")
            })?);
        }
    }
    if let Some(share) = arguments.sample {
        if !(share > 0.0 && share <= 1.0) {
            return Err(Failure::input(
                format!("--sample {share} is no part of a corpus"),
                "give a number above 0, at most 1",
            ));
        }
        all.sample(share);
    }
    if all.cases.is_empty() {
        return Err(Failure::input(
            "there is nothing to send",
            "name a corpus by `--attacks`, `--benign`, `--gotestwaf` or `--ftw`",
        ));
    }
    Ok(all)
}

/// The journal of this run, or of the one that goes on. Its settings are what makes two runs the same.
fn journal(arguments: &WafArguments, cases: &[Case]) -> Result<Journal, Failure> {
    std::fs::create_dir_all(&arguments.report).map_err(|error| unwritable(&arguments.report, &error))?;
    let path = arguments.report.join(JOURNAL);
    let firewall =
        arguments.url.clone().unwrap_or_else(|| format!("the reference with {}", arguments.crs.display()));
    let settings = format!(
        "{firewall}, refusals {:?} {:?} {}, log {}",
        arguments.blocked_status,
        arguments.blocked_text,
        arguments.reset_is_blocked,
        arguments.log.is_some()
    );
    let made =
        if arguments.resume { Journal::resume(&path, &settings) } else { Journal::create(&path, &settings) };
    let journal = made.map_err(|error| match &error {
        JournalError::File { .. } => {
            Failure::input(error.to_string(), "name the folder of the run by `--report`")
        }
        JournalError::Other { .. } => Failure::input(
            error.to_string(),
            "give the same firewall and refusals as then, or leave out `--resume`",
        ),
    })?;
    if arguments.resume && !arguments.quiet {
        let known = cases.iter().filter(|case| journal.known(&case.key()).is_some()).count();
        eprintln!("{known} of {} cases were sent already", cases.len());
    }
    Ok(journal)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        ExitCode::Environment,
        Message::new(format!("could not write {}: {error}", path.display()))
            .help("name a folder that can be written by `--report`"),
    )
}

fn failed(error: RunError) -> Failure {
    let help = match &error {
        RunError::Honest { .. } => {
            "the firewall must answer an honest request: is it up, or has it banned this client?"
        }
        RunError::Attack { .. } => {
            "nothing is counted before a plain attack is refused: is the firewall on, and does a refusal look as `--blocked-status` and `--blocked-text` say?"
        }
        RunError::Journal(_) => "free some space, then go on with `--resume`",
        RunError::Log(_) => "name the log in which the firewall tells of each request's headers and rules",
    };
    Failure::new(ExitCode::Inconclusive, Message::new(error.to_string()).help(help))
}

fn baseline(path: &Path) -> Result<Score, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::input(format!("{}: {error}", path.display()), "name the `waf.json` of an earlier run")
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::input(format!("{}: {error}", path.display()), "name the `waf.json` of an earlier run")
    })
}

fn write_results(folder: &Path, score: &Score) -> Result<(), Failure> {
    let put = |name: &str, text: String| {
        let path: PathBuf = folder.join(name);
        std::fs::write(&path, text).map_err(|error| unwritable(&path, &error))
    };
    put(RESULTS, serde_json::to_string_pretty(score).unwrap_or_default() + "\n")?;
    put(
        WRONG,
        score.wrong.iter().map(|wrong| serde_json::to_string(wrong).unwrap_or_default() + "\n").collect(),
    )
}

fn report(arguments: &WafArguments, score: &Score) -> Result<(), Failure> {
    if arguments.json {
        return output::json(score).map(|_| ());
    }
    output::line(&score.table());
    for wrong in score.wrong.iter().take(SHOWN) {
        let what = match (wrong.expect, wrong.outcome) {
            (Expect::Blocked, Outcome::Passed) => "missed",
            (Expect::Passed, Outcome::Blocked) => "blocked",
            _ => "unresolved",
        };
        let payload: String = wrong.payload.chars().take(80).collect();
        output::line(&format!("  {what}: {}: {payload:?} {}", wrong.id, wrong.matched));
    }
    let file = arguments.report.join(WRONG);
    output::line(&format!("{} went wrong: {}", score.wrong.len(), file.display()));
    output::line(&format!("results: {}", arguments.report.join(RESULTS).display()));
    Ok(())
}

fn gate(arguments: &WafArguments, score: &Score, baseline: &Score) -> Done {
    let worse = score.worse_than(baseline, arguments.tolerance);
    for one in &worse {
        let now = one.now.map_or_else(|| "nothing was sent".to_owned(), |now| format!("{now:.2} %"));
        eprintln!("worse: {}: {} {:.2} % before, now {now}", one.class, one.what, one.before);
    }
    Ok(if worse.is_empty() { ExitCode::Passed } else { ExitCode::Failed })
}

/// How far it is.
struct Progress {
    total: usize,
    quiet: bool,
    started: Instant,
    told: Instant,
}

impl Progress {
    fn tell(&mut self, before: usize) {
        let done = before + 1;
        if self.quiet || (self.told.elapsed() < PROGRESS && done < self.total) {
            return;
        }
        self.told = Instant::now();
        eprintln!("{done}/{} cases, {:.0} s", self.total, self.started.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attacks_go_to_loopback_only() {
        let address = |url: &str| loopback(url).map(|(address, _)| address.to_string()).ok();
        assert_eq!(address("http://127.0.0.1:8080").as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(address("http://localhost:81/").as_deref(), Some("127.0.0.1:81"));
        assert_eq!(address("http://[::1]:81").as_deref(), Some("[::1]:81"));
        assert_eq!(address("http://127.0.0.1").as_deref(), Some("127.0.0.1:80"));
        for url in [
            "https://127.0.0.1:1",
            "http://192.0.2.1:80",
            "http://localhost.example:80",
            "http://127.0.0.1:1/a",
            "http://x",
        ] {
            assert_eq!(address(url), None, "{url}");
        }
    }
}
