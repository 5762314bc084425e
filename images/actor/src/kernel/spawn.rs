//! The ways a program is started.

use super::child::{self, Exec, Plan, REPORT_ERRNO, REPORT_LENGTH, REPORT_PID, STACK};
use super::low::Low;
use super::{Process, Program};
use proofhouse_protocol::actor::Spawn;
use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::ptr;

/// The three standard descriptors of the program.
pub struct Stdio {
    /// Standard input.
    pub stdin: OwnedFd,
    /// Standard output.
    pub stdout: OwnedFd,
    /// Standard error.
    pub stderr: OwnedFd,
}

/// A program on its way to its exec.
pub struct Started {
    process: Process,
    /// Ends when the exec has happened; a report before says why it has not.
    exec: Option<PipeReader>,
}

impl Started {
    /// The process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Readable when the exec has happened or failed; `None` once that is known.
    pub fn pending(&self) -> Option<BorrowedFd<'_>> {
        self.exec.as_ref().map(AsFd::as_fd)
    }

    /// Waits for the exec: `Some` is the error of an exec that failed.
    pub fn exec_error(&mut self) -> io::Result<Option<io::Error>> {
        match self.exec.take().map(|mut exec| read_report(&mut exec)).transpose()?.flatten() {
            Some((REPORT_ERRNO, errno)) => Ok(Some(io::Error::from_raw_os_error(errno))),
            Some(_) | None => Ok(None),
        }
    }
}

/// Starts the program. An error means that no process was made; an exec that fails shows in [`Started::exec_error`].
pub fn spawn(program: &Program, stdio: Stdio, way: Spawn) -> io::Result<Started> {
    if way == Spawn::PosixSpawn {
        return posix_spawn(program, &stdio);
    }
    let descriptor = match way {
        Spawn::ExecveAt => Some(open_path(&program.directory, libc::O_DIRECTORY)?),
        Spawn::Fexecve => Some(open_path(&program.absolute, 0)?),
        Spawn::Memory => Some(in_memory(&program.absolute)?),
        _ => None,
    };
    let low = (way == Spawn::Interrupt).then(|| Low::of(program)).transpose()?;
    let empty = CString::default();
    let (argv, envp) = (program.argv(), program.envp());
    // Rounded to 16 bytes, as the ABI wants a stack to be.
    let mut stack = vec![0_u128; STACK / 16];
    let (mut exec, report) = io::pipe()?;
    let (go_reader, go_writer) = io::pipe()?;
    let plan = Plan {
        exec: match way {
            Spawn::ExecveAt => Exec::At,
            Spawn::Fexecve | Spawn::Memory => Exec::Descriptor,
            Spawn::Interrupt => Exec::Interrupt,
            Spawn::Thread => Exec::SecondThread,
            _ => Exec::Path,
        },
        path: program.path.as_ptr(),
        argv: argv.as_ptr(),
        envp: envp.as_ptr(),
        name: if matches!(way, Spawn::Fexecve | Spawn::Memory) {
            empty.as_ptr()
        } else {
            program.name.as_ptr()
        },
        low: low.as_ref().map(Low::exec).unwrap_or_default(),
        cwd: program.cwd.as_ref().map_or(ptr::null(), |cwd| cwd.as_ptr()),
        descriptor: descriptor.as_ref().map_or(-1, AsRawFd::as_raw_fd),
        stdio: [stdio.stdin.as_raw_fd(), stdio.stdout.as_raw_fd(), stdio.stderr.as_raw_fd()],
        report: report.as_raw_fd(),
        go: go_reader.as_raw_fd(),
        stack: stack.as_mut_ptr_range().end.cast(),
        daemon: way == Spawn::Daemon,
    };
    let pid = give_birth(&plan, way == Spawn::Vfork)?;
    drop((report, stdio, go_reader));
    let child = Process::open(pid)?;
    if way != Spawn::Daemon {
        return Ok(Started { process: child, exec: Some(exec) });
    }
    // The first child ends as soon as it has forked the second.
    child.wait();
    match read_report(&mut exec)? {
        Some((REPORT_PID, pid)) => {
            let process = Process::open(pid)?;
            (&go_writer).write_all(&[1])?;
            Ok(Started { process, exec: Some(exec) })
        }
        Some((_, errno)) => Err(io::Error::from_raw_os_error(errno)),
        None => Err(io::Error::other("the first child of the daemon ended without a report")),
    }
}

