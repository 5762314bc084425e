//! What the actor's own process looks like from inside.

use proofhouse_protocol::actor::Reply;
use std::collections::BTreeMap;
use std::{env, fs, io, process};

/// The description of this process.
pub fn describe() -> io::Result<Reply> {
    let status = parse_status(&fs::read_to_string("/proc/self/status")?);
    let real = |field: &str| {
        let first = status.get(field).and_then(|ids| ids.split_whitespace().next());
        first.and_then(|id| id.parse().ok()).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("no `{field}` field in /proc/self/status"))
        })
    };
    Ok(Reply::Description {
        argv: env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect(),
        env: env::vars_os()
            .map(|(key, value)| (key.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect(),
        cwd: env::current_dir()?.to_string_lossy().into_owned(),
        pid: process::id().cast_signed(),
        ppid: std::os::unix::process::parent_id().cast_signed(),
        uid: real("Uid")?,
        gid: real("Gid")?,
        exe: fs::read_link("/proc/self/exe")?.to_string_lossy().into_owned(),
        status,
    })
}

/// The fields of a `status` file of procfs.
fn parse_status(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(field, value)| (field.to_owned(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_by_field() {
        let status = parse_status("Name:\ta:b\nUid:\t1000\t1000\t0\t0\nNoNewPrivs:\t1\nbroken\n");
        assert_eq!(status["Name"], "a:b");
        assert_eq!(status["Uid"], "1000\t1000\t0\t0");
        assert_eq!(status["NoNewPrivs"], "1");
        assert_eq!(status.len(), 3);
    }

    #[test]
    fn the_description_is_of_this_process() {
        let Reply::Description { pid, argv, exe, status, .. } = describe().unwrap() else { panic!() };
        assert_eq!(pid.cast_unsigned(), process::id());
        assert_eq!(argv, env::args().collect::<Vec<_>>());
        assert_eq!(exe, env::current_exe().unwrap().to_string_lossy());
        assert_eq!(status["Pid"], pid.to_string());
    }
}
