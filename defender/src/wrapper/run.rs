//! The life of a wrapper: attach, start the app, follow it, end with it.

use super::carried::Carried;
use super::connect;
use super::desk::Desk;
use super::forwarder;
use super::notices::Notice;
use super::proc;
use super::program::{self, ProgramError};
use super::report::Identity;
use super::supervisor::Supervisor;
use super::waiting::Waiting;
use super::watch::{self, End};
use super::written::Written;
use crate::hub::{self, Attach, Client, Commands, Outbox};
use crate::kernel::clone::{self, Held, Image, Released};
use crate::kernel::seccomp::{self, Listener};
use crate::kernel::signals::{self, Children, Dispositions, Mask};
use crate::kernel::{files, memory, process, ptrace};
use jiff::Timestamp;
use std::env;
use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long an app waits for its first policy. Then it starts without one, and what it does is governed from the moment
/// the policy comes (declared choice: a Console that is away must not keep apps down).
const FIRST_POLICY: Duration = Duration::from_secs(10);

/// How long the end of an app may be held up by audits that are on their way.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// An app that ends within this has not come to work.
const EARLY: Duration = Duration::from_secs(5);

/// Why no app was started, or how it failed to start.
#[derive(Debug, thiserror::Error)]
pub enum WrapperError {
    /// No arguments.
    #[error("nothing to run; give the entry point of the container and its arguments")]
    NothingToRun,
    /// The program is not there, or not one.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The kernel refused the program.
    #[error("entry point {path:?}: {source}")]
    Exec {
        /// Resolved path.
        path: PathBuf,
        /// `ENOEXEC` and the like.
        source: io::Error,
    },
    /// What protects the app is not permitted here.
    #[error(
        "{what} is not permitted: {source}; the app was not started, since it would be unprotected. Add SYS_PTRACE to linuxParameters.capabilities.add of the container"
    )]
    NotPermitted {
        /// Which mechanism.
        what: &'static str,
        /// What the kernel says.
        source: io::Error,
    },
    /// Anything else of the system.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the kernel says.
        source: io::Error,
    },
}

impl WrapperError {
    /// Exit code: 127 not found, 126 not executable, 125 for the Defender's own failures.
    #[must_use]
    pub fn code(&self) -> i32 {
        match self {
            Self::Program(ProgramError::NotFound(_) | ProgramError::Relative(_)) => 127,
            Self::Program(ProgramError::NotExecutable(_)) | Self::Exec { .. } => 126,
            Self::NothingToRun | Self::NotPermitted { .. } | Self::System { .. } => 125,
        }
    }
}

fn system(what: &'static str) -> impl FnOnce(io::Error) -> WrapperError {
    move |source| WrapperError::System { what, source }
}

/// Runs an app under the Defender, and answers its exit code.
///
/// # Errors
/// See [`WrapperError`].
pub fn run(argv: Vec<OsString>) -> Result<i32, WrapperError> {
    let name = argv.first().ok_or(WrapperError::NothingToRun)?;
    let path = program::find(name, env::var_os("PATH").as_deref())?;
    let dispositions = Dispositions::take();
    let mask = signals::block().map_err(system("block signals"))?;
    let children = Children::watch().map_err(system("watch the app"))?;
    process::become_subreaper();
    let (supervisor, commands) = attach()?;
    let for_signals = Arc::clone(&supervisor);
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || forward_signals(&for_signals))
        .map_err(system("start a thread"))?;
    let addresses =
        forwarder::start(Arc::clone(&supervisor)).map_err(system("listen for DNS on loopback"))?;
    let waiting = Waiting::start().map_err(system("start a thread"))?;
    look_at_files(&supervisor, &commands).map_err(system("start a thread"))?;
    let _ = commands.wait(FIRST_POLICY);

    let (listener, held) = start_held(image(&path, argv)?, dispositions, mask, supervisor.written.is_some())?;
    supervisor.set_main(held.pid);
    secure(&held).inspect_err(|_| {
        let _ = signals::send(held.pid, libc::SIGKILL);
    })?;
    let supervisor_of_desk = Arc::clone(&supervisor);
    let desk = Arc::new(Desk {
        supervisor: supervisor_of_desk,
        listener,
        forwarder: addresses,
        waiting,
        carried: Carried::default(),
    });
    let own = Arc::clone(&desk);
    commands.when_names_are_governed(move || connect::take_over(&own));
    let began = Instant::now();
    let released = held.release().map_err(system("start the app"))?;
    let end = watch::watch(&desk, &children);
    end_everything();
    if let Some(notice) = ended_early(&path, began.elapsed(), end) {
        supervisor.notices.tell(notice);
    }
    supervisor.look_at_written();
    supervisor.notices.finish(LAST_WORDS);
    supervisor.outbox.drain(LAST_WORDS);
    finish(path, released, end)
}

/// Whether the task was embedded with file system monitoring; the same word for the sidecar [AEFS].
fn monitors_files() -> bool {
    env::var(hub::MONITORING).is_ok_and(|word| word == "true")
}

/// Looks at what is written when it is closed, and before any fence.
fn look_at_files(supervisor: &Arc<Supervisor>, commands: &Commands) -> io::Result<()> {
    if supervisor.written.is_none() {
        return Ok(());
    }
    let own = Arc::clone(supervisor);
    commands.before_each_fence(move || own.look_at_written());
    let own = Arc::clone(supervisor);
    thread::Builder::new().name("files".to_owned()).spawn(move || {
        while let Some(written) = &own.written
            && files::ready(written, &[], None).is_ok()
        {
            written.look(&own);
        }
    })?;
    Ok(())
}

