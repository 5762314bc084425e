//! Calls of the app that wait for their socket: one thread for all of them, however many there are.
//!
//! Each is tried again when its own socket is ready, so none waits for another.

use crate::kernel::files;
use crate::kernel::signals::{self, Pending};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Calls that wait at once at most: each holds a descriptor.
pub const MOST: usize = 256;

/// How soon it is noticed that a caller is gone, or has a signal.
const LOOK_AROUND: Duration = Duration::from_millis(20);

/// A call that waits.
pub trait Call: Send + std::fmt::Debug {
    /// What it waits for.
    fn socket(&self) -> BorrowedFd<'_>;
    /// Until when: until that can be written to.
    fn events(&self) -> i16 {
        libc::POLLOUT
    }
    /// When its own limit is over, if it has one.
    fn deadline(&self) -> Option<Instant>;
    /// Whether its caller still waits.
    fn is_wanted(&self) -> bool;
    /// Whose call it is.
    fn thread(&self) -> i32;
    /// Tries again; true when it is answered.
    fn go_on(&mut self) -> bool;
    /// Its limit is over; answers.
    fn give_up(&mut self);
    /// Its caller has a signal to take, for which a bare call would end; answers.
    fn interrupt(&mut self, pending: Pending);
    /// Its caller waits no more.
    fn abandon(&mut self) {}
}

#[derive(Debug, Default)]
struct Calls {
    arriving: Vec<Box<dyn Call>>,
    /// Arriving, and in the thread.
    all: usize,
}

/// All calls that wait.
#[derive(Debug)]
pub struct Waiting {
    calls: Mutex<Calls>,
    wake: PipeWriter,
}

impl Waiting {
    /// Starts the thread.
    ///
    /// # Errors
    /// When no thread or no pipe can be made.
    pub fn start() -> io::Result<Arc<Self>> {
        let (woken, wake) = io::pipe()?;
        let waiting = Arc::new(Self { calls: Mutex::default(), wake });
        let own = Arc::clone(&waiting);
        thread::Builder::new().name("waiting".to_owned()).spawn(move || own.serve(woken))?;
        Ok(waiting)
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a call, or gives it back when too many wait.
    ///
    /// # Errors
    /// The call itself.
    pub fn enter(&self, call: Box<dyn Call>) -> Result<(), Box<dyn Call>> {
        let mut calls = self.calls();
        if calls.all >= MOST {
            return Err(call);
        }
        calls.all += 1;
        calls.arriving.push(call);
        // There is room for more bytes than calls can wait.
        let _ = (&self.wake).write_all(&[0]);
        Ok(())
    }

    fn serve(&self, mut woken: PipeReader) {
        let mut waiting: Vec<Box<dyn Call>> = Vec::new();
        loop {
            let sockets: Vec<_> = waiting.iter().map(|call| (call.socket(), call.events())).collect();
            let limit = limit(&waiting);
            let Ok((woke, ready)) = files::ready(&woken, &sockets, limit) else {
                thread::sleep(LOOK_AROUND);
                continue;
            };
            let mut ready = ready.into_iter();
            let now = Instant::now();
            waiting.retain_mut(|call| {
                let ready = ready.next().unwrap_or(false);
                if !call.is_wanted() {
                    call.abandon();
                    return false;
                }
                if ready && call.go_on() {
                    return false;
                }
                if call.deadline().is_some_and(|deadline| deadline <= now) {
                    call.give_up();
                    return false;
                }
                match signals::pending(call.thread()) {
                    Some(pending) => call.interrupt(pending),
                    None => return true,
                }
                false
            });
            if woke {
                let _ = woken.read(&mut [0; MOST]);
            }
            let mut calls = self.calls();
            waiting.append(&mut calls.arriving);
            calls.all = waiting.len();
        }
    }
}

/// How long nothing has to be done; for ever when nobody waits.
fn limit(waiting: &[Box<dyn Call>]) -> Option<Duration> {
    let now = Instant::now();
    let left =
        waiting.iter().filter_map(|call| call.deadline()).map(|end| end.saturating_duration_since(now));
    (!waiting.is_empty()).then(|| left.fold(LOOK_AROUND, Duration::min))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};

    const DEADLINE: Duration = Duration::from_secs(30);

