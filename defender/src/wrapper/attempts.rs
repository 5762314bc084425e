//! One search of `PATH` is one attempt, however many spellings of one denied file it tries.

use super::proc::Process;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A search takes microseconds; what comes later is another attempt.
const WINDOW: Duration = Duration::from_secs(1);

/// Processes that are remembered at most.
const MOST: usize = 1024;

#[derive(Debug)]
struct Attempt {
    process: Process,
    image: String,
    target: String,
    spellings: Vec<Vec<u8>>,
    since: Instant,
}

/// Denied attempts of the recent past.
#[derive(Debug, Default)]
pub struct Attempts(HashMap<i32, Attempt>);

impl Attempts {
    /// Whether this is a new attempt: of another process or program image, at another file, or at a spelling that was
    /// tried before.
    pub fn is_new(
        &mut self,
        process: &Process,
        image: &str,
        target: &str,
        spelling: &[u8],
        now: Instant,
    ) -> bool {
        if self.0.len() >= MOST {
            self.0.retain(|_, attempt| now.duration_since(attempt.since) < WINDOW);
        }
        if let Some(last) = self.0.get_mut(&process.pid)
            && last.process == *process
            && last.image == image
            && last.target == target
            && now.duration_since(last.since) < WINDOW
            && !last.spellings.iter().any(|tried| tried == spelling)
        {
            last.spellings.push(spelling.to_vec());
            return false;
        }
        let attempt = Attempt {
            process: process.clone(),
            image: image.to_owned(),
            target: target.to_owned(),
            spellings: vec![spelling.to_vec()],
            since: now,
        };
        self.0.insert(process.pid, attempt);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_search_is_one_attempt() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        let shell = Process { pid: 7, start: 1 };
        let mut is_new = |process: &Process, target: &str, spelling: &str, at: Instant| {
            attempts.is_new(process, "/bin/dash", target, spelling.as_bytes(), at)
        };
        assert!(is_new(&shell, "/usr/bin/mkdir", "/usr/bin/mkdir", now));
        assert!(!is_new(&shell, "/usr/bin/mkdir", "/bin/mkdir", now), "the same file by another way");
        assert!(is_new(&shell, "/usr/bin/mkdir", "/usr/bin/mkdir", now), "the same words again");
        assert!(is_new(&shell, "/usr/bin/rmdir", "/bin/rmdir", now), "another file");
        assert!(
            is_new(&Process { pid: 7, start: 2 }, "/usr/bin/rmdir", "/usr/bin/rmdir", now),
            "a number used again"
        );
        assert!(is_new(&Process { pid: 7, start: 2 }, "/usr/bin/rmdir", "/bin/rmdir", now + WINDOW), "later");
    }
}
