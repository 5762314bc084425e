//! What exploration found, as a feature like one that a person writes.

use super::renew::rename;
use super::shrink::Shrunk;
use super::task::{definition, images};
use super::visit_feature::{self, Requests, visit_of};
use proofhouse_generators::{ADDRESSES, Batch, Link, Lookup, Made, Program, Resolver, Trial, What, needed};
use proofhouse_model::{CLAUSES, Container, Decision, Deed, Ending, Links, Outcome, decide};
use proofhouse_protocol::actor::{QuerySocket, Spawn};
use proofhouse_protocol::runtime_policy::ProcessSection;
use proofhouse_protocol::{Collection, RuleEffect, RuntimePolicy, RuntimeRule, Semantics};
use proofhouse_reports::checks::FindingKind;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What stands in the place of a token: what a program writes, a label of a name.
const WORD: &str = "shop";

/// Where something was found.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Seed.
    pub seed: u64,
    /// What was tried, with commas between.
    pub areas: &'a str,
    /// Round.
    pub round: u32,
    /// Number among what was found.
    pub number: usize,
}

/// The feature of a finding, and the id of its scenario.
#[must_use]
pub fn written(shrunk: &Shrunk, origin: Origin<'_>, semantics: &Semantics) -> (String, String) {
    let id = format!("explored-{:03}", origin.number);
    let words = Words { semantics };
    (words.feature(shrunk, origin, &id), id)
}

struct Words<'a> {
    semantics: &'a Semantics,
}

