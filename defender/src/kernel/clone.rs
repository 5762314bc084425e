//! Forks the app. Between the fork and the exec only async-signal-safe calls are made, on memory that was prepared.

use super::check;
use super::signals::{Dispositions, Mask};
use std::ffi::{CString, c_char};
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::AsRawFd;

unsafe extern "C" {
    /// Our environment, exactly as we got it.
    static environ: *const *const c_char;
}

/// A program with its arguments. Its environment is ours.
#[derive(Debug)]
pub struct Image {
    path: CString,
    argv: Vec<CString>,
}

impl Image {
    /// What to run.
    #[must_use]
    pub fn new(path: CString, argv: Vec<CString>) -> Self {
        Self { path, argv }
    }
}

/// A forked app that waits for [`Held::release`].
#[derive(Debug)]
pub struct Held {
    /// Its process id.
    pub pid: i32,
    go: PipeWriter,
    failure: PipeReader,
}

/// An app that was released: reads the error of its exec, if there was one.
#[derive(Debug)]
pub struct Released(PipeReader);

impl Held {
    /// Lets the app become its program.
    ///
    /// # Errors
    /// When the app is gone already.
    pub fn release(self) -> io::Result<Released> {
        io::Write::write_all(&mut &self.go, b"g")?;
        Ok(Released(self.failure))
    }

    /// The descriptor that the app reads its go from, by number, in the app as well as here.
    #[must_use]
    pub fn probe(&self) -> i32 {
        self.failure.as_raw_fd()
    }
}

impl Released {
    /// Why the exec failed, if it did. Only to be asked when the app has ended, since it waits for one or the other.
    #[must_use]
    pub fn failure(mut self) -> Option<io::Error> {
        let mut errno = [0u8; 4];
        self.0.read_exact(&mut errno).ok()?;
        Some(io::Error::from_raw_os_error(i32::from_ne_bytes(errno)))
    }
}

fn pointers(list: &[CString]) -> Vec<*const c_char> {
    list.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
}

/// Forks, from the calling thread and with its filter. The child waits, then gets a session of its own (or the
/// terminal's foreground, when there is one), the given signal dispositions and mask, and becomes the program.
///
/// # Errors
/// When no process or no pipe can be made.
pub fn fork(image: &Image, dispositions: Dispositions, mask: &Mask) -> io::Result<Held> {
    let argv = pointers(&image.argv);
    let (go_reader, go) = io::pipe()?;
    let (failure, failure_writer) = io::pipe()?;
    let wait_on = go_reader.as_raw_fd();
    let complain_to = failure_writer.as_raw_fd();
    let keep = go.as_raw_fd();
    // SAFETY: a plain fork: the child has a copy of our memory and of this thread only. It calls nothing that
    // allocates or takes a lock.
    let pid = check(unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) })? as i32;
    if pid == 0 {
        // SAFETY: the pointers are into memory that this process now owns a copy of and never changes.
        unsafe { child(wait_on, keep, complain_to, dispositions, mask, image.path.as_ptr(), argv.as_ptr()) }
    }
    Ok(Held { pid, go, failure })
}

/// # Safety
/// Must run in a process that has only the calling thread; the arrays end with a null pointer.
unsafe fn child(
    wait_on: i32,
    keep: i32,
    complain_to: i32,
    dispositions: Dispositions,
    mask: &Mask,
    path: *const c_char,
    argv: *const *const c_char,
) -> ! {
    // SAFETY: system calls on numbers and on a local byte.
    unsafe {
        // Our own copy of the writing end would hide that the supervisor died.
        libc::close(keep);
        let mut byte = 0u8;
        loop {
            let got = libc::read(wait_on, (&raw mut byte).cast(), 1);
            if got == 1 {
                break;
            }
            if got == 0 || *libc::__errno_location() != libc::EINTR {
                libc::_exit(125);
            }
        }
        // As PID 1 the bare app would be alone in its process group. With a terminal, it must be the foreground group
        // to read from it; SIGTTOU is blocked by the mask we still have.
        if libc::tcgetpgrp(0) >= 0 {
            libc::setpgid(0, 0);
            libc::tcsetpgrp(0, libc::getpid());
        } else {
            libc::setsid();
        }
        dispositions.restore();
        mask.restore();
        libc::execve(path, argv, environ);
        let errno = (*libc::__errno_location()).to_ne_bytes();
        libc::write(complain_to, errno.as_ptr().cast(), errno.len());
        libc::_exit(126)
    }
}