/// A hint where the app seems to have missed being process 1, which bare it would have been.
fn ended_early(path: &Path, after: Duration, end: End) -> Option<Notice> {
    /// What inits of the s6 family end with then.
    const NOT_FIRST: i32 = 100;
    const INITS: [&str; 5] = ["init", "s6-svscan", "s6-overlay-suexec", "runit-init", "systemd"];
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let code = end.code();
    let early = process::is_first() && after < EARLY && code != 0;
    (early && (code == NOT_FIRST || INITS.contains(&name))).then_some(Notice::EndedEarly { code })
}

fn finish(path: PathBuf, released: Released, end: End) -> Result<i32, WrapperError> {
    match released.failure() {
        Some(source) => Err(WrapperError::Exec { path, source }),
        None => Ok(end.code()),
    }
}

/// The end of PID 1 is the end of its container. Where we are not PID 1 (`pidMode: task`), nothing else would end what
/// the app left behind, and without us its system calls would fail.
fn end_everything() {
    if process::is_first() {
        return;
    }
    loop {
        let left = proc::descendants();
        if left.is_empty() {
            return;
        }
        for pid in left {
            let _ = signals::send(pid, libc::SIGKILL);
        }
        while ptrace::next().is_some() {}
        thread::yield_now();
    }
}

/// Opens the hub, which lies beside our own program in the shared volume.
fn attach() -> Result<(Arc<Supervisor>, Arc<Commands>), WrapperError> {
    let own = env::current_exe().map_err(system("find our own program"))?;
    let folder = own.parent().map_or_else(|| PathBuf::from(hub::FOLDER), PathBuf::from);
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let identity = Identity { container: variable("TW_CONTAINER_NAME"), image: variable("TW_IMAGE_NAME") };
    let token: [u8; 16] = process::random().map_err(system("get random bytes"))?;
    let attach = Attach {
        wrapper: token.iter().map(|byte| format!("{byte:02x}")).collect(),
        container: identity.container.clone(),
        image: identity.image.clone(),
        start_time: Timestamp::now().to_string(),
    };
    let (commands, outbox) = (Arc::new(Commands::default()), Arc::new(Outbox::default()));
    Client::start(hub::socket(&folder), attach, Arc::clone(&commands), Arc::clone(&outbox))
        .map_err(system("start a thread"))?;
    let written = monitors_files().then(Written::new).transpose().map_err(system("watch files (inotify)"))?;
    Ok((Arc::new(Supervisor::new(Arc::clone(&commands), outbox, identity, written)), commands))
}

fn image(path: &Path, argv: Vec<OsString>) -> Result<Image, WrapperError> {
    let text = |bytes: Vec<u8>| {
        CString::new(bytes)
            .map_err(|error| WrapperError::System { what: "read the arguments", source: error.into() })
    };
    let argv: Result<Vec<_>, _> = argv.into_iter().map(|word| text(word.into_vec())).collect();
    Ok(Image::new(text(path.as_os_str().as_bytes().to_vec())?, argv?))
}

/// Forks the app from a thread that has the filter; no other thread of ours gets it.
fn start_held(
    image: Image,
    dispositions: Dispositions,
    mask: Mask,
    files: bool,
) -> Result<(Listener, Held), WrapperError> {
    let start = move || {
        let listener = seccomp::install(files)
            .map_err(|source| WrapperError::NotPermitted { what: "seccomp user notification", source })?;
        let held = clone::fork(&image, dispositions, &mask).map_err(system("fork the app"))?;
        Ok((listener, held))
    };
    let thread =
        thread::Builder::new().name("start".to_owned()).spawn(start).map_err(system("start a thread"))?;
    thread.join().unwrap_or_else(|_| Err(system("start the app")(io::Error::other("a thread panicked"))))
}

/// Begins to trace, and makes sure that everything the decisions need is permitted.
fn secure(held: &Held) -> Result<(), WrapperError> {
    let refused = |what| move |source| WrapperError::NotPermitted { what, source };
    ptrace::seize(held.pid).map_err(refused("tracing (ptrace)"))?;
    files::Holder::of(held.pid)
        .and_then(|holder| holder.duplicate(held.probe()))
        .map_err(refused("taking sockets over (pidfd_getfd)"))?;
    let known = 0u64;
    memory::read_exact(held.pid, (&raw const known) as u64, 8)
        .map_err(refused("reading the app's memory (process_vm_readv)"))?;
    Ok(())
}

/// Hands signals on to the app. Before there is one, those that end a process end us. Where we are process 1, the app would be it
/// without us: what it does not catch would not reach it, either.
fn forward_signals(supervisor: &Supervisor) {
    loop {
        let signal = signals::next();
        match supervisor.main() {
            0 if ends(signal) => {
                std::process::exit(128 + signal);
            }
            0 => {}
            main if process::is_first() && !signals::is_caught(main, signal) => {}
            main => {
                let _ = signals::send(main, signal);
            }
        }
    }
}

/// Whether a signal would have ended a bare app that has not said what it does with it.
fn ends(signal: i32) -> bool {
    matches!(signal, libc::SIGTERM | libc::SIGINT | libc::SIGQUIT | libc::SIGHUP)
        && !signals::is_ignored(signal)
}