impl Words<'_> {
    fn feature(&self, shrunk: &Shrunk, origin: Origin<'_>, id: &str) -> String {
        let trials = || shrunk.batches.iter().flat_map(|batch| &batch.trials);
        let names = trials().any(|trial| matches!(trial.what, What::Lookup(_)));
        let programs = trials().any(|trial| matches!(trial.what, What::Program(_)));
        let requests = trials().any(|trial| visit_of(trial).is_some());
        let needs = [("processes", programs), ("dns", names), ("waas", requests)];
        let needs: Vec<_> =
            needs.iter().filter(|(_, is)| *is).map(|(word, _)| format!("@needs:{word}")).collect();
        let (rule, requirements) = self.rule(shrunk);
        let tags: Vec<_> = requirements.iter().map(|id| format!("@{id}")).collect();
        let last = shrunk.batches.iter().rfind(|batch| !batch.trials.is_empty());
        let title =
            last.and_then(|batch| Some(title(batch.trials.last()?, &words_of(batch)))).unwrap_or_default();
        let mut text = format!(
            "# Found by `proofhouse explore --area {} --seed {} --profile {}` in round {}, and reduced in {} attempts.\n\
             @explored {}\n\
             Feature: What exploration found with seed {}\n\n  \
             Rule: {rule}\n\n    \
             @{id} {} @extended\n    \
             Scenario: {title}\n",
            origin.areas,
            origin.seed,
            self.semantics.profile,
            origin.round,
            shrunk.attempts,
            needs.join(" "),
            origin.seed,
            tags.join(" "),
        );
        for step in self.steps(shrunk) {
            for line in step.lines() {
                let _ = writeln!(text, "      {line}");
            }
        }
        text
    }

    /// The clauses by which the last trial was decided, in words, and their requirements.
    fn rule(&self, shrunk: &Shrunk) -> (String, Vec<&'static str>) {
        let last = shrunk
            .batches
            .iter()
            .flat_map(|batch| batch.trials.iter().map(move |trial| (batch, trial)))
            .last();
        let Some((batch, trial)) = last else { return (String::new(), Vec::new()) };
        let deeds = trial.deeds();
        let decisions = self.decisions(&batch.policy, trial, &deeds);
        let mut ids: Vec<&str> = Vec::new();
        let requests = Requests::of(batch, &shrunk.finding.kind).zip(visit_of(trial));
        let of_requests = requests.map(|(requests, visit)| requests.clauses(visit)).unwrap_or_default();
        let of_deeds = decisions.iter().flat_map(|one| one.verdict.trail.ids());
        for id in of_deeds.chain(&of_requests) {
            if !ids.contains(id) {
                ids.push(id);
            }
        }
        let clause = |id: &str| CLAUSES.iter().find(|(own, ..)| *own == id);
        let about = ids.iter().rev().find(|id| !id.starts_with("scope.") && !id.starts_with("effect."));
        let words = about
            .and_then(|id| clause(id))
            .map_or("what is tried comes to what the policy says", |one| one.2);
        let requirements: BTreeSet<_> =
            about.and_then(|id| clause(id)).map_or(&[][..], |one| one.1).iter().copied().collect();
        let mut letters = words.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        (format!("{first}{}", letters.as_str()), requirements.into_iter().collect())
    }

    fn decisions<'a>(&self, policy: &RuntimePolicy, trial: &Trial, deeds: &'a [Deed]) -> Vec<Decision<'a>> {
        let images = images();
        let image = images.get(trial.container).map_or("", String::as_str);
        let container = Container { name: trial.container, image, app_id: "explored:0" };
        let links: Vec<_> = proofhouse_generators::links().collect();
        decide(policy, &container, deeds, &Links(&links), self.semantics)
    }

    fn steps(&self, shrunk: &Shrunk) -> Vec<String> {
        let mut steps = vec![format!("Given the task definition:\n{}", quoted(&least_definition(shrunk)))];
        for trial in shrunk.batches.iter().flat_map(|batch| &batch.trials) {
            if let What::Lookup(lookup) = &trial.what {
                for address in ADDRESSES {
                    let name = lookup.name.replace("TOKEN", WORD);
                    steps.push(format!("And the name \"{name}\" resolves to \"{address}\""));
                }
            }
        }
        let files: BTreeSet<_> = shrunk
            .batches
            .iter()
            .flat_map(|batch| &batch.trials)
            .flat_map(|trial| files(trial).into_iter().map(|(path, made)| (trial.container, path, made)))
            .collect();
        let kind = &shrunk.finding.kind;
        let mut batches = shrunk.batches.iter();
        let first = batches.clone().next();
        let firewall = first.and_then(|batch| Requests::of(batch, kind));
        let mut behind = Vec::new();
        // Files are made before a policy could be against it.
        let runtime = first.filter(|_| files.is_empty()).and_then(|first| tables(&words_of(first)));
        let is_given = firewall.as_ref().is_none_or(|requests| {
            let (given, is_given) = requests.given();
            behind = given;
            is_given
        });
        let of_batches = shrunk.batches.iter().filter_map(|batch| Requests::of(batch, kind));
        let customs: BTreeSet<_> = of_batches.flat_map(|one| one.customs()).collect();
        steps.extend(customs.into_iter().map(|step| format!("And {step}")));
        steps.extend(behind.into_iter().map(|step| format!("And {step}")));
        match runtime.filter(|_| is_given) {
            Some(tables) => {
                steps.extend(tables.into_iter().map(|table| format!("And {table}")));
                steps.push("And the protected task is running".to_owned());
                if let Some(first) = batches.next() {
                    self.prepare(first, kind, &mut steps);
                    self.try_all(first, kind, &mut steps);
                }
            }
            None => {
                steps.push("And the protected task is running".to_owned());
                steps.push("When the runtime policy is cleared".to_owned());
            }
        }
        for (container, path, made) in files {
            steps.push(match made {
                Made::Script(text) => {
                    format!("Given container \"{container}\" has the program \"{path}\":\n{}", quoted(text))
                }
                made => format!(
                    "Given container \"{container}\" has run \"{}\"",
                    made.command(path).unwrap_or_default()
                ),
            });
        }
        for batch in batches {
            if visit_free(batch) || !batch.policy.rules.is_empty() {
                let policy = pretty(&json!(words_of(batch)));
                steps.push(format!("When the runtime policy becomes:\n{}", quoted(&policy)));
            }
            if let Some(requests) = Requests::of(batch, kind) {
                steps.push(format!("When {}", requests.becomes()));
            }
            self.prepare(batch, kind, &mut steps);
            self.try_all(batch, kind, &mut steps);
        }
        steps
    }

    fn prepare(&self, batch: &Batch, kind: &FindingKind, steps: &mut Vec<String>) {
        let requests = Requests::of(batch, kind);
        let prepared = requests.map(|requests| requests.prepared(batch)).unwrap_or_default();
        steps.extend(prepared.into_iter().map(|step| format!("When {step}")));
    }

    fn try_all(&self, batch: &Batch, kind: &FindingKind, steps: &mut Vec<String>) {
        let (before, behind) = disturbed(batch.link);
        for trial in &batch.trials {
            steps.extend(before.iter().map(|step| format!("When {step}")));
            if let Some((requests, visit)) = Requests::of(batch, kind).zip(visit_of(trial)) {
                requests.tried(visit, &behind, steps);
                continue;
            }
            let deeds = trial.deeds();
            let decisions = self.decisions(&batch.policy, trial, &deeds);
            steps.push(format!("When {}", stimulus(trial)));
            steps.extend(behind.iter().map(|step| format!("When {step}")));
            let (first, rest) = expectations(trial, &decisions);
            steps.push(format!("Then {first}"));
            steps.extend(rest.into_iter().map(|one| format!("And {one}")));
        }
    }
}

