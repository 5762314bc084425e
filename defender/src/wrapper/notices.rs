//! What the Defender cannot do for an app, or refuses without a rule: told once, on the container's standard error, where who looks
//! for a reason looks first.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// A program that another tracer follows was judged by what could be seen before it ran.
    TracedByAnother,
    /// A program would have more rights without the Defender.
    RightsNotGained {
        /// Its path.
        program: String,
    },
    /// `io_uring_setup`.
    NoRing,
    /// A call of another architecture's, or of the x32 interface.
    ForeignCall,
    /// A seccomp listener of the app's own.
    NoOtherListener,
    /// `MSG_ZEROCOPY`.
    NoZeroCopy,
    /// `MSG_FASTOPEN`.
    NoFastOpen,
    /// So many calls wait that one had to end.
    TooManyWait,
    /// The socket of a process that hid itself.
    HiddenProcess,
    /// A process that makes files hid itself.
    HiddenWriter,
    /// What was written cannot be looked at.
    FilesNotSeen,
    /// A socket that is bound to a device, and may not be bound to another.
    BoundToDevice,
    /// Connections to DNS servers from before there was a rule on names.
    ConnectionEnded,
    /// The app ended soon after its start, as one does that insists on being process 1.
    EndedEarly {
        /// Exit code.
        code: i32,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TracedByAnother => f.write_str(
                "a program is traced by another tracer than the Defender: what it starts is judged by what is seen before it runs",
            ),
            Self::RightsNotGained { program } => write!(
                f,
                "{program} is setuid, setgid or has file capabilities, which give no rights under the Defender (no_new_privs)"
            ),
            Self::NoRing => f.write_str("io_uring is not available under the Defender (ENOSYS)"),
            Self::ForeignCall => f.write_str(
                "system calls of 32-bit programs and of the x32 interface are not available under the Defender (ENOSYS)",
            ),
            Self::NoOtherListener => f.write_str(
                "a seccomp filter with a listener of its own is not available under the Defender, which has one (EBUSY)",
            ),
            Self::NoZeroCopy => f.write_str("MSG_ZEROCOPY is not available for datagrams under the Defender (ENOBUFS)"),
            Self::NoFastOpen => f.write_str("MSG_FASTOPEN is not available under the Defender (EOPNOTSUPP)"),
            Self::TooManyWait => f.write_str(
                "too many calls wait for their sockets at once: one has ended early (ENOBUFS, EAGAIN or EALREADY)",
            ),
            Self::HiddenProcess => f.write_str(
                "a process that is not dumpable cannot be looked into by a Defender that is not root: its calls on sockets are refused (EPERM)",
            ),
            Self::HiddenWriter => f.write_str(
                "a process that is not dumpable cannot be looked into by a Defender that is not root: its files are refused (EPERM)",
            ),
            Self::FilesNotSeen => f.write_str(
                "not all that is written can be looked at: a folder may not be read, or too many are watched (inotify)",
            ),
            Self::BoundToDevice => f.write_str(
                "a socket that is bound to a network device could not be led to the Defender without NET_RAW: its connection to a DNS server was refused (EPERM)",
            ),
            Self::ConnectionEnded => {
                f.write_str("connections to DNS servers from before there was a rule on names were ended")
            }
            Self::EndedEarly { code } => write!(
                f,
                "the app ended with {code} soon after its start. Under the Defender it is not process 1, on which s6-overlay and some other inits insist; such images cannot be protected"
            ),
        }
    }
}

#[derive(Debug)]
struct Told {
    before: BTreeSet<Notice>,
    say: Option<Sender<Notice>>,
    done: Receiver<()>,
}

/// Tells each notice once.
#[derive(Debug)]
pub struct Notices(Mutex<Told>);

impl Default for Notices {
    fn default() -> Self {
        let (say, said) = channel::<Notice>();
        let (end, done) = channel();
        // A reader that does not read must not hold up who decides.
        let writer = thread::Builder::new().name("notices".to_owned()).spawn(move || {
            for notice in said {
                let _ = writeln!(std::io::stderr(), "defender: {notice}");
            }
            drop(end);
        });
        let say = writer.is_ok().then_some(say);
        Self(Mutex::new(Told { before: BTreeSet::new(), say, done }))
    }
}

impl Notices {
    /// Different notices at most: an app can have many programs.
    const MOST: usize = 32;

    /// Tells it, if it was not told before.
    pub fn tell(&self, notice: Notice) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.before.len() < Self::MOST && told.before.insert(notice.clone()) {
            let _ = told.say.as_ref().map(|say| say.send(notice));
        }
    }

    /// Nothing more is told; waits until all is written, for so long.
    pub fn finish(&self, limit: Duration) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.say = None;
        let _ = told.done.recv_timeout(limit);
    }
}
