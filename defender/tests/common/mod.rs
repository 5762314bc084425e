//! A hub for one wrapper, and the wrapper itself: the built binary, run on this host.
#![expect(dead_code, reason = "each test file uses a part")]

pub mod console;
pub mod names;

use proofhouse_defender::decision::ContainerRule;
use proofhouse_defender::hub::{FromSidecar, ToSidecar};
use proofhouse_protocol::{RuntimeAudit, Semantics};
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// No single wait of a test is longer.
pub const DEADLINE: Duration = Duration::from_secs(30);

struct State {
    revision: u64,
    rule: Option<ContainerRule>,
    wrappers: Vec<UnixStream>,
    audits: Vec<RuntimeAudit>,
    last: u64,
}

/// A stand-in for the sidecar.
pub struct Hub {
    pub folder: TempDir,
    state: Arc<Mutex<State>>,
    said: Receiver<ToSidecar>,
}

fn say(mut stream: &UnixStream, message: &FromSidecar) {
    let mut line = serde_json::to_vec(message).unwrap();
    line.push(b'\n');
    let _ = stream.write_all(&line);
}

impl State {
    fn policy(&self) -> FromSidecar {
        let rule = self.rule.clone().map(Box::new);
        FromSidecar::Policy { revision: self.revision, semantics: Semantics::current(), rule }
    }
}

fn converse(stream: UnixStream, state: &Mutex<State>, said: &Sender<ToSidecar>) {
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let Ok(line) = line else { return };
        let message: ToSidecar = serde_json::from_str(&line).unwrap();
        let mut state = state.lock().unwrap();
        match &message {
            ToSidecar::Attach(_) => {
                say(&stream, &state.policy());
                state.wrappers.push(stream.try_clone().unwrap());
                state.last = 0;
            }
            ToSidecar::Audits { items, .. } => {
                for item in items {
                    state.audits.push(item.audit.clone());
                }
                state.last = items.last().unwrap().number;
                say(&stream, &FromSidecar::Ack { through: state.last });
            }
            ToSidecar::Answer { from, to, payload } => {
                let payload =
                    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, payload).unwrap();
                proofhouse_defender::kernel::sockets::send_as(*from, *to, &payload).unwrap();
            }
            // A sidecar lets go of who has said everything.
            ToSidecar::Bye => {
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
            _ => {}
        }
        drop(state);
        let _ = said.send(message);
    }
}

