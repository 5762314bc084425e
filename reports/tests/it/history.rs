//! The history, in memory and on disk.

use proofhouse_protocol::{Observation, Recorder, Recording, Source};
use proofhouse_reports::History;
use proofhouse_reports::history::{ReadError, by_scenario, read, slice};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn note(text: &str) -> Recording {
    Recording {
        source: Source::Runner,
        token: None,
        observation: Observation::Note { text: text.to_owned() },
    }
}

#[test]
fn records_have_one_order_and_each_scenario_its_own() {
    let history = History::in_memory();
    let (one, two) = (history.for_scenario("a-001"), history.for_scenario("a-002"));
    one.record(note("1"));
    history.for_run().record(note("2"));
    two.record(note("3"));
    one.record(note("4"));
    let all = history.snapshot();
    assert_eq!(all.iter().map(|r| r.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(all.windows(2).all(|w| w[0].monotonic_us <= w[1].monotonic_us));
    assert_eq!(history.scenario("a-001").iter().map(|r| r.sequence).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(slice(&all, "a-001"), history.scenario("a-001"));
    let groups = by_scenario(&all);
    assert_eq!(groups.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["a-001", "a-002"]);
    assert!(groups.iter().all(|(id, own)| *own == history.scenario(id)));
    assert_eq!(two.records(), history.scenario("a-002"));
    assert!(history.scenario("a-003").is_empty());
    assert_eq!(history.for_run().records().len(), 4);
}

#[test]
fn threads_share_it_and_the_file_equals_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let history = History::to_file(&path).unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    history.listen(move |record| ear.lock().unwrap().push(record.sequence));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let recorder = history.for_scenario(&format!("t-{thread}"));
            scope.spawn(move || (0..250).for_each(|n| recorder.record(note(&format!("{thread}/{n}")))));
        }
    });
    assert_eq!(history.finish(), Ok(()));
    let written = read(&path).unwrap();
    assert_eq!(written, history.snapshot());
    assert_eq!(written.len(), 2000);
    assert_eq!(*heard.lock().unwrap(), (1..=2000).collect::<Vec<_>>());
    assert!(written.iter().enumerate().all(|(i, r)| r.sequence == i as u64 + 1));
}

#[test]
fn a_torn_last_line_is_dropped_at_every_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let history = History::to_file(&path).unwrap();
    history.for_scenario("a").record(note("first"));
    history.for_scenario("a").record(note("second ä"));
    let whole = std::fs::read(&path).unwrap();
    let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    for end in first..whole.len() - 1 {
        std::fs::write(&path, &whole[..end]).unwrap();
        assert_eq!(read(&path).unwrap().len(), 1, "cut at {end}");
    }
    // Only the line's end is missing: the record is whole.
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(read(&path).unwrap().len(), 2);
}

#[test]
fn a_bad_line_elsewhere_is_told_by_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let history = History::to_file(&path).unwrap();
    history.for_run().record(note("x"));
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{good}not a record\n{good}")).unwrap();
    let error = read(&path).unwrap_err();
    assert!(matches!(error, ReadError::Line { line: 2, .. }), "{error}");
    std::fs::write(&path, "not a record\n").unwrap();
    assert!(
        matches!(read(&path), Err(ReadError::Line { line: 1, .. })),
        "a whole line is never taken for a torn one"
    );
    std::fs::write(&path, good.replace("\"schema\":2", "\"schema\":3")).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("schema 3") && error.contains("newer proofhouse"), "{error}");
    let error = read(&folder.path().join("absent")).unwrap_err().to_string();
    assert!(error.contains("absent"), "{error}");
}

/// As version 0.1.0 wrote it: conclusions in words, and not what they were drawn from.
#[test]
fn a_recording_of_conclusions_is_refused_with_the_version_that_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let line = r#"{"schema":1,"seq":1,"monotonic_us":7,"time":"2025-11-02T09:00:00Z","scenario":"a-001","source":"runner","kind":"finding","check":"stated","holds":true,"blame":"defender","message":"as expected","expectation":{}}"#;
    std::fs::write(&path, format!("{line}\n{line}\n")).unwrap();
    let error = read(&path).unwrap_err();
    assert!(matches!(error, ReadError::TooOld { schema: 1, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("history.ndjson") && text.contains("proofhouse 0.1.0"), "{text}");
    // Even where a killed run left only half of it behind its version.
    std::fs::write(&path, line).unwrap();
    assert!(matches!(read(&path), Err(ReadError::TooOld { .. })));
}

/// A disk with room for so many bytes.
struct Disk(usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.0);
        self.0 -= n;
        if n == 0 { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(n) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_at_the_end_and_loses_nothing_in_memory() {
    let history = History::to_writer(Path::new("out/history.ndjson"), Box::new(Disk(400)));
    (0..10).for_each(|n| history.for_run().record(note(&n.to_string())));
    let error = history.finish().unwrap_err();
    assert_eq!(error.total, 10);
    assert!(error.lost > 0 && error.lost < 10, "{error}");
    let text = error.to_string();
    assert!(text.contains("`out/history.ndjson`") && text.contains("free some space"), "{text}");
    assert_eq!(history.len(), 10);
}

#[test]
fn the_real_full_device_is_no_panic_either() {
    let history = History::to_file(Path::new("/dev/full")).unwrap();
    history.for_run().record(note("x"));
    let error = history.finish().unwrap_err();
    assert_eq!((error.lost, error.total), (1, 1));
    assert!(error.reason.to_lowercase().contains("no space"), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let error = History::to_file(&folder.path().join("no/such/history.ndjson")).unwrap_err().to_string();
    assert!(error.contains("no/such/history.ndjson"), "{error}");
}

const VICTIM: &str = "PROOFHOUSE_HISTORY_VICTIM";

/// The process that [`a_killed_run_keeps_its_records`] kills; without its variable it has nothing to do.
#[test]
fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(VICTIM) else { return };
    let history = History::to_file(Path::new(&path)).unwrap();
    let recorder = history.for_scenario("victim");
    // The parent dies with the test; a lost parent must not leave a writer behind.
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        recorder.record(note(&"x".repeat(300)));
        println!("{}", history.len());
    }
}

#[test]
fn a_killed_run_keeps_its_records() {
    use std::io::BufRead;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "history::writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(VICTIM, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = io::BufReader::new(child.stdout.take().unwrap()).lines();
    let told: usize =
        lines.map_while(Result::ok).filter_map(|l| l.trim().parse().ok()).find(|n| *n >= 50).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let records = read(&path).unwrap();
    assert!(
        records.len() >= told,
        "{told} records were made before the kill, {} are in the file",
        records.len()
    );
}
