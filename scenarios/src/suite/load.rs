//! Reading feature files, expanding outlines, and naming every scenario.

use super::case::{Case, is_id};
use super::{Complaint, Selection, SuiteError};
use cucumber::feature::Ext as _;
use gherkin::{Feature, GherkinEnv, Scenario};
use proofhouse_harness::fidelity::relied_on;
use proofhouse_reports::{Catalogue, Level, ScenarioMeta};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Features with their outlines expanded, and a [`Case`] for each scenario.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    features: Vec<Feature>,
    cases: BTreeMap<(PathBuf, usize), Case>,
}

impl Suite {
    /// Reads every `*.feature` below a folder, or the one file that is named.
    ///
    /// # Errors
    /// When nothing can be read, a file is not Gherkin, or a scenario lacks its id, level, requirement or rule.
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        if files.is_empty() {
            return Err(SuiteError::Empty(path.to_owned()));
        }
        files.sort();
        let mut complaints = Vec::new();
        let mut suite = Self::default();
        let mut seen = BTreeMap::new();
        for file in files {
            let text = std::fs::read_to_string(&file)
                .map_err(|source| SuiteError::Unreadable { path: file.clone(), source })?;
            complaints.extend(tables_of_one_width(&file, &text));
            match parse(&file, &text) {
                Ok(feature) => suite.adopt(feature, &file, &mut seen, &mut complaints),
                Err(complaint) => complaints.push(complaint),
            }
        }
        if complaints.is_empty() { Ok(suite) } else { Err(SuiteError::Complaints(complaints)) }
    }

    /// The scenarios, in the order of files and lines.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// How many scenarios there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there is no scenario.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// The features, outlines expanded.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The case of a scenario that the runner is at.
    #[must_use]
    pub fn case(&self, feature: &Feature, scenario: &Scenario) -> Option<&Case> {
        self.cases.get(&(feature.path.clone()?, scenario.position.line))
    }

    /// Only the scenarios that are selected; features and rules that become empty are dropped.
    #[must_use]
    pub fn select(self, selection: &Selection) -> Self {
        let mut place = 0;
        self.keep(|case| {
            let selected = selection.takes(case);
            let here = selected && selection.shard.is_none_or(|shard| shard.takes(place));
            place += usize::from(selected);
            here
        })
    }

    fn keep(mut self, mut wanted: impl FnMut(&Case) -> bool) -> Self {
        let keep: BTreeSet<_> =
            self.cases.iter().filter(|(_, case)| wanted(case)).map(|(key, _)| key.clone()).collect();
        self.cases.retain(|key, _| keep.contains(key));
        for feature in &mut self.features {
            let path = feature.path.clone().unwrap_or_default();
            let kept = |scenario: &Scenario| keep.contains(&(path.clone(), scenario.position.line));
            feature.scenarios.retain(kept);
            for rule in &mut feature.rules {
                rule.scenarios.retain(kept);
            }
            feature.rules.retain(|rule| !rule.scenarios.is_empty());
        }
        self.features.retain(|feature| feature.count_scenarios() > 0);
        self
    }

    /// The scenarios for which there is no reason, and the others with theirs.
    #[must_use]
    pub fn split(self, reason: impl Fn(&Case) -> Option<String>) -> (Self, Vec<(Case, String)>) {
        let others: Vec<(Case, String)> =
            self.cases().filter_map(|case| reason(case).map(|reason| (case.clone(), reason))).collect();
        let stays = |case: &Case| !others.iter().any(|(other, _)| other.meta.id == case.meta.id);
        (self.clone().keep(stays), others)
    }

    fn adopt(
        &mut self,
        feature: Feature,
        file: &Path,
        seen: &mut BTreeMap<String, (PathBuf, usize)>,
        complaints: &mut Vec<Complaint>,
    ) {
        for scenario in &feature.scenarios {
            complaints.push(complain(
                file,
                scenario,
                "the scenario stands outside of a rule",
                "put it under a `Rule:` that states the requirement in words",
            ));
        }
        for rule in &feature.rules {
            let mut rows: BTreeMap<String, usize> = BTreeMap::new();
            for scenario in &rule.scenarios {
                match name(file, &feature, rule, scenario, &mut rows) {
                    Ok(case) => {
                        let base = case.base_id().to_owned();
                        let home =
                            seen.entry(base.clone()).or_insert((file.to_owned(), first_step(scenario)));
                        if *home != (file.to_owned(), first_step(scenario)) {
                            complaints.push(complain(
                                file,
                                scenario,
                                &format!("the id \"@{base}\" is taken by another scenario"),
                                "ids are never shared; take the next free number of the area",
                            ));
                        }
                        self.cases.insert((file.to_owned(), scenario.position.line), case);
                    }
                    Err(complaint) => complaints.push(complaint),
                }
            }
        }
        self.features.push(feature);
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), SuiteError> {
    let unreadable = |source| SuiteError::Unreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        if entry.is_dir() {
            collect(&entry, files)?;
        } else if entry.extension().is_some_and(|extension| extension == "feature") {
            files.push(entry);
        }
    }
    Ok(())
}

