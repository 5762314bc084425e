//! What `/proc` knows of a process. Any of it may vanish at any moment.

use super::program_file::ProgramFile;
use crate::kernel::memory;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Entry of the auxiliary vector: the path that the program was invoked by.
const AT_EXECFN: u64 = 31;

/// Where a command line is cut; what stands behind is not worth an audit's weight.
const LONGEST_COMMAND: usize = 4096;

/// One process, however often its number is used again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Process {
    /// Process id, not thread id.
    pub pid: i32,
    /// Start, in ticks since boot.
    pub start: u64,
}

/// A file that `/proc` has of a process. One call reads it whole, as only its end makes a read come short there.
fn read(pid: i32, name: &str) -> io::Result<Vec<u8>> {
    let mut file = File::open(format!("/proc/{pid}/{name}"))?;
    let mut text = vec![0; 4096];
    let mut length = 0;
    loop {
        length += file.read(&mut text[length..])?;
        if length < text.len() {
            text.truncate(length);
            return Ok(text);
        }
        text.resize(2 * length, 0);
    }
}

impl Process {
    /// Names the process of that id.
    ///
    /// # Errors
    /// When it is gone.
    pub fn of(pid: i32) -> io::Result<Self> {
        let stat = read(pid, "stat")?;
        let stat = String::from_utf8_lossy(&stat);
        // The name in parentheses may hold anything; the start is the 20th word behind it.
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let start = after.split_whitespace().nth(19).and_then(|word| word.parse().ok());
        Ok(Self { pid, start: start.ok_or_else(|| io::Error::other("no start time in stat"))? })
    }
}

fn status_field(pid: i32, name: &str) -> io::Result<String> {
    let status = read(pid, "status")?;
    let status = String::from_utf8_lossy(&status);
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    value.map(|v| v.trim().to_owned()).ok_or_else(|| io::Error::other(format!("no {name} in status")))
}

/// Who traces a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracer {
    /// We do.
    Us,
    /// Someone else does.
    Another,
    /// Nobody does, or it is gone.
    Nobody,
}

/// Who traces a thread.
#[must_use]
pub fn tracer(thread: i32) -> Tracer {
    match status_field(thread, "TracerPid:") {
        Ok(tracer) if tracer == std::process::id().to_string() => Tracer::Us,
        Ok(tracer) if tracer != "0" => Tracer::Another,
        _ => Tracer::Nobody,
    }
}

/// Every process below our own, children of children included.
#[must_use]
pub fn descendants() -> Vec<i32> {
    let own = std::process::id() as i32;
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let parents: HashMap<i32, i32> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let is_below = |pid: &i32| {
        let mut at = *pid;
        while let Some(parent) = parents.get(&at) {
            if *parent == own {
                return true;
            }
            at = *parent;
        }
        false
    };
    parents.keys().copied().filter(is_below).collect()
}

