//! Running a program to its end, with its output.

use crate::kernel::{self, Ending, Interest, Program, Started, Stdio};
use proofhouse_protocol::actor::{End, Reply, Spawn};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes of each output that are kept; what comes after is read and counted, so that the program is not held up.
const KEPT: usize = 4 << 20;

/// Where programs are looked for without a `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What is to be run; the fields are those of [`proofhouse_protocol::actor::Request::Run`].
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Variables added to the actor's own.
    pub env: BTreeMap<String, String>,
    /// Working directory.
    pub cwd: Option<String>,
    /// Standard input.
    pub stdin: String,
    /// The way it is started.
    pub spawn: Spawn,
    /// Killed after that.
    pub timeout: Duration,
}

impl Run {
    /// Runs it.
    pub fn carry_out(&self) -> Reply {
        let start = Instant::now();
        let mut outputs = Outputs::default();
        let (pid, end) = match self.start() {
            Ok((started, pipes)) => {
                let pid = started.process().pid();
                let end = pipes.attend(started, &mut outputs, self.stdin.as_bytes(), start + self.timeout);
                (pid, end.unwrap_or_else(|error| not_started(&error)))
            }
            Err(error) => (0, not_started(&error)),
        };
        let elapsed_ms = start.elapsed().as_secs_f64() * 1e3;
        let [stdout, stderr] = [outputs.stdout.text(), outputs.stderr.text()];
        Reply::Ran { pid, end, stdout, stderr, elapsed_ms }
    }

    fn start(&self) -> io::Result<(Started, Pipes)> {
        let name = self.argv.first().ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))?;
        let mut environment: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        environment.extend(self.env.iter().map(|(key, value)| (key.into(), value.into())));
        let cwd = self.cwd.as_deref().map(Path::new);
        let path = look_up(name, environment.get(OsStr::new("PATH")).map(OsString::as_os_str), cwd)?;
        let program = Program::new(&path, &self.argv, environment, cwd)?;
        let (stdin, stdin_writer) = io::pipe()?;
        let (stdout_reader, stdout) = io::pipe()?;
        let (stderr_reader, stderr) = io::pipe()?;
        kernel::set_nonblocking(&stdin_writer)?;
        kernel::set_nonblocking(&stdout_reader)?;
        kernel::set_nonblocking(&stderr_reader)?;
        let stdio = Stdio { stdin: stdin.into(), stdout: stdout.into(), stderr: stderr.into() };
        let started = kernel::spawn(&program, stdio, self.spawn)?;
        Ok((
            started,
            Pipes { stdin: Some(stdin_writer), stdout: Some(stdout_reader), stderr: Some(stderr_reader) },
        ))
    }
}

/// The actor's ends of the program's standard descriptors; `None` once the other end is closed.
struct Pipes {
    stdin: Option<PipeWriter>,
    stdout: Option<PipeReader>,
    stderr: Option<PipeReader>,
}

#[derive(Default)]
struct Outputs {
    stdout: Output,
    stderr: Output,
}

#[derive(Default)]
struct Output {
    kept: Vec<u8>,
    dropped: usize,
}

impl Pipes {
    /// Feeds and reads the program until it has ended. What it wrote before its end is read to the last byte; a
    /// descendant that keeps the pipes open is not waited for.
    fn attend(
        mut self,
        mut started: Started,
        outputs: &mut Outputs,
        input: &[u8],
        deadline: Instant,
    ) -> io::Result<End> {
        let mut input = input;
        loop {
            if input.is_empty() {
                self.stdin = None;
            }
            match self.step(&mut started, outputs, &mut input, deadline)? {
                Step::Again => {}
                Step::ExecFailed(error) => {
                    started.process().wait();
                    return Ok(not_started(&error));
                }
                Step::Deadline => {
                    started.process().kill();
                    started.process().wait();
                    self.read(outputs)?;
                    return Ok(End::TimedOut);
                }
                Step::Ended => {
                    let ending = started.process().wait();
                    self.read(outputs)?;
                    return Ok(match ending {
                        Ending::Exited(code) => End::Exited { code },
                        Ending::Signalled(signal) => End::Signalled { signal },
                        Ending::Unknown => End::Unknown,
                    });
                }
            }
        }
    }

