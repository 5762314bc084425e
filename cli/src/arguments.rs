//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Simulation and conformance harness for App-Embedded Defenders on AWS Fargate.
#[derive(Debug, Parser)]
#[command(name = "proofhouse", version, propagate_version = true, max_term_width = 110)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios against a Defender and write the reports.
    Run(Box<RunArguments>),
    /// Send saboteurs around the Defender, and say which of them the scenarios notice.
    Bite(Box<BiteArguments>),
    /// Judge a recording again, without containers: the same verdicts, causes and reports.
    Judge(JudgeArguments),
    /// List scenarios, or the requirements and what covers them.
    List(ListArguments),
    /// Embed a task definition the way the Console does, and print the result.
    Embed(EmbedArguments),
    /// Say what Fargate would reject in task definitions.
    Validate(ValidateArguments),
    /// Print what running a task definition would create, in which order, and why.
    Plan(PlanArguments),
    /// Start a protected task and a Console, keep them, and follow the audits until Ctrl-C.
    Up(Box<UpArguments>),
    /// Serve the ECS API on loopback for `aws ecs` and the SDKs until Ctrl-C.
    Fargate(FargateArguments),
    /// Serve a Console on loopback until Ctrl-C.
    Console(ConsoleArguments),
    /// Remove what earlier runs left behind.
    Clean(CleanArguments),
    /// Check that this machine can run the scenarios, and say what to do where it cannot.
    Doctor(DoctorArguments),
    /// List every step that a scenario may use, with its documentation.
    Steps(StepsArguments),
    /// Say how true each simulated property of Fargate is.
    Fidelity(FidelityArguments),
    /// Send attacks and honest requests through a firewall, and count what it makes of them.
    Waf(Box<WafArguments>),
    /// Try what a seed makes up, and judge all of it by the model of the policy.
    Explore(Box<ExploreArguments>),
    /// Kill parts of the system at seeded moments, and look for what is lost or left.
    Soak(Box<SoakArguments>),
    /// Measure, as ratios against a peer in the same run.
    Bench(BenchArguments),
}

/// Where the pieces lie that tasks are made of.
#[derive(Debug, Clone, Args)]
pub struct AssetArguments {
    /// Folder with the static binaries and root file systems that images are made of; `make assets` fills it.
    #[arg(long, env = "PROOFHOUSE_ASSETS", default_value = "target/assets", value_name = "DIR")]
    pub assets: PathBuf,
    /// Defender profile: a file that describes the Defender under test; the reference Defender when absent.
    #[arg(long, value_name = "FILE")]
    pub defender: Option<PathBuf>,
}

/// Which semantics the Console declares where the documentation is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// 22.06 and later.
    Current,
    /// 21.04 to 22.01: what is not allowed is denied.
    #[value(name = "allow-only-21")]
    AllowOnly21,
    /// 20.04 to 20.12.
    #[value(name = "legacy-20")]
    Legacy20,
}

impl Profile {
    /// Name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::AllowOnly21 => "allow-only-21",
            Self::Legacy20 => "legacy-20",
        }
    }
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// What to run: ids (`process-001`), requirements (`P7`), files, folders, `file:line`. Everything when absent.
    pub names: Vec<String>,
    /// Tag expression, such as `@core and not @waas`.
    #[arg(short, long, value_name = "EXPRESSION")]
    pub tags: Option<String>,
    /// Part of the suite for this machine, such as `1/4`.
    #[arg(long, value_name = "N/M")]
    pub shard: Option<String>,
    /// Folder with the features.
    #[arg(long, default_value = "features", value_name = "DIR")]
    pub features: PathBuf,
    /// Pieces of the tasks.
    #[command(flatten)]
    pub assets: AssetArguments,
    /// Declared choices of the Console.
    #[arg(long, value_enum, default_value = "current")]
    pub profile: Profile,
    /// File of known failures, each with reason, issue, owner and expiry date.
    #[arg(long, value_name = "FILE")]
    pub expectations: Option<PathBuf>,
    /// Folder for the reports; `proofhouse-reports/latest` when absent.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Scenarios at once.
    #[arg(short, long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Seconds that the steps of one scenario may take, before it is ended as an error.
    #[arg(long, default_value_t = 180, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub time_limit: u32,
    /// Stop at the first scenario that does not pass and is not expected to fail; what is expected to runs first.
    #[arg(long)]
    pub fail_fast: bool,
    /// Only say which scenarios would run; never counts as a pass.
    #[arg(long)]
    pub dry_run: bool,
    /// Look through every file that the run has written for each secret that it has used; one that is found is a problem of the run.
    #[arg(long)]
    pub check_secrets: bool,
    /// Something that goes wrong between each Defender and its surroundings, such as `drop-audits`; `help` lists them.
    #[arg(long, value_name = "NAME")]
    pub saboteur: Option<String>,
    /// Print the results as JSON instead of the summary.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bite`.