/// Numbers of the descriptors of a process that are sockets.
#[must_use]
pub fn sockets(pid: i32) -> Vec<i32> {
    let all = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let sockets = all.filter(|entry| {
        fs::read_link(entry.path()).is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
    });
    sockets.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Parent of a process that has not ended.
#[must_use]
pub fn parent(pid: i32) -> Option<i32> {
    let stat = read(pid, "stat").ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    if words.next()? == "Z" { None } else { words.next()?.parse().ok() }
}

/// The program that runs in a process, as a path.
///
/// # Errors
/// When it is gone, or we may not look.
pub fn executable(pid: i32) -> io::Result<String> {
    ProgramFile::of(pid)?.path()
}

/// The name that the program of a process was started by. A program that starts itself again (`/proc/self/exe`, as
/// multi-call programs do) goes by its zeroth argument.
///
/// # Errors
/// When it is gone, or we may not look.
pub fn invoked(pid: i32) -> io::Result<String> {
    let vector = read(pid, "auxv")?;
    let entry = vector.chunks_exact(16).find(|entry| memory::u64_at(entry, 0) == AT_EXECFN);
    let address =
        entry.map(|entry| memory::u64_at(entry, 8)).ok_or_else(|| io::Error::other("no AT_EXECFN"))?;
    let name = String::from_utf8_lossy(&memory::read_string(pid, address)?).into_owned();
    if is_own_executable(&name, pid) {
        return Ok(command(pid).into_iter().next().unwrap_or(name));
    }
    Ok(name)
}

/// Whether a path means "the program that I am".
#[must_use]
pub fn is_own_executable(path: &str, pid: i32) -> bool {
    path == "/proc/self/exe" || path == "/proc/thread-self/exe" || path == format!("/proc/{pid}/exe")
}

/// Argument vector of a process, all of it; empty when unknown.
#[must_use]
pub fn arguments(pid: i32) -> Vec<String> {
    words(&read(pid, "cmdline").unwrap_or_default())
}

/// As [`arguments`], as far as an audit is to have them.
#[must_use]
pub fn command(pid: i32) -> Vec<String> {
    cut(arguments(pid))
}

/// The beginning of an argument vector, as an audit is to have it.
#[must_use]
pub fn cut(mut arguments: Vec<String>) -> Vec<String> {
    let mut room = LONGEST_COMMAND;
    arguments.retain_mut(|word| {
        let there = room > 0;
        let end = (0..=room.min(word.len())).rev().find(|end| word.is_char_boundary(*end));
        word.truncate(end.unwrap_or(0));
        room = room.saturating_sub(word.len() + 1);
        there
    });
    arguments
}

fn words(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let text = text.strip_suffix('\0').unwrap_or(&text);
    if text.is_empty() { Vec::new() } else { text.split('\0').map(str::to_owned).collect() }
}

/// Name of the effective user of a process, or its number where `/etc/passwd` does not know it.
#[must_use]
pub fn user(pid: i32) -> Option<String> {
    let uids = status_field(pid, "Uid:").ok()?;
    let uid = uids.split_whitespace().nth(1)?.to_owned();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(user_name(&passwd, &uid).unwrap_or(&uid).to_owned())
}

fn user_name<'p>(passwd: &'p str, uid: &str) -> Option<&'p str> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then_some(name)
    })
}

/// Whether a thread may give a socket that port: it is none of the privileged ones, or the thread has the right to those.
#[must_use]
pub fn may_bind(thread: i32, port: u16) -> bool {
    const NET_BIND_SERVICE: u64 = 1 << 10;
    const USUAL_START: u16 = 1024;
    let start = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let start = start.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(USUAL_START);
    let rights = || u64::from_str_radix(&status_field(thread, "CapEff:").ok()?, 16).ok();
    port >= start || rights().is_some_and(|rights| rights & NET_BIND_SERVICE != 0)
}

/// Whether a process sees the same root directory as we do.
#[must_use]
pub fn shares_root(pid: i32) -> bool {
    fs::read_link(format!("/proc/{pid}/root")).is_ok_and(|root| root == Path::new("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_is_read_right() {
        let pid = std::process::id() as i32;
        assert_eq!(executable(pid).unwrap(), std::env::current_exe().unwrap().to_str().unwrap());
        assert_eq!(Process::of(pid).unwrap(), Process::of(pid).unwrap());
        assert_eq!(command(pid), std::env::args().collect::<Vec<_>>());
        assert!(!invoked(pid).unwrap().is_empty());
        assert!(shares_root(pid));
    }

    #[test]
    fn a_long_command_is_cut_for_audits_only() {
        let long = words(format!("one\0{}\0two\0", "ä".repeat(LONGEST_COMMAND)).as_bytes());
        assert_eq!(long.len(), 3);
        let short = cut(long);
        assert_eq!(short.len(), 2);
        assert!(short.join(" ").len() <= LONGEST_COMMAND && short[1].starts_with("ää"));
        assert_eq!(cut(vec!["a".to_owned(), "b".to_owned()]), ["a", "b"]);
    }

    #[test]
    fn users_are_found_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:\nbroken\n";
        assert_eq!(user_name(passwd, "1000"), Some("app"));
        assert_eq!(user_name(passwd, "7"), None);
    }
}
