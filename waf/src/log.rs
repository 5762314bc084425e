//! The log of a firewall, of which the lines between two marks belong to one request.

use regex::bytes::Regex;
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A log that another process writes.
#[derive(Debug)]
pub struct RuleLog {
    path: PathBuf,
    at: u64,
    id: Regex,
}

impl RuleLog {
    /// Reads from its present end on.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let at = std::fs::metadata(path)?.len();
        let id = Regex::new(r#"\[id "(\d+)"\]"#).expect("the pattern is ours");
        Ok(Self { path: path.to_owned(), at, id })
    }

    /// Ids of the rules that stand before a line with `mark`, which is waited for.
    ///
    /// # Errors
    /// When it cannot be read; `TimedOut` when the mark does not come.
    pub async fn until(&mut self, mark: &str, limit: Duration) -> std::io::Result<BTreeSet<u32>> {
        let end = Instant::now() + limit;
        loop {
            let mut file = std::fs::File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.at))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let found = bytes.windows(mark.len()).position(|part| part == mark.as_bytes());
            if let Some(found) = found {
                let line = bytes[..found].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let ids = self.id.captures_iter(&bytes[..line]);
                let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
                let ids = ids.filter_map(|ids| number(&ids[1])).collect();
                self.at += (found + mark.len()) as u64;
                return Ok(ids);
            }
            if Instant::now() > end {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::TimedOut,
                    format!("the log does not tell of {mark}"),
                ));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_before_a_mark_belong_to_the_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "[id \"1\"] old\n").unwrap();
        let mut log = RuleLog::open(&path).unwrap();
        std::fs::write(
            &path,
            "[id \"1\"] old\n[id \"942100\"] x\n[id \"942190\"]\n[id \"999\"] X-CRS-Test: m1\n",
        )
        .unwrap();
        let ids = log.until("m1", Duration::from_secs(5)).await.unwrap();
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), [942_100, 942_190]);
        let late = log.until("m2", Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(late.kind(), std::io::ErrorKind::TimedOut);
    }
}
