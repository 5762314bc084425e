//! Processes that are measured.

use crate::Error;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A process; it ends with its standard input, or when this is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) port: u16,
}

impl Process {
    /// This program again; its first line is the port where it listens, once it does.
    pub(crate) fn own(arguments: &[&str]) -> Result<Self, Error> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let port = line.trim().parse().map_err(|_| format!("{arguments:?} did not start"))?;
        Ok(Self { child, port })
    }

    pub(crate) fn app() -> Result<Self, Error> {
        Self::own(&["app"])
    }

    /// The firewall in front of an app.
    pub(crate) fn firewall(rules: &Path, app: &Self, how: &str) -> Result<Self, Error> {
        Self::own(&["firewall", &rules.to_string_lossy(), &app.port.to_string(), how])
    }

    /// Another program, that listens there.
    pub(crate) fn foreign(command: &mut Command, port: u16) -> Result<Self, Error> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        Ok(Self { child, port })
    }

    /// Seconds that it has used.
    pub(crate) fn processor_time(&self) -> Result<f64, Error> {
        processor_time(&self.child.id().to_string())
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident(&self) -> Result<f64, Error> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no memory is told")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds that a process has used, in user and kernel mode.
pub(crate) fn processor_time(process: &str) -> Result<f64, Error> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    // USER_HZ is 100 on every Linux that Fargate has.
    Ok(ticks / 100.0)
}