    #[derive(Debug)]
    struct Probe {
        name: usize,
        socket: UnixStream,
        deadline: Option<Instant>,
        wanted: Arc<AtomicBool>,
        answers: Sender<(usize, &'static str)>,
    }

    impl Call for Probe {
        fn socket(&self) -> BorrowedFd<'_> {
            self.socket.as_fd()
        }
        fn deadline(&self) -> Option<Instant> {
            self.deadline
        }
        fn is_wanted(&self) -> bool {
            self.wanted.load(Ordering::SeqCst)
        }
        fn go_on(&mut self) -> bool {
            self.answers.send((self.name, "sent")).unwrap();
            true
        }
        fn give_up(&mut self) {
            self.answers.send((self.name, "late")).unwrap();
        }
        fn thread(&self) -> i32 {
            std::process::id() as i32
        }
        fn interrupt(&mut self, _: Pending) {
            self.answers.send((self.name, "interrupted")).unwrap();
        }
    }

    struct Rig {
        waiting: Arc<Waiting>,
        wanted: Arc<AtomicBool>,
        say: Sender<(usize, &'static str)>,
        said: Receiver<(usize, &'static str)>,
    }

    impl Rig {
        fn new() -> Self {
            let (say, said) = channel();
            Self { waiting: Waiting::start().unwrap(), wanted: Arc::new(AtomicBool::new(true)), say, said }
        }

        /// A call on a socket without room; the other end makes room when it is read.
        fn call(&self, name: usize, limit: Option<Duration>) -> (Box<dyn Call>, UnixStream) {
            let (socket, other) = UnixStream::pair().unwrap();
            socket.set_nonblocking(true).unwrap();
            while (&socket).write(&[0; 4096]).is_ok() {}
            let (deadline, answers) = (limit.map(|limit| Instant::now() + limit), self.say.clone());
            let probe = Probe { name, socket, deadline, wanted: Arc::clone(&self.wanted), answers };
            (Box::new(probe), other)
        }
    }

    fn empty(mut socket: &UnixStream) {
        socket.set_nonblocking(true).unwrap();
        while matches!(socket.read(&mut [0; 65_536]), Ok(1..)) {}
    }

    #[test]
    fn each_goes_on_when_its_own_socket_is_ready_and_none_waits_for_another() {
        let rig = Rig::new();
        let mut others = Vec::new();
        for name in 0..MOST {
            let (call, other) = rig.call(name, None);
            assert!(rig.waiting.enter(call).is_ok());
            others.push(other);
        }
        assert!(rig.waiting.enter(rig.call(MOST, None).0).is_err(), "the caller has to do something else");
        for name in (0..MOST).rev() {
            empty(&others[name]);
            assert_eq!(rig.said.recv_timeout(DEADLINE), Ok((name, "sent")));
        }
        let (call, other) = rig.call(1, None);
        empty(&other);
        let mut call = Some(call);
        let began = Instant::now();
        // The last answer is out a moment before its place is free.
        while let Some(Err(back)) = call.take().map(|call| rig.waiting.enter(call)) {
            assert!(began.elapsed() < DEADLINE);
            call = Some(back);
        }
        assert_eq!(rig.said.recv_timeout(DEADLINE), Ok((1, "sent")));
    }

    #[test]
    fn a_call_has_its_own_limit() {
        let rig = Rig::new();
        let (long, _one) = rig.call(1, Some(DEADLINE * 2));
        let (short, _other) = rig.call(2, Some(Duration::from_millis(20)));
        assert!(rig.waiting.enter(long).is_ok() && rig.waiting.enter(short).is_ok());
        assert_eq!(rig.said.recv_timeout(DEADLINE), Ok((2, "late")));
    }

    #[test]
    fn a_caller_that_is_gone_leaves_no_place_taken() {
        let rig = Rig::new();
        let others: Vec<_> = (0..MOST)
            .map(|name| {
                let (call, other) = rig.call(name, None);
                assert!(rig.waiting.enter(call).is_ok());
                other
            })
            .collect();
        rig.wanted.store(false, Ordering::SeqCst);
        let began = Instant::now();
        while rig.waiting.enter(rig.call(MOST, None).0).is_err() {
            assert!(began.elapsed() < DEADLINE);
        }
        assert!(rig.said.try_recv().is_err(), "nobody is answered");
        drop(others);
    }
}
