//! Programs that can be tried, and programs that start others.

use crate::layout::{follow, place};
use proofhouse_model::{Ending, Launched};

/// How a tool is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling {
    /// Path or name.
    pub text: &'static str,
    /// Working directory from which it is meant.
    pub cwd: &'static str,
}

/// A program that says its token.
#[derive(Debug)]
pub struct Tool {
    /// What it is called in words.
    pub name: &'static str,
    /// The executable, where it is not what the spelling leads to: the interpreter of a script.
    pub interpreter: Option<&'static str>,
    /// Ways to ask for it, the plainest first.
    pub spellings: &'static [Spelling],
    /// Arguments; `TOKEN` stands for the token, which it prints.
    pub arguments: &'static [&'static str],
    /// How it ends.
    pub ending: Ending,
    /// Names that a multi-call program goes by; empty for others.
    pub applets: &'static [&'static str],
    /// Whether it was made after the container's start.
    pub modified: bool,
}

/// A program that starts another.
#[derive(Debug)]
pub struct Launcher {
    /// What it is called in words.
    pub name: &'static str,
    /// Its executable, by which it is asked for.
    pub executable: &'static str,
    /// Arguments before the program.
    pub before: &'static [&'static str],
    /// Arguments behind it.
    pub behind: &'static [&'static str],
    /// Whether it becomes the program, so that process and ending are the same.
    pub becomes: bool,
    /// User that the program runs as.
    pub user: &'static str,
    /// Names that a multi-call program goes by; empty for others.
    pub applets: &'static [&'static str],
    /// Whether it gives the program another zeroth argument.
    pub renames: bool,
    /// Whether a name without a path means something of its own before it means a program: an applet, a built-in command.
    pub prefers_its_own: bool,
}

/// Where the actor works.
pub(crate) const HOME: &str = "/";

const fn at(text: &'static str) -> Spelling {
    Spelling { text, cwd: HOME }
}

const fn from(cwd: &'static str, text: &'static str) -> Spelling {
    Spelling { text, cwd }
}

const PLAIN: Tool = Tool {
    name: "",
    interpreter: None,
    spellings: &[],
    arguments: &["TOKEN"],
    ending: Ending::Exited(0),
    applets: &[],
    modified: false,
};

/// All tools.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "echo",
        spellings: &[
            at("/usr/bin/echo"),
            at("echo"),
            at("/bin/echo"),
            at("//usr//bin/echo"),
            at("/usr/bin/../bin/echo"),
            from("/usr/bin", "./echo"),
            from("/srv", "../bin/echo"),
        ],
        ..PLAIN
    },
    Tool {
        name: "a link to echo",
        spellings: &[
            at("/srv/tools/say"),
            at("/srv/alias/say"),
            at("/srv/tools/far"),
            from("/srv/tools", "./say"),
        ],
        ..PLAIN
    },
    Tool { name: "a link with the name of a miner", spellings: &[at("/srv/tools/xmrig")], ..PLAIN },
    Tool {
        name: "a link with another program's name",
        spellings: &[at("/srv/tools/echo"), at("/srv/alias/echo")],
        ..PLAIN
    },
    Tool {
        name: "a copy of echo",
        spellings: &[at("/srv/tools/copy"), at("/srv/alias/copy"), at("/srv/tools/hard")],
        modified: true,
        ..PLAIN
    },
    Tool {
        name: "a copy with another program's name",
        spellings: &[at("/srv/tools/printf"), from("/srv/alias", "./printf")],
        modified: true,
        ..PLAIN
    },
    Tool {
        name: "a copy with nearly a miner's name",
        spellings: &[at("/srv/tools/xmrig-notes")],
        modified: true,
        ..PLAIN
    },
    Tool {
        name: "printf",
        spellings: &[at("/usr/bin/printf"), at("printf"), at("/bin/printf")],
        arguments: &["%s", "TOKEN"],
        ..PLAIN
    },
    Tool { name: "basename", spellings: &[at("/usr/bin/basename"), at("basename")], ..PLAIN },
    Tool { name: "expr", spellings: &[at("/usr/bin/expr"), at("/bin/expr"), from("/", "bin/expr")], ..PLAIN },
    Tool { name: "date", spellings: &[at("/usr/bin/date"), at("date")], arguments: &["+TOKEN"], ..PLAIN },
    Tool {
        name: "awk",
        spellings: &[at("/usr/bin/awk"), at("awk"), at("/usr/bin/mawk"), at("/etc/alternatives/awk")],
        arguments: &["BEGIN{print \"TOKEN\"}"],
        ..PLAIN
    },
    Tool {
        name: "a shell",
        spellings: &[at("/usr/bin/dash"), at("/bin/sh"), at("sh")],
        arguments: &["-c", "echo TOKEN"],
        ..PLAIN
    },
    Tool {
        name: "a shell that exits with 7",
        spellings: &[at("/usr/bin/bash"), at("bash")],
        arguments: &["-c", "echo TOKEN; exit 7"],
        ending: Ending::Exited(7),
        ..PLAIN
    },
    Tool {
        name: "a shell that a signal ends",
        spellings: &[at("/usr/bin/bash"), at("/bin/bash")],
        arguments: &["-c", "echo TOKEN; kill -TERM $$"],
        ending: Ending::Signalled(15),
        ..PLAIN
    },
    Tool {
        name: "perl",
        spellings: &[at("/usr/bin/perl"), at("perl")],
        arguments: &["-e", "print 'TOKEN'"],
        ..PLAIN
    },
    Tool {
        name: "busybox echo",
        spellings: &[at("/usr/bin/busybox"), at("busybox"), at("/bin/busybox")],
        arguments: &["echo", "TOKEN"],
        applets: &["busybox", "echo"],
        ..PLAIN
    },
    Tool {
        name: "an applet by its link",
        spellings: &[at("/srv/tools/bb/echo"), at("/srv/alias/bb/echo")],
        applets: &["echo"],
        ..PLAIN
    },
    Tool {
        name: "another applet by its link",
        spellings: &[at("/srv/tools/bb/expr")],
        applets: &["expr"],
        ..PLAIN
    },
    Tool {
        name: "a script",
        interpreter: Some("/usr/bin/dash"),
        spellings: &[at("/srv/tools/run.sh"), at("/srv/alias/run.sh"), from("/srv/tools", "./run.sh")],
        ..PLAIN
    },
    Tool {
        name: "a script with another program's name",
        interpreter: Some("/usr/bin/dash"),
        spellings: &[at("/srv/tools/expr")],
        ..PLAIN
    },
    Tool {
        name: "a script of busybox",
        interpreter: Some("/usr/bin/busybox"),
        spellings: &[at("/srv/tools/run-bb")],
        applets: &["busybox", "sh"],
        ..PLAIN
    },
];

