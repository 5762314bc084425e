//! A folder to work in, the command, and the proof that nothing is left.

use proofhouse_harness::engine;
use proofhouse_harness::labels;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with the user's files, and one for temporary files of the command.
pub struct Place {
    folder: TempDir,
}

/// What a command printed, and how it ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub pid: u32,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder }
    }

    /// With one file.
    pub fn with(name: &str, text: &str) -> Self {
        Self::new().and(name, text)
    }

    /// With one file more; its folder is made.
    pub fn and(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command, in the folder, with plain output and its own folder for temporary files.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proofhouse"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("TMPDIR", self.path("tmp"))
            .env("NO_COLOR", "1")
            .env_remove("PROOFHOUSE_ASSETS")
            .env_remove("PROOFHOUSE_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).spawn().unwrap())
    }

    /// Neither temporary files, nor containers or volumes of that process.
    #[track_caller]
    pub fn assert_nothing_left(&self, pid: u32) {
        let files: Vec<_> =
            std::fs::read_dir(self.path("tmp")).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(files.is_empty(), "temporary files are left: {files:?}");
        let left = owned_by(pid);
        assert!(left.is_empty(), "left on the engine: {left:?}");
    }
}

impl Ended {
    pub fn of(child: Child) -> Self {
        let pid = child.id();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr), pid }
    }

    /// Everything a user sees, for a snapshot.
    pub fn seen(&self) -> String {
        let part = |name: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("--- {name}\n{}\n", text.trim_end()) }
        };
        let code = self.code.map_or("by a signal".to_owned(), |code| code.to_string());
        format!("{}{}--- exit code {code}", part("stdout", &self.stdout), part("stderr", &self.stderr))
    }
}

/// A command that goes on while it is watched.
pub struct Going {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    stderr: Option<BufReader<ChildStderr>>,
    seen: String,
}

impl Going {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) =
            (child.stdout.take().map(BufReader::new), child.stderr.take().map(BufReader::new));
        Self { child, stdout, stderr, seen: String::new() }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next line of standard output with that word.
    pub fn line_of_stdout(&mut self, word: &str) -> String {
        let lines = self.stdout.as_mut().unwrap();
        next_with(lines, word, &mut self.seen).unwrap_or_else(|| self.ended_early(word))
    }

    /// The next line of standard error with that word.
    pub fn line_of_stderr(&mut self, word: &str) -> String {
        let lines = self.stderr.as_mut().unwrap();
        next_with(lines, word, &mut self.seen).unwrap_or_else(|| self.ended_early(word))
    }

    fn ended_early(&mut self, word: &str) -> ! {
        let mut rest = String::new();
        self.stderr.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        panic!("it ended without \"{word}\":\n{}\n{rest}", self.seen)
    }

    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let mut stderr = self.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        let mut stdout = std::mem::take(&mut self.seen);
        self.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let pid = self.child.id();
        let code = self.child.wait().unwrap().code();
        Ended { code, stdout, stderr: errors.join().unwrap(), pid }
    }
}

/// A test that fails in the middle leaves no process and no container behind.
impl Drop for Going {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal(nix::sys::signal::Signal::SIGTERM);
            // Nobody reads on; a writer that finds its pipe closed goes on to its end.
            (self.stdout, self.stderr) = (None, None);
            let _ended = self.child.wait();
        }
    }
}

fn next_with(lines: &mut impl BufRead, word: &str, seen: &mut String) -> Option<String> {
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        seen.push_str(&line);
        if line.contains(word) {
            return Some(line.trim_end().to_owned());
        }
    }
}

/// Containers and volumes that a process owns.
pub fn owned_by(pid: u32) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = engine::connect()
            .await
            .expect("these tests need Docker: `proofhouse doctor` says what is missing");
        let filter = [labels::OWNER.to_owned()];
        let ours = |of: &std::collections::BTreeMap<String, String>| {
            of.get(labels::OWNER).is_some_and(|owner| owner.starts_with(&format!("{pid}:")))
        };
        let containers = engine.list(&filter).await.unwrap();
        let volumes = engine.list_volumes(&filter).await.unwrap();
        let containers = containers.into_iter().filter(|one| ours(&one.labels)).map(|one| one.name);
        containers.chain(volumes.into_iter().filter(|one| ours(&one.labels)).map(|one| one.name)).collect()
    })
}

/// The folder of the assets; tests that need it fail with what to do when it is not there.
pub fn assets() -> String {
    let folder =
        std::env::var_os("PROOFHOUSE_ASSETS").map_or_else(|| workspace("target/assets"), PathBuf::from);
    assert!(
        folder.join("userland.tar").exists(),
        "no assets in {}: run `make assets`, or set PROOFHOUSE_ASSETS to the folder",
        folder.display()
    );
    folder.canonicalize().unwrap().display().to_string()
}

/// A path of the repository.
pub fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}

/// A task definition of the features.
pub fn definition(name: &str) -> String {
    std::fs::read_to_string(workspace("features/task-definitions").join(name)).unwrap()
}