    /// Waits once for whatever comes first, and deals with it.
    fn step(
        &mut self,
        started: &mut Started,
        outputs: &mut Outputs,
        input: &mut &[u8],
        deadline: Instant,
    ) -> io::Result<Step> {
        let exec_known = started.pending().is_none();
        let mut interests = vec![Interest::read(started.pending().unwrap_or(started.process().handle()))];
        interests.extend(self.stdout.as_ref().map(|pipe| Interest::read(pipe.as_fd())));
        interests.extend(self.stderr.as_ref().map(|pipe| Interest::read(pipe.as_fd())));
        interests.extend(self.stdin.as_ref().map(|pipe| Interest::write(pipe.as_fd())));
        let ready = kernel::wait(&interests, deadline)?;
        drop(interests);
        if !ready.contains(&true) {
            return Ok(Step::Deadline);
        }
        self.read(outputs)?;
        self.write(input)?;
        if !ready[0] {
            return Ok(Step::Again);
        }
        if exec_known {
            return Ok(Step::Ended);
        }
        Ok(match started.exec_error()? {
            Some(error) => Step::ExecFailed(error),
            None => Step::Again,
        })
    }

    fn read(&mut self, outputs: &mut Outputs) -> io::Result<()> {
        outputs.stdout.fill(&mut self.stdout)?;
        outputs.stderr.fill(&mut self.stderr)
    }

    fn write(&mut self, input: &mut &[u8]) -> io::Result<()> {
        while let Some(pipe) = self.stdin.as_mut().filter(|_| !input.is_empty()) {
            match pipe.write(input) {
                Ok(written) => *input = &input[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // The program does not read its input: its right.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.stdin = None,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

enum Step {
    Again,
    ExecFailed(io::Error),
    Deadline,
    Ended,
}

impl Output {
    /// Reads what is there; puts `None` where the pipe has ended.
    fn fill(&mut self, pipe: &mut Option<PipeReader>) -> io::Result<()> {
        let mut buffer = [0_u8; 16 * 1024];
        while let Some(reader) = pipe {
            match reader.read(&mut buffer) {
                Ok(0) => *pipe = None,
                Ok(length) => {
                    let kept = length.min(KEPT - self.kept.len());
                    self.kept.extend_from_slice(&buffer[..kept]);
                    self.dropped += length - kept;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.kept).into_owned();
        if self.dropped > 0 {
            text.push_str(&format!("\n[actor: {} more bytes not kept]\n", self.dropped));
        }
        text
    }
}

/// Finds a program as a shell does, before it forks: the first executable file in `PATH`, so that one request makes
/// one exec, and not one for each folder.
fn look_up(name: &str, path: Option<&OsStr>, cwd: Option<&Path>) -> io::Result<PathBuf> {
    if name.contains('/') {
        return Ok(PathBuf::from(name));
    }
    let executable = |candidate: &PathBuf| {
        let seen = cwd.map_or_else(|| candidate.clone(), |cwd| cwd.join(candidate));
        fs::metadata(seen).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(path.unwrap_or(OsStr::new(DEFAULT_PATH)))
        .map(|folder| folder.join(name))
        .find(executable)
        .ok_or_else(|| io::Error::from_raw_os_error(libc::ENOENT))
}

fn not_started(error: &io::Error) -> End {
    End::NotStarted { errno: error.raw_os_error().unwrap_or(0), error: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_up_in_the_order_of_the_path() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("first", 0o644), ("second", 0o755), ("third", 0o755)] {
            fs::create_dir(folder.path().join(name)).unwrap();
            let file = folder.path().join(name).join("tool");
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
        let path =
            std::env::join_paths(["first", "second", "third"].map(|name| folder.path().join(name))).unwrap();
        assert_eq!(look_up("tool", Some(&path), None).unwrap(), folder.path().join("second/tool"));
        let missing = look_up("other", Some(&path), None).unwrap_err();
        assert_eq!(missing.raw_os_error(), Some(libc::ENOENT));
        assert_eq!(look_up("./tool", Some(&path), None).unwrap(), Path::new("./tool"));
        let relative = look_up("tool", Some(OsStr::new("third")), Some(folder.path())).unwrap();
        assert_eq!(relative, Path::new("third/tool"));
    }

    #[test]
    fn output_beyond_the_limit_is_counted_and_told() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut output = Output { kept: vec![b'x'; KEPT - 2], dropped: 0 };
        writer.write_all(b"abcde").unwrap();
        drop(writer);
        let mut pipe = Some(reader);
        output.fill(&mut pipe).unwrap();
        assert!(pipe.is_none());
        let text = output.text();
        assert!(text.ends_with("ab\n[actor: 3 more bytes not kept]\n"), "{}", &text[text.len() - 60..]);
    }
}