impl Hub {
    /// A hub with a rule for the container `web`; `null` for none.
    pub fn start(rule: Value) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        // The wrapper finds the hub beside its own binary.
        std::fs::hard_link(env!("CARGO_BIN_EXE_defender"), folder.path().join("defender")).unwrap();
        let state = State {
            revision: 1,
            rule: serde_json::from_value(rule).unwrap(),
            wrappers: Vec::new(),
            audits: Vec::new(),
            last: 0,
        };
        let (say, said) = channel();
        let hub = Self { folder, state: Arc::new(Mutex::new(state)), said };
        hub.listen(say);
        hub
    }

    fn listen(&self, said: Sender<ToSidecar>) {
        let listener = UnixListener::bind(self.socket()).unwrap();
        let state = Arc::clone(&self.state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, said) = (Arc::clone(&state), said.clone());
                thread::spawn(move || converse(stream.unwrap(), &state, &said));
            }
        });
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("hub.sock")
    }

    /// The hub is gone, with all its connections.
    pub fn vanish(&self) {
        std::fs::remove_file(self.socket()).unwrap();
        for stream in self.state.lock().unwrap().wrappers.drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// The hub is back.
    pub fn return_again(&mut self) {
        let (say, said) = channel();
        self.said = said;
        self.listen(say);
    }

    /// The policy is forgotten, as by a sidecar that was started again and has no Console.
    pub fn forget(&self) {
        let mut state = self.state.lock().unwrap();
        (state.revision, state.rule) = (0, None);
    }

    /// Replaces the policy, and waits until the wrapper decides by it.
    pub fn replace(&self, rule: Value) {
        let revision = {
            let mut state = self.state.lock().unwrap();
            state.revision += 1;
            state.rule = serde_json::from_value(rule).unwrap();
            let policy = state.policy();
            state.wrappers.iter().for_each(|wrapper| say(wrapper, &policy));
            state.revision
        };
        self.wait_for(|message| *message == ToSidecar::Applied { revision });
    }

    /// Replaces the policy for the wrappers that are still to start, and forgets the audits of others.
    pub fn replace_at_start(&self, rule: Value) {
        let mut state = self.state.lock().unwrap();
        state.revision += 1;
        state.rule = serde_json::from_value(rule).unwrap();
        state.audits.clear();
    }

    /// Sends a fence, and waits until it comes back.
    pub fn fence(&self) {
        let id = "f".to_owned();
        for wrapper in &self.state.lock().unwrap().wrappers {
            say(wrapper, &FromSidecar::Fence { id: id.clone() });
        }
        self.wait_for(|message| matches!(message, ToSidecar::FenceDone { id: done, .. } if *done == id));
    }

    /// Waits for a message.
    pub fn wait_for(&self, wanted: impl Fn(&ToSidecar) -> bool) -> ToSidecar {
        loop {
            match self.said.recv_timeout(DEADLINE) {
                Ok(message) if wanted(&message) => return message,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the wrapper never said it")
                }
            }
        }
    }

    /// The audits of now. A wrapper that has ended has delivered all of its.
    pub fn audits(&self) -> Vec<RuntimeAudit> {
        self.state.lock().unwrap().audits.clone()
    }

    /// `attackType` and program of each audit.
    pub fn summary(&self) -> Vec<(String, String)> {
        let name =
            |audit: &RuntimeAudit| audit.process_path.clone().unwrap().rsplit('/').next().unwrap().to_owned();
        self.audits().iter().map(|audit| (audit.attack_type.clone(), name(audit))).collect()
    }

    /// A directory for the app to leave traces in.
    pub fn trace(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The wrapper, about to run an app.
    pub fn command<S: AsRef<OsStr>>(&self, argv: &[S]) -> Command {
        let mut command = afresh(&self.folder.path().join("defender"));
        command.args(["fargate", "entrypoint"]).args(argv);
        command
            .env("TW_CONTAINER_NAME", "web")
            .env("TW_IMAGE_NAME", "shop:1")
            .current_dir(self.folder.path());
        command
    }

    /// Runs an app to its end.
    pub fn run<S: AsRef<OsStr>>(&self, argv: &[S]) -> Output {
        finish(
            self.command(argv)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }

    /// Starts a shell that waits for commands.
    pub fn shell(&self) -> Shell {
        let child = self.command(&["sh"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Shell::new(child)
    }
}

/// A program that begins as one in a container does: with the default disposition of every signal, whatever the test was
/// started with. Its signal mask is empty, as that of every [`Command`] is.
pub fn afresh(program: &Path) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal").arg(program);
    command
}

/// Waits for the end of a process, within the deadline.
pub fn finish(child: Child) -> Output {
    let pid = child.id();
    let (done, ended) = channel::<()>();
    let watchdog = thread::spawn(move || {
        if ended.recv_timeout(DEADLINE) == Err(RecvTimeoutError::Timeout) {
            let _ = proofhouse_defender::kernel::signals::send(pid as i32, 9);
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    watchdog.join().unwrap();
    output
}

/// A shell under the Defender.
pub struct Shell {
    child: Child,
    answers: Receiver<String>,
}

impl Shell {
    pub fn new(mut child: Child) -> Self {
        let (send, answers) = channel();
        let output = child.stdout.take().unwrap();
        thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|l| send.send(l))
        });
        Self { child, answers }
    }

    /// Process id of the wrapper.
    pub fn wrapper(&self) -> i32 {
        self.child.id() as i32
    }

    /// Gives the shell a line.
    pub fn write(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line that the shell writes.
    pub fn line(&self) -> String {
        self.answers.recv_timeout(DEADLINE).expect("the shell answers")
    }

    /// The next line, from a shell that runs its traps only between commands.
    pub fn line_after_commands(&mut self) -> String {
        let start = std::time::Instant::now();
        loop {
            self.write("true");
            match self.answers.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => return line,
                Err(_) => assert!(start.elapsed() < DEADLINE, "the shell answers"),
            }
        }
    }

    /// Runs a command, and answers its status.
    pub fn status(&mut self, command: &str) -> i32 {
        self.write(&format!("{command}; echo $?"));
        self.line().parse().unwrap()
    }

    /// Closes its input, and waits for its end.
    pub fn end(mut self) -> std::process::ExitStatus {
        drop(self.child.stdin.take());
        let start = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < DEADLINE, "the wrapper ends");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Set in the second run of a test.
const INSIDE: &str = "PROOFHOUSE_TEST_INSIDE";

/// Runs a test again in network and mount namespaces of its own, as their root; says whether this is the run inside.
pub fn in_namespaces(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "--mount"]).arg(std::env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("1 passed"));
    false
}

/// The interpreter behind `python3`, which may be a shell script.
pub fn python() -> String {
    let code = "import sys, os; print(os.path.realpath(sys.executable))";
    let output = Command::new("python3").args(["-c", code]).output().expect("python3 is installed");
    text(&output.stdout).trim().to_owned()
}

/// Real path of a program of this host.
pub fn which(name: &str) -> String {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.exists());
    std::fs::canonicalize(found.unwrap_or_else(|| panic!("{name} is installed")))
        .unwrap()
        .display()
        .to_string()
}

/// A rule named `r` with a process section.
pub fn processes(section: Value) -> Value {
    serde_json::json!({"name": "r", "processes": section})
}

/// A hub whose rule denies one program under prevent.
pub fn denying(name: &str) -> Hub {
    Hub::start(processes(serde_json::json!({"effect": "prevent", "blacklist": [name]})))
}

/// The [`Hub::summary`] of one denied program.
pub fn denied(name: &str) -> Vec<(String, String)> {
    vec![("explicitlyDeniedProcess".to_owned(), name.to_owned())]
}

/// Text of an output.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Puts a script in a folder.
pub fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    std::fs::write(&path, body).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}