/// Forks with all signals blocked, so that no handler of the actor runs in the child.
fn give_birth(plan: &Plan, vfork: bool) -> io::Result<i32> {
    let mut vfork_stack = if vfork { vec![0_u128; STACK / 16] } else { Vec::new() };
    // SAFETY: the plan and its strings outlive the exec or live on in the child's copy; the child calls only
    // `become_program`; the signal sets are initialised by the calls that fill them.
    unsafe {
        let (mut all, mut before): (libc::sigset_t, libc::sigset_t) =
            (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        let (pid, error) = if vfork {
            let result = child::vfork(plan, vfork_stack.as_mut_ptr_range().end.cast());
            (i32::try_from(result).unwrap_or(-1), io::Error::from_raw_os_error(-result as i32))
        } else {
            let pid = libc::fork();
            if pid == 0 {
                child::become_program(plan);
            }
            (pid, io::Error::last_os_error())
        };
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut());
        if pid > 0 { Ok(pid) } else { Err(error) }
    }
}

fn posix_spawn(program: &Program, stdio: &Stdio) -> io::Result<Started> {
    let (argv, envp) = (program.argv(), program.envp());
    let mut pid = 0;
    // SAFETY: actions and attributes are initialised before use and destroyed after; strings and vectors outlive the
    // call, which returns when the child has executed its program or failed to.
    let error = unsafe {
        let mut actions = std::mem::zeroed();
        let mut attributes = std::mem::zeroed();
        libc::posix_spawn_file_actions_init(&raw mut actions);
        libc::posix_spawnattr_init(&raw mut attributes);
        for (target, source) in [&stdio.stdin, &stdio.stdout, &stdio.stderr].into_iter().enumerate() {
            libc::posix_spawn_file_actions_adddup2(&raw mut actions, source.as_raw_fd(), target as i32);
        }
        if let Some(cwd) = &program.cwd {
            libc::posix_spawn_file_actions_addchdir_np(&raw mut actions, cwd.as_ptr());
        }
        let mut signals: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut signals);
        libc::posix_spawnattr_setsigmask(&raw mut attributes, &raw const signals);
        libc::sigfillset(&raw mut signals);
        libc::posix_spawnattr_setsigdefault(&raw mut attributes, &raw const signals);
        let flags = libc::POSIX_SPAWN_SETSIGMASK | libc::POSIX_SPAWN_SETSIGDEF;
        libc::posix_spawnattr_setflags(&raw mut attributes, flags as libc::c_short);
        let error = libc::posix_spawn(
            &raw mut pid,
            program.path.as_ptr(),
            &raw const actions,
            &raw const attributes,
            argv.as_ptr().cast(),
            envp.as_ptr().cast(),
        );
        libc::posix_spawn_file_actions_destroy(&raw mut actions);
        libc::posix_spawnattr_destroy(&raw mut attributes);
        error
    };
    match error {
        0 => Ok(Started { process: Process::open(pid)?, exec: None }),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

fn open_path(path: &Path, flags: i32) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_PATH | flags).open(path)
}

/// A copy of a program that no folder has.
fn in_memory(path: &Path) -> io::Result<File> {
    // SAFETY: the name ends with a zero byte.
    let file = unsafe { libc::memfd_create(c"innocent".as_ptr(), libc::MFD_CLOEXEC) };
    if file < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just made it for us.
    let mut file = File::from(unsafe { OwnedFd::from_raw_fd(file) });
    let mut program = File::open(path)?;
    // What may not be run may not be run from memory, either.
    file.set_permissions(program.metadata()?.permissions())?;
    io::copy(&mut program, &mut file)?;
    Ok(file)
}

/// The next report of a child, `None` when its end of the pipe was closed, by the exec or by its death.
fn read_report(pipe: &mut PipeReader) -> io::Result<Option<(i32, i32)>> {
    let mut bytes = [0_u8; REPORT_LENGTH];
    match pipe.read_exact(&mut bytes) {
        Ok(()) => {
            let (about, value) = bytes.split_at(4);
            let number =
                |bytes: &[u8]| i32::from_ne_bytes(bytes.try_into().expect("half of a report is four bytes"));
            Ok(Some((number(about), number(value))))
        }
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