#[derive(Debug, Args)]
pub struct BiteArguments {
    /// What to run: ids (`process-001`), requirements (`P7`), files, folders, `file:line`. Everything when absent.
    pub names: Vec<String>,
    /// Tag expression, such as `@core and not @waas`.
    #[arg(short, long, value_name = "EXPRESSION")]
    pub tags: Option<String>,
    /// A saboteur to send; may be repeated. All that `run --saboteur help` lists when absent.
    #[arg(long, value_name = "NAME")]
    pub saboteur: Vec<String>,
    /// Folder with the features.
    #[arg(long, default_value = "features", value_name = "DIR")]
    pub features: PathBuf,
    /// Pieces of the tasks.
    #[command(flatten)]
    pub assets: AssetArguments,
    /// Declared choices of the Console.
    #[arg(long, value_enum, default_value = "current")]
    pub profile: Profile,
    /// Folder for `bite.json` and the reports of each run; `proofhouse-reports/bite` when absent.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Scenarios at once.
    #[arg(short, long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Seconds that the steps of one scenario may take, before it is ended as an error.
    #[arg(long, default_value_t = 180, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub time_limit: u32,
    /// Print the results as JSON instead of the table.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `judge`.
#[derive(Debug, Args)]
pub struct JudgeArguments {
    /// The `history.ndjson` of a run, finished or not, or its folder of reports.
    pub history: PathBuf,
    /// Scenarios to judge, by id; all when absent.
    pub scenarios: Vec<String>,
    /// Folder for the reports; only the summary is printed when absent.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Another recording: say which scenarios are judged differently, and how.
    #[arg(long, value_name = "HISTORY")]
    pub against: Option<PathBuf>,
    /// Print JSON instead of the summary.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// As in `run`.
    pub names: Vec<String>,
    /// As in `run`.
    #[arg(short, long, value_name = "EXPRESSION")]
    pub tags: Option<String>,
    /// Folder with the features.
    #[arg(long, default_value = "features", value_name = "DIR")]
    pub features: PathBuf,
    /// List the requirements of the catalogue instead, and what covers each.
    #[arg(long)]
    pub requirements: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `embed`.
#[derive(Debug, Args)]
pub struct EmbedArguments {
    /// Task definition; `-` is standard input.
    pub file: PathBuf,
    /// Address of the Console that goes into the sidecar.
    #[arg(long, default_value = "console.proofhouse.test", value_name = "NAME")]
    pub console_address: String,
    /// Switch file-system monitoring on.
    #[arg(long)]
    pub filesystem_monitoring: bool,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArguments {
    /// Task definitions; `-` is standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Day whose rules apply, such as 2026-01-31; today when absent.
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Task definition; `-` is standard input.
    pub file: PathBuf,
    /// Embed it first.
    #[arg(long)]
    pub protect: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What tasks are made of that a user keeps.
#[derive(Debug, Args)]
pub struct TaskArguments {
    /// Pieces of the tasks.
    #[command(flatten)]
    pub assets: AssetArguments,
    /// Declared choices of the Console.
    #[arg(long, value_enum, default_value = "current")]
    pub profile: Profile,
    /// JSON file with values of secrets and environment files; docs/guide.md has its shape.
    #[arg(long, value_name = "FILE")]
    pub stand_ins: Option<PathBuf>,
}

/// Arguments of `up`.
#[derive(Debug, Args)]
pub struct UpArguments {
    /// Task definition, protected or not.
    pub file: PathBuf,
    /// Runtime policy, as exported from a Console.
    #[arg(long, value_name = "FILE")]
    pub runtime_policy: Option<PathBuf>,
    /// WAAS policy, as exported from a Console.
    #[arg(long, value_name = "FILE")]
    pub waas_policy: Option<PathBuf>,
    /// Names of the simulated internet, `name=address`; may be repeated.
    #[arg(long, value_name = "NAME=ADDRESS")]
    pub zone: Vec<String>,
    /// Start the task even where Fargate would reject its definition.
    #[arg(long)]
    pub unchecked: bool,
    /// The task and its Console.
    #[command(flatten)]
    pub task: TaskArguments,
    /// Print events as JSON lines.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `fargate`.
#[derive(Debug, Args)]
pub struct FargateArguments {
    /// Where the ECS API listens; a loopback address, port 0 takes any that is free.
    #[arg(long, default_value = "127.0.0.1:8085")]
    pub listen: SocketAddr,
    /// Have the Console embed the Defender into every definition that is registered.
    #[arg(long)]
    pub protect: bool,
    /// The tasks and their Console.
    #[command(flatten)]
    pub task: TaskArguments,
    /// Print events as JSON lines.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `console`.
#[derive(Debug, Args)]
pub struct ConsoleArguments {
    /// Where the REST API listens.
    #[arg(long, default_value = "127.0.0.1:8083")]
    pub rest: SocketAddr,
    /// Where the Defender link listens.
    #[arg(long, default_value = "127.0.0.1:8084")]
    pub link: SocketAddr,
    /// Name in the certificate and in embeds.
    #[arg(long, default_value = "localhost")]
    pub name: String,
    /// Declared choices.
    #[arg(long, value_enum, default_value = "current")]
    pub profile: Profile,
}

/// Arguments of `clean`.
#[derive(Debug, Args)]
pub struct CleanArguments {
    /// Also remove what running processes own, and the images.
    #[arg(long)]
    pub all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Folder with the static binaries and root file systems that images are made of; `make assets` fills it.
    #[arg(long, env = "PROOFHOUSE_ASSETS", default_value = "target/assets", value_name = "DIR")]
    pub assets: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `steps`.
#[derive(Debug, Args)]
pub struct StepsArguments {
    /// Only steps whose text or documentation has this word.
    pub word: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `fidelity`.
#[derive(Debug, Args)]
pub struct FidelityArguments {
    /// Only properties whose line has this word, or that this requirement (`T28`) leans on.
    pub word: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `explore` tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExploreArea {
    /// Programs that are started in containers.
    Programs,
    /// Names that are looked up in containers.
    Names,
    /// Requests of clients outside, through the firewall.
    Requests,
}

impl ExploreArea {
    /// What it is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Programs => "programs",
            Self::Names => "names",
            Self::Requests => "requests",
        }
    }
}

/// Arguments of `explore`.
#[derive(Debug, Args)]
pub struct ExploreArguments {
    /// Pieces of the tasks.
    #[command(flatten)]
    pub assets: AssetArguments,
    /// Folder with the features.
    #[arg(long, default_value = "features", value_name = "DIR")]
    pub features: PathBuf,
    /// Declared choices of the Console.
    #[arg(long, value_enum, default_value = "current")]
    pub profile: Profile,
    /// What is tried: one or several, with commas between.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [ExploreArea::Programs, ExploreArea::Names])]
    pub area: Vec<ExploreArea>,
    /// What everything is made up from; a fresh one when absent.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Only this round of the seed.
    #[arg(long, value_name = "N", requires = "seed")]
    pub round: Option<u32>,
    /// Seconds after which no further round begins.
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds: u32,
    /// Violations after which no further round begins.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub violations: u8,
    /// Do not reduce what is found: stop behind the first round in which something is.
    #[arg(long)]
    pub no_reduce: bool,
    /// Folder for `explore.json`, features of what was found, and the recordings of rounds in which something was.
    #[arg(long, default_value = "proofhouse-reports/explore", value_name = "DIR")]
    pub report: PathBuf,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `soak`.
#[derive(Debug, Args)]
pub struct SoakArguments {
    /// Pieces of the tasks.
    #[command(flatten)]
    pub assets: AssetArguments,
    /// Declared choices of the Console.
    #[arg(long, value_enum, default_value = "current")]
    pub profile: Profile,
    /// What every moment is made up from; a fresh one when absent.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Kills.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub kills: u32,
    /// Begin with this round of the seed.
    #[arg(long, default_value_t = 0, value_name = "N", requires = "seed")]
    pub round: u32,
    /// Folder for `soak.json`, and for the recordings of rounds in which something was wrong.
    #[arg(long, default_value = "proofhouse-reports/soak", value_name = "DIR")]
    pub report: PathBuf,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// Pieces of the tasks.
    #[command(flatten)]
    pub assets: AssetArguments,
    /// Folder with the features.
    #[arg(long, default_value = "features", value_name = "DIR")]
    pub features: PathBuf,
    /// Folder for `bench.json`.
    #[arg(long, default_value = "proofhouse-reports", value_name = "DIR")]
    pub report: PathBuf,
    /// Only the measurements whose name has this word.
    pub only: Option<String>,
}

/// Arguments of `waf`.
#[derive(Debug, Args)]
pub struct WafArguments {
    /// The firewall, as `http://ADDRESS:PORT` on loopback; the reference firewall when absent.
    pub url: Option<String>,
    /// Rules of the reference firewall: a folder of the OWASP Core Rule Set.
    #[arg(
        long,
        env = "PROOFHOUSE_CRS",
        default_value = "target/assets/crs",
        value_name = "DIR",
        conflicts_with = "url"
    )]
    pub crs: PathBuf,
    /// Attacks, one payload a line: a file, or a folder of them.
    #[arg(long, value_name = "PATH")]
    pub attacks: Vec<PathBuf>,
    /// Honest texts, one a line: a file, or a folder of them.
    #[arg(long, value_name = "PATH")]
    pub benign: Vec<PathBuf>,
    /// Payloads with encoders and placeholders (gotestwaf): a YAML file, or a folder of them; `false-pos` is honest.
    #[arg(long, value_name = "PATH")]
    pub gotestwaf: Vec<PathBuf>,
    /// Regression tests of the Core Rule Set (go-ftw): a YAML file, or a folder of them.
    #[arg(long, value_name = "PATH")]
    pub ftw: Vec<PathBuf>,
    /// Places that each line of a list is put into.
    #[arg(long, value_name = "PLACE,...", value_delimiter = ',', default_value = "query,form")]
    pub places: Vec<proofhouse_waf::Place>,
    /// Leave `%` in queries and forms as it is, for lists that are encoded already.
    #[arg(long)]
    pub keep_percent: bool,
    /// Part of the cases to send, 0 to 1; the same cases each time.
    #[arg(long, value_name = "SHARE")]
    pub sample: Option<f64>,
    /// Statuses of a refusal.
    #[arg(long, value_name = "STATUS,...", value_delimiter = ',', default_value = "403")]
    pub blocked_status: Vec<u16>,
    /// Regular expression that stands in a refusal, whatever its status.
    #[arg(long, value_name = "REGEX")]
    pub blocked_text: Option<String>,
    /// A reset is a refusal.
    #[arg(long)]
    pub reset_is_blocked: bool,
    /// Log of the firewall: go-ftw cases are judged by the rules that it tells of, one by one.
    #[arg(long, value_name = "FILE", requires = "url")]
    pub log: Option<PathBuf>,
    /// Requests at once.
    #[arg(short, long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Milliseconds that one answer may take.
    #[arg(long, default_value_t = 5000, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Folder for the results.
    #[arg(long, default_value = "proofhouse-reports/waf", value_name = "DIR")]
    pub report: PathBuf,
    /// Go on with the run whose folder that is.
    #[arg(long)]
    pub resume: bool,
    /// `waf.json` of an earlier run: a rate that is lower now fails.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Points of a percentage by which a rate may be lower.
    #[arg(long, default_value_t = 0.0, value_name = "POINTS", requires = "baseline")]
    pub tolerance: f64,
    /// Print the results as JSON.
    #[arg(long)]
    pub json: bool,
    /// No progress on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}