/// What is done to the link before and behind a trial.
fn disturbed(link: Link) -> (Vec<&'static str>, Vec<&'static str>) {
    let back = "the Defender has connected again";
    match link {
        Link::Steady => (Vec::new(), Vec::new()),
        Link::Away => {
            (vec!["the Console cannot be reached any more"], vec!["the Console can be reached again"])
        }
        Link::Closes => (Vec::new(), vec!["the Console closes its links", back]),
        Link::LosesAcks => (
            vec!["the Console has the fault \"link-lose-acks\""],
            vec![
                "the Console no longer has the fault \"link-lose-acks\"",
                "the Console closes its links",
                back,
            ],
        ),
    }
}

/// Whether nothing but the runtime policy decides on what is tried.
fn visit_free(batch: &Batch) -> bool {
    batch.firewall.is_none()
}

/// The policy with words in the place of tokens.
fn words_of(batch: &Batch) -> RuntimePolicy {
    let mut policy = batch.policy.clone();
    for trial in &batch.trials {
        rename(&mut policy, &trial.token, WORD);
    }
    for (at, rule) in policy.rules.iter_mut().enumerate() {
        for (place, collection) in rule.collections.iter_mut().enumerate() {
            if collection.name != "All" {
                collection.name = format!("scope-{}-{}", at + 1, place + 1);
            }
        }
    }
    policy
}

/// The definition with the containers that something is tried in.
fn least_definition(shrunk: &Shrunk) -> String {
    let tried: BTreeSet<_> =
        shrunk.batches.iter().flat_map(|batch| &batch.trials).map(|trial| trial.container).collect();
    let mut definition = definition();
    if let Some(containers) = definition["containerDefinitions"].as_array_mut() {
        containers.retain(|one| one["name"].as_str().is_some_and(|name| tried.contains(name)));
    }
    pretty(&definition)
}