fn parse(file: &Path, text: &str) -> Result<Feature, Complaint> {
    let complaint = |line, column, what: String, help: &str| Complaint {
        file: file.to_owned(),
        line,
        column,
        what,
        help: help.to_owned(),
    };
    let mut feature = Feature::parse(text, GherkinEnv::default()).map_err(|error| {
        let (line, column, expected) = place(&error.to_string());
        complaint(line, column, format!("this is not Gherkin here: {expected}"), "compare with a file beside it; a line of a description must not begin with a keyword such as `Rule`")
    })?;
    feature.path = Some(file.to_owned());
    feature.expand_examples().map_err(|error| {
        complaint(
            error.pos.line,
            error.pos.col,
            format!("the examples have no column \"{}\"", error.name),
            "add the column, or mend the placeholder",
        )
    })
}

/// The parser keeps its position private; its text is `Error at <line>:<column>: {<expected>}`.
fn place(text: &str) -> (usize, usize, String) {
    let rest = text.strip_prefix("Error at ").unwrap_or(text);
    let mut parts = rest.splitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.trim().parse().ok()).unwrap_or(1);
    let (line, column) = (number(), number());
    let mut expected: Vec<_> = parts
        .next()
        .unwrap_or("")
        .trim()
        .trim_matches(['{', '}'])
        .split(',')
        .map(|word| word.trim().trim_matches('"').to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    expected.sort();
    (line, column, format!("expected {}", expected.join(" or ")))
}

/// cucumber cuts cells that the first row has no column for, silently; a table must be as wide as its first row.
fn tables_of_one_width(file: &Path, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut width = None;
    let mut in_text = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("\"\"\"") || line.starts_with("```") {
            if !in_text && line.len() > 3 {
                complaints.push(Complaint {
                    file: file.to_owned(),
                    line: number + 1,
                    column: 1,
                    what: "a doc string has a media type".to_owned(),
                    help: "write the quotes alone on their line: the type would become part of the text"
                        .to_owned(),
                });
            }
            in_text = !in_text;
        }
        if in_text || !line.starts_with('|') {
            width = None;
            continue;
        }
        let cells = line.replace("\\|", "").matches('|').count() - 1;
        if *width.get_or_insert(cells) != cells {
            complaints.push(Complaint {
                file: file.to_owned(),
                line: number + 1,
                column: 1,
                what: format!("the row has {cells} cells, the first row of its table another number"),
                help: "give each row as many cells as the first".to_owned(),
            });
        }
    }
    complaints
}

fn complain(file: &Path, scenario: &Scenario, what: &str, help: &str) -> Complaint {
    Complaint {
        file: file.to_owned(),
        line: scenario.position.line,
        column: scenario.position.col,
        what: format!("\"{}\": {what}", scenario.name),
        help: help.to_owned(),
    }
}

fn name(
    file: &Path,
    feature: &Feature,
    rule: &gherkin::Rule,
    scenario: &Scenario,
    rows: &mut BTreeMap<String, usize>,
) -> Result<Case, Complaint> {
    let tags: Vec<String> =
        feature.tags.iter().chain(&rule.tags).chain(&scenario.tags).cloned().collect::<Vec<_>>();
    let one = |found: Vec<&String>, what: &str, help: &str| match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(complain(file, scenario, &format!("no {what} tag"), help)),
        _ => Err(complain(file, scenario, &format!("more than one {what} tag"), help)),
    };
    let id =
        one(tags.iter().filter(|tag| is_id(tag)).collect(), "id", "give it one, such as `@process-017`")?;
    let level = one(
        tags.iter().filter(|tag| tag.parse::<Level>().is_ok()).collect(),
        "level",
        "give it `@core`, `@extended` or `@provisional`",
    )?;
    let mut requirements: Vec<String> = tags.iter().filter(|tag| Catalogue::is_id(tag)).cloned().collect();
    requirements.dedup();
    if requirements.is_empty() {
        return Err(complain(
            file,
            scenario,
            "no requirement tag",
            "name what it proves, such as `@P7`; `proofhouse list --requirements` shows the ids",
        ));
    }
    let relies_on = crate::rig::fidelity::table(&relied_on(&requirements));
    let row = rows.entry(id.clone()).or_insert(0);
    *row += 1;
    let id = if scenario.examples.is_empty() { id } else { format!("{id}/{row}") };
    Ok(Case {
        meta: ScenarioMeta {
            id,
            title: scenario.name.clone(),
            feature: feature.name.clone(),
            rule: Some(rule.name.clone()),
            requirements,
            level: level.parse().expect("the tag was found by being a level"),
            tags,
            file: file.display().to_string(),
            line: u32::try_from(scenario.position.line).unwrap_or(u32::MAX),
            not_applicable: None,
            relies_on,
        },
        path: file.to_owned(),
        body: body(scenario),
    })
}

/// The rows of one outline share their steps, two scenarios do not.
fn first_step(scenario: &Scenario) -> usize {
    scenario.steps.first().map_or(scenario.position.line, |step| step.position.line)
}

/// The header of an expanded outline is not kept, so it is taken to stand right above the first step.
fn body(scenario: &Scenario) -> std::ops::RangeInclusive<usize> {
    let lines = scenario.steps.iter().map(|step| step.position.line);
    let first = lines.clone().min().map_or(scenario.position.line, |line| line.saturating_sub(2));
    first..=lines.max().unwrap_or(scenario.position.line)
}
