//! Calls that were carried out, and whose callers never heard of it.
//!
//! Where the kernel lets a signal end the wait for an answer, it begins the call anew behind the handler, or the caller does. What
//! was done must not be done again then: the same call with the same content gets the answer that nobody heard.

use super::proc::Process;
use crate::kernel::seccomp::{Notification, Reply};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Threads that are remembered at most; a thread that comes again does so at once.
const MOST: usize = 1024;

/// What a call is about, beyond its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content(u64);

impl Content {
    /// Of what was copied from the caller.
    #[must_use]
    pub fn of(copied: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        copied.hash(&mut hasher);
        Self(hasher.finish())
    }
}

#[derive(Debug)]
struct Unheard {
    thread: Process,
    number: libc::c_long,
    args: [u64; 6],
    content: Content,
    reply: Reply,
}

/// Calls of the recent past, the last of each thread.
#[derive(Debug, Default)]
pub struct Carried(Mutex<HashMap<i32, Unheard>>);

impl Carried {
    fn table(&self) -> MutexGuard<'_, HashMap<i32, Unheard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call was carried out, and this answer reached nobody.
    pub fn unheard(&self, call: &Notification, content: Content, reply: Reply) {
        // Who is gone does not come again.
        let Ok(thread) = Process::of(call.thread) else { return };
        let mut table = self.table();
        if table.len() >= MOST {
            table.clear();
        }
        let (number, args) = (call.number, call.args);
        table.insert(call.thread, Unheard { thread, number, args, content, reply });
    }

    /// The answer to a call that comes again. Whatever else a thread does, it does not come again with what it did before.
    #[must_use]
    pub fn answer(&self, call: &Notification, content: Content) -> Option<Reply> {
        let last = self.table().remove(&call.thread)?;
        let same = (last.number, last.args, last.content) == (call.number, call.args, content);
        (same && Process::of(call.thread).is_ok_and(|thread| thread == last.thread)).then_some(last.reply)
    }

    /// A thread does something else.
    pub fn forget(&self, thread: i32) {
        self.table().remove(&thread);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(args: u64) -> Notification {
        let thread = std::process::id() as i32;
        Notification { id: 1, thread, number: libc::SYS_sendto, args: [args; 6], foreign: false }
    }

    #[test]
    fn the_same_call_is_answered_once_and_no_other() {
        let carried = Carried::default();
        let (one, other) = (Content::of(&"one"), Content::of(&"other"));
        assert_eq!(carried.answer(&call(1), one), None);
        carried.unheard(&call(1), one, Reply::Value(3));
        assert_eq!(carried.answer(&call(1), one), Some(Reply::Value(3)));
        assert_eq!(carried.answer(&call(1), one), None, "a caller that was answered sends again");
        carried.unheard(&call(1), one, Reply::Value(3));
        assert_eq!(carried.answer(&call(1), other), None, "other data in the same place");
        assert_eq!(carried.answer(&call(1), one), None, "something else came in between");
        carried.unheard(&call(1), one, Reply::Value(3));
        assert_eq!(carried.answer(&call(2), one), None);
        carried.unheard(&call(1), one, Reply::Value(3));
        carried.forget(call(1).thread);
        assert_eq!(carried.answer(&call(1), one), None);
    }
}