/// JSON on one line, with a blank behind commas and colons that are no part of a text.
fn spaced(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let each = members.iter().map(|(key, value)| format!("{}: {}", json!(key), spaced(value)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// JSON with a line for each member, but for what has no objects in it and is short.
pub(super) fn pretty(value: &Value) -> String {
    fn inner(value: &Value, indent: usize) -> String {
        let short = spaced(value);
        let pad = " ".repeat(indent + 2);
        let close = format!("\n{}", " ".repeat(indent));
        match value {
            _ if short.len() + indent <= 100 && indent > 0 => short,
            Value::Object(members) => {
                let lines =
                    members.iter().map(|(key, value)| format!("{pad}{key:?}: {}", inner(value, indent + 2)));
                format!("{{\n{}{close}}}", lines.collect::<Vec<_>>().join(",\n"))
            }
            Value::Array(items) => {
                let lines = items.iter().map(|item| format!("{pad}{}", inner(item, indent + 2)));
                format!("[\n{}{close}]", lines.collect::<Vec<_>>().join(",\n"))
            }
            other => other.to_string(),
        }
    }
    inner(value, 0)
}

pub(super) fn quoted(text: &str) -> String {
    format!(
        "  \"\"\"\n{}\n  \"\"\"",
        text.trim_end().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    )
}

/// What has to be made in the container of a trial.
fn files(trial: &Trial) -> Vec<(&'static str, Made)> {
    let What::Program(program) = &trial.what else { return Vec::new() };
    let text = program.spelling.text;
    let path =
        if text.starts_with('/') { text.to_owned() } else { format!("{}/{text}", program.spelling.cwd) };
    needed(&path)
}

/// The rules as tables, where tables can say them.
fn tables(policy: &RuntimePolicy) -> Option<Vec<String>> {
    policy.rules.iter().map(table).collect()
}

fn table(rule: &RuntimeRule) -> Option<String> {
    let scope = scope(&rule.collections)?;
    let processes = rule.processes.as_ref()?;
    let dns = rule.dns.as_ref()?;
    let mut rows = vec![["section", "effect", "allowed", "denied", "option"].map(str::to_owned)];
    if *processes != silent(processes) {
        let options = [
            ("blockAllBinaries", processes.block_all_binaries),
            ("checkCryptoMiners", processes.check_crypto_miners),
            ("checkNewBinaries", processes.check_new_binaries),
        ];
        let options: Vec<_> = options.iter().filter(|(_, on)| *on).map(|(word, _)| *word).collect();
        rows.push([
            "processes".to_owned(),
            effect(processes.effect).to_owned(),
            list(&processes.whitelist)?,
            list(&processes.blacklist)?,
            options.join(", "),
        ]);
    }
    if dns.effect != RuleEffect::Disable {
        rows.push([
            "dns".to_owned(),
            effect(dns.effect).to_owned(),
            list(&dns.whitelist)?,
            list(&dns.blacklist)?,
            String::new(),
        ]);
    }
    let disabled = if rule.disabled { "disabled " } else { "" };
    Some(format!("the {disabled}runtime rule \"{}\" for {scope}:\n{}", rule.name, aligned(&rows)))
}

/// The section, such that it says nothing.
pub(super) fn silent(section: &ProcessSection) -> ProcessSection {
    ProcessSection {
        effect: RuleEffect::Disable,
        whitelist: Vec::new(),
        blacklist: Vec::new(),
        block_all_binaries: false,
        check_crypto_miners: false,
        check_new_binaries: false,
        extra: section.extra.clone(),
    }
}

fn effect(effect: RuleEffect) -> &'static str {
    match effect {
        RuleEffect::Prevent => "prevent",
        RuleEffect::Alert => "alert",
        RuleEffect::Disable => "disable",
        RuleEffect::Block => "block",
    }
}

fn list(entries: &[String]) -> Option<String> {
    let plain = |entry: &String| !entry.contains([',', '|', '\\', '\n']) && entry.trim() == entry;
    entries.iter().all(plain).then(|| entries.join(", "))
}

pub(super) fn scope(collections: &[Collection]) -> Option<String> {
    let [one] = collections else { return None };
    let narrow = |values: &[String]| values != ["*"];
    let word = |what: &str, values: &[String]| {
        let plain = values.iter().all(|value| !value.contains(['"', ',']));
        plain.then(|| format!("{what} \"{}\"", values.join(", ")))
    };
    match (narrow(&one.containers), narrow(&one.images), narrow(&one.app_ids)) {
        (false, false, false) => Some("every container".to_owned()),
        (true, false, false) => word("container", &one.containers),
        (false, true, false) => word("image", &one.images),
        (false, false, true) => word("app", &one.app_ids),
        _ => None,
    }
}

/// The rows as a table, without columns that are empty but for their head.
fn aligned(rows: &[[String; 5]]) -> String {
    let used: Vec<usize> =
        (0..5).filter(|at| *at < 2 || rows[1..].iter().any(|row| !row[*at].is_empty())).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let line = |row: &[String; 5]| {
        let cells: Vec<_> = used.iter().map(|at| format!("{:<1$}", row[*at], width(*at))).collect();
        format!("  | {} |", cells.join(" | "))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Rows of two cells as a table.
pub(super) fn aligned_pairs(rows: &[(&str, String)]) -> String {
    let wide = |of: fn(&(&str, String)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (left, right) = (wide(|row| row.0.chars().count()), wide(|row| row.1.chars().count()));
    let rows = rows.iter().map(|(name, value)| format!("  | {name:<left$} | {value:<right$} |"));
    rows.collect::<Vec<_>>().join("\n")
}

/// What is tried, and the first entry of the lists that may be about it.
fn title(trial: &Trial, policy: &RuntimePolicy) -> String {
    let (what, lists) = match &trial.what {
        What::Program(program) => {
            let what = match program.launchers.first() {
                None => format!("{}, asked for as {}", program.tool.name, program.spelling.text),
                Some(launcher) => format!("{}, started by {}", program.tool.name, launcher.name),
            };
            let sections = policy.rules.iter().filter_map(|rule| rule.processes.as_ref());
            (what, sections.map(|one| (&one.whitelist, &one.blacklist)).collect::<Vec<_>>())
        }
        What::Lookup(lookup) => {
            let sections = policy.rules.iter().filter_map(|rule| rule.dns.as_ref());
            let what = format!("{} is looked up", lookup.written(WORD));
            (what, sections.map(|one| (&one.whitelist, &one.blacklist)).collect())
        }
        What::Visit(visit) => (visit_feature::title(visit), Vec::new()),
    };
    let denied =
        lists.iter().find_map(|(_, denied)| denied.first()).map(|entry| format!(", where {entry} is denied"));
    let allowed = lists
        .iter()
        .find_map(|(allowed, _)| allowed.first())
        .map(|entry| format!(", where {entry} is allowed"));
    format!("{what}{}", denied.or(allowed).unwrap_or_default())
}

fn stimulus(trial: &Trial) -> String {
    let plain = Trial { token: WORD.to_owned(), ..trial.clone() };
    let container = trial.container;
    match &trial.what {
        What::Program(program) => {
            let way = way(program).map_or_else(String::new, |way| format!(" by {way}"));
            format!("container \"{container}\" runs \"{}\"{way}", escaped(&command(program)))
        }
        What::Lookup(lookup) => match resolver(lookup) {
            None => format!("container \"{container}\" runs \"{}\"", escaped(&plain.shown())),
            Some(_) if lookup.six && lookup.server.is_none() => {
                format!("container \"{container}\" asks for the AAAA record of \"{}\"", lookup.written(WORD))
            }
            Some(resolver) => match lookup.server {
                Some(server) => format!(
                    "container \"{container}\" asks the server \"{server}\" for \"{}\" with {resolver}",
                    lookup.written(WORD)
                ),
                None => {
                    format!("container \"{container}\" looks up \"{}\" with {resolver}", lookup.written(WORD))
                }
            },
        },
        What::Visit(_) => trial.shown(),
    }
}

/// The command line, as a shell would split it; `env` changes the folder where the actor would.
fn command(program: &Program) -> String {
    let argv = program.argv(WORD);
    let line = shell_words::join(&argv);
    if program.spelling.cwd == "/" { line } else { format!("env -C {} {line}", program.spelling.cwd) }
}

fn escaped(text: &str) -> String {
    text.replace('"', "\\\"")
}

fn way(program: &Program) -> Option<&'static str> {
    match program.spawn {
        Spawn::Vfork => Some("vfork"),
        Spawn::PosixSpawn => Some("posix_spawn"),
        Spawn::ExecveAt => Some("execveat"),
        Spawn::Thread => Some("thread"),
        _ => None,
    }
}

fn resolver(lookup: &Lookup) -> Option<&'static str> {
    Some(match lookup.resolver {
        Resolver::Raw(QuerySocket::SendTo) => "raw sendto",
        Resolver::Raw(QuerySocket::SendMsg) => "raw sendmsg",
        Resolver::Raw(QuerySocket::SendMmsg) => "raw sendmmsg",
        Resolver::Raw(QuerySocket::Tcp) => "raw TCP",
        Resolver::Raw(_) => "raw UDP",
        Resolver::Musl => "musl",
        Resolver::Getent => return None,
    })
}

/// What must come of a trial: the first expectation, and the others.
fn expectations(trial: &Trial, decisions: &[Decision<'_>]) -> (String, Vec<String>) {
    let happens = decisions.iter().all(|one| one.verdict.happens);
    let mut all = Vec::new();
    match (&trial.what, trial.outcome()) {
        (What::Lookup(lookup), _) if lookup.resolver != Resolver::Getent => {
            let name = lookup.written(WORD);
            if happens {
                let address = ADDRESSES[usize::from(lookup.six)];
                all.push(format!("the name resolves to \"{address}\""));
            } else {
                all.push("the lookup fails within 1000 milliseconds".to_owned());
                all.push(format!("the resolver was never asked for \"{name}\""));
            }
        }
        (_, Some(Outcome::Prints { ending, .. })) if happens => {
            all.push(match ending {
                Ending::Exited(code) => format!("the program ran and exited with {code}"),
                Ending::Signalled(_) => "the program did not succeed".to_owned(),
            });
            if matches!(trial.what, What::Program(_)) {
                all.push(format!("its output is \"{WORD}\""));
            }
        }
        _ if decisions.len() == 1 => all.push("the program never ran".to_owned()),
        _ => all.push("its output is \"\"".to_owned()),
    }
    let owed: Vec<_> =
        decisions.iter().filter_map(|one| Some((one.deed, one.verdict.audit.as_ref()?))).collect();
    match owed.as_slice() {
        [] => all.push("no audit tells of it".to_owned()),
        [(deed, audit)] => {
            let about = match deed {
                Deed::Start(launched) => ("processPath", launched.executable.clone()),
                Deed::Question(_) => ("containerName", trial.container.to_owned()),
            };
            let rows = [
                ("attackType", audit.attack_type.to_owned()),
                ("effect", effect(audit.effect).to_owned()),
                ("ruleName", audit.rule.clone()),
                about,
            ];
            all.push(format!("exactly one audit tells of it:\n{}", aligned_pairs(&rows)));
        }
        several => all.push(format!("{} audits tell of it", several.len())),
    }
    (all.remove(0), all)
}