const BECOMES: Launcher = Launcher {
    name: "",
    executable: "",
    before: &[],
    behind: &[],
    becomes: true,
    user: "root",
    applets: &[],
    renames: false,
    prefers_its_own: false,
};

/// All launchers.
pub const LAUNCHERS: &[Launcher] = &[
    Launcher { name: "env", executable: "/usr/bin/env", ..BECOMES },
    Launcher { name: "nice", executable: "/usr/bin/nice", ..BECOMES },
    Launcher { name: "nohup", executable: "/usr/bin/nohup", ..BECOMES },
    Launcher {
        name: "exec of a shell",
        executable: "/usr/bin/dash",
        before: &["-c", "exec \"$0\" \"$@\""],
        ..BECOMES
    },
    Launcher {
        name: "exec of a shell, under another zeroth argument",
        executable: "/usr/bin/bash",
        before: &["-c", "exec -a innocent \"$0\" \"$@\""],
        renames: true,
        ..BECOMES
    },
    Launcher { name: "exec of perl", executable: "/usr/bin/perl", before: &["-e", "exec @ARGV"], ..BECOMES },
    Launcher {
        name: "another user",
        executable: "/usr/bin/setpriv",
        before: &["--reuid=65534", "--clear-groups", "--"],
        user: "nobody",
        ..BECOMES
    },
    Launcher {
        name: "a busybox",
        executable: "/usr/bin/busybox",
        before: &["env"],
        applets: &["busybox", "env"],
        prefers_its_own: true,
        ..BECOMES
    },
    Launcher {
        name: "a child of a shell",
        executable: "/usr/bin/bash",
        before: &["-c", "\"$0\" \"$@\"; exit $?"],
        becomes: false,
        prefers_its_own: true,
        ..BECOMES
    },
    Launcher { name: "timeout", executable: "/usr/bin/timeout", before: &["30"], becomes: false, ..BECOMES },
    Launcher { name: "setsid", executable: "/usr/bin/setsid", before: &["-w"], becomes: false, ..BECOMES },
    Launcher {
        name: "find",
        executable: "/usr/bin/find",
        before: &["/", "-maxdepth", "0", "-exec"],
        behind: &[";"],
        becomes: false,
        ..BECOMES
    },
    Launcher { name: "xargs", executable: "/usr/bin/xargs", becomes: false, ..BECOMES },
];

impl Spelling {
    /// What a search in `PATH` makes of it.
    pub(crate) fn found(self) -> String {
        if self.text.contains('/') { self.text.to_owned() } else { format!("/usr/bin/{}", self.text) }
    }
}

impl Tool {
    /// Whether it ends well, so that any launcher can tell.
    #[must_use]
    pub fn succeeds(&self) -> bool {
        self.ending == Ending::Exited(0)
    }

    /// As the policy sees it.
    pub(crate) fn launched(&self, spelling: Spelling) -> Launched {
        let asked = spelling.found();
        let place = place(&asked, spelling.cwd);
        let executable = match self.interpreter {
            Some(interpreter) => interpreter.to_owned(),
            None => follow(place.clone()),
        };
        let mut names = vec![asked];
        if !names.contains(&place) {
            names.push(place);
        }
        names.extend(self.applets.iter().map(|applet| (*applet).to_owned()));
        Launched {
            executable,
            names,
            multi_call: !self.applets.is_empty(),
            modified: self.modified,
            altered: false,
        }
    }
}

impl Launcher {
    /// As the policy sees it.
    pub(crate) fn launched(&self) -> Launched {
        let mut names = vec![self.executable.to_owned()];
        names.extend(self.applets.iter().map(|applet| (*applet).to_owned()));
        Launched {
            executable: self.executable.to_owned(),
            names,
            multi_call: !self.applets.is_empty(),
            modified: false,
            altered: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_tool_lead_to_one_program() {
        for tool in TOOLS.iter().filter(|tool| tool.interpreter.is_none() && !tool.modified) {
            let leads = |spelling: &Spelling| follow(place(&spelling.found(), spelling.cwd));
            let first = leads(&tool.spellings[0]);
            assert!(tool.spellings.iter().all(|spelling| leads(spelling) == first), "{}", tool.name);
        }
    }

    #[test]
    fn a_program_goes_by_what_was_asked_for_and_where_that_is() {
        let link = TOOLS.iter().find(|tool| tool.name == "a link to echo").unwrap();
        let launched = link.launched(Spelling { text: "./say", cwd: "/srv/tools" });
        assert_eq!(launched.executable, "/usr/bin/echo");
        assert_eq!(launched.names, ["./say", "/srv/tools/say"]);
    }
}
