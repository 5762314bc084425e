//! Programs that are tried.

use crate::layout::place;
use crate::tools::{HOME, LAUNCHERS, Launcher, Spelling, TOOLS, Tool};
use proofhouse_model::{Deed, Ending, Outcome};
use proofhouse_protocol::actor::{Request, Spawn, TOKEN_VARIABLE};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Milliseconds that one may take: far more than it needs, because a busy machine must not make a verdict.
const LIMIT_MS: u64 = 40_000;

/// A tool, asked for in some way, behind launchers.
#[derive(Debug, Clone)]
pub struct Program {
    /// The tool.
    pub tool: &'static Tool,
    /// How it is asked for.
    pub spelling: Spelling,
    /// What starts what starts it.
    pub launchers: Vec<&'static Launcher>,
    /// How the actor starts the first.
    pub spawn: Spawn,
}

impl PartialEq for Program {
    fn eq(&self, other: &Self) -> bool {
        self.dimensions() == other.dimensions() && self.spelling == other.spelling
    }
}

impl Eq for Program {}

/// The ways of the actor to start a program by a path, and of whose end it learns on every kernel.
const WAYS: [Spawn; 5] = [Spawn::Fork, Spawn::Vfork, Spawn::PosixSpawn, Spawn::ExecveAt, Spawn::Thread];

/// Any program.
pub fn program() -> impl Strategy<Value = Program> {
    let tool = (0..TOOLS.len(), any::<prop::sample::Index>());
    let launchers = prop_oneof![
        5 => Just(Vec::new()),
        4 => prop::collection::vec(0..LAUNCHERS.len(), 1),
        1 => prop::collection::vec(0..LAUNCHERS.len(), 2..4),
    ];
    (tool, launchers, prop::sample::select(&WAYS[..])).prop_map(|((tool, spelling), launchers, spawn)| {
        let tool = &TOOLS[tool];
        let launchers: Vec<_> = launchers.into_iter().map(|at| &LAUNCHERS[at]).collect();
        let spelling = tool.spellings[spelling.index(tool.spellings.len())];
        Program { tool, spelling, launchers, spawn }.fit()
    })
}

impl Program {
    /// Such that its end can be told: what does not become the program tells of a good end only. A multi-call program does not know what it
    /// is by another zeroth argument. No launcher comes twice: not each can start itself.
    fn fit(mut self) -> Self {
        if !self.tool.succeeds() {
            self.launchers.retain(|launcher| launcher.becomes);
        }
        let named = !self.spelling.text.contains('/');
        let mut behind = !self.tool.applets.is_empty() && self.tool.interpreter.is_none();
        let mut kept: Vec<&'static Launcher> = Vec::new();
        for launcher in self.launchers.drain(..).rev() {
            let twice = kept.iter().any(|other| std::ptr::eq(*other, launcher));
            let own = named && kept.is_empty() && launcher.prefers_its_own;
            if twice || own || behind && launcher.renames {
                continue;
            }
            behind = !launcher.applets.is_empty();
            kept.push(launcher);
        }
        kept.reverse();
        self.launchers = kept;
        self
    }

    /// The command line.
    #[must_use]
    pub fn argv(&self, token: &str) -> Vec<String> {
        let mut argv = vec![self.spelling.text.to_owned()];
        argv.extend(self.tool.arguments.iter().map(|argument| argument.replace("TOKEN", token)));
        for launcher in self.launchers.iter().rev() {
            let mut outer = vec![launcher.executable.to_owned()];
            outer.extend(launcher.before.iter().map(|word| (*word).to_owned()));
            outer.append(&mut argv);
            outer.extend(launcher.behind.iter().map(|word| (*word).to_owned()));
            argv = outer;
        }
        argv
    }

    pub(crate) fn request(&self, token: &str) -> Request {
        Request::Run {
            argv: self.argv(token),
            env: BTreeMap::from([(TOKEN_VARIABLE.to_owned(), token.to_owned())]),
            cwd: (self.spelling.cwd != HOME).then(|| self.spelling.cwd.to_owned()),
            stdin: String::new(),
            spawn: self.spawn,
            timeout_ms: LIMIT_MS,
        }
    }

    pub(crate) fn deeds(&self) -> Vec<Deed> {
        let launchers = self.launchers.iter().map(|launcher| launcher.launched());
        let mut all: Vec<_> = launchers.chain([self.tool.launched(self.spelling)]).collect();
        if self.spawn == Spawn::ExecveAt {
            // It is asked for in the folder that was opened, whatever that was called.
            all[0].names.remove(0);
            if self.launchers.is_empty() {
                let place = place(&self.spelling.found(), self.spelling.cwd);
                all[0].names.retain(|name| *name != place);
                all[0].names.insert(0, place);
            } else {
                let executable = all[0].executable.clone();
                all[0].names.insert(0, executable);
            }
        }
        all.into_iter().map(Deed::Start).collect()
    }

    pub(crate) fn outcome(&self, token: &str) -> Outcome {
        let ending = if self.becomes() { self.tool.ending } else { Ending::Exited(0) };
        Outcome::Prints { text: token.to_owned(), ending }
    }

    fn becomes(&self) -> bool {
        self.launchers.iter().all(|launcher| launcher.becomes)
    }

    pub(crate) fn user(&self) -> &'static str {
        let mut users = self.launchers.iter().map(|launcher| launcher.user);
        users.rfind(|user| *user != "root").unwrap_or("root")
    }

    pub(crate) fn dimensions(&self) -> Vec<(&'static str, String)> {
        let depth = match self.launchers.len() {
            0 => "by the actor",
            1 => "by another program",
            _ => "by several programs",
        };
        let mut all = vec![
            ("program", self.tool.name.to_owned()),
            ("spelling", spelt(self.spelling).to_owned()),
            ("call", format!("{:?}", self.spawn)),
            ("depth", depth.to_owned()),
        ];
        all.extend(self.launchers.iter().map(|launcher| ("launcher", launcher.name.to_owned())));
        all
    }

    pub(crate) fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if !self.launchers.is_empty() {
            all.push(Self { launchers: Vec::new(), ..self.clone() });
            if self.launchers.len() > 1 {
                all.extend(self.launchers.iter().map(|one| Self { launchers: vec![one], ..self.clone() }));
            }
        }
        if self.spawn != Spawn::Fork {
            all.push(Self { spawn: Spawn::Fork, ..self.clone() });
        }
        let plain = self.tool.spellings[0];
        if self.spelling != plain {
            all.push(Self { spelling: plain, ..self.clone() });
        }
        // The first tool is the plainest program that there is.
        if !std::ptr::eq(self.tool, &raw const TOOLS[0]) {
            all.push(Self { tool: &TOOLS[0], spelling: TOOLS[0].spellings[0], ..self.clone() });
        }
        all
    }

    pub(crate) fn shown(&self, token: &str) -> String {
        self.argv(token).join(" ")
    }

    /// The texts by which a list may mean something of it.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut all = Vec::new();
        for deed in self.deeds() {
            if let Deed::Start(launched) = deed {
                all.push(launched.executable);
                all.extend(launched.names);
            }
        }
        all.extend(self.tool.spellings.iter().map(|spelling| spelling.text.to_owned()));
        all
    }
}

fn spelt(spelling: Spelling) -> &'static str {
    let text = spelling.text;
    match () {
        () if !text.contains('/') => "a name",
        () if !text.starts_with('/') => "a relative path",
        () if text.contains("//") || text.contains("..") => "a path with detours",
        () if text.starts_with("/bin/") || text.starts_with("/srv/alias/") => {
            "a path through a linked folder"
        }
        () => "a path",
    }
}
