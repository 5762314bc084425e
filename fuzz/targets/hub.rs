//! The hub's framing: the sidecar reads the same lines whatever pieces they come in, and no byte more than are there; a wrapper answers each
//! line of a sidecar once, in order, until the first that it cannot read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_defender::fuzzing::{said_by_wrapper, said_to_sidecar};
use proofhouse_defender::hub::{FromSidecar, LONGEST_FIRST, Losses, ToSidecar};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

fuzz_target!(|bytes: &[u8]| {
    let [piece, bytes @ ..] = bytes else { return };
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(*piece).max(1)).collect();
    assert_eq!(shown(&read(&pieces)), shown(&lines(bytes)), "pieces of {piece}");
    assert_eq!(shown(&read(&[bytes])), shown(&lines(bytes)), "in one");

    let (said, has_policy) = said_by_wrapper(bytes).expect("there are sockets");
    let (due, has_one) = due(bytes);
    assert_eq!(said, due);
    assert_eq!(has_policy, has_one);
});

type Read = Option<(Vec<u8>, Vec<Vec<u8>>)>;

fn shown(read: &Read) -> String {
    let Some((first, lines)) = read else { return "nothing".to_owned() };
    let lines: Vec<_> = lines.iter().map(|line| line.escape_ascii().to_string()).collect();
    format!("{} | {}", first.escape_ascii(), lines.join(" | "))
}

fn read(pieces: &[&[u8]]) -> Read {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime =
        RUNTIME.get_or_init(|| Builder::new_current_thread().enable_io().build().expect("a runtime"));
    runtime.block_on(said_to_sidecar(pieces)).expect("there are sockets")
}

/// What a plain reader finds: lines that have an end. Inputs are shorter than any line may be.
fn lines(bytes: &[u8]) -> Read {
    assert!(bytes.len() <= LONGEST_FIRST);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let first = lines.next()?.strip_suffix(b"\n")?;
    Some((first.to_vec(), lines.map(<[u8]>::to_vec).collect()))
}

/// What a wrapper has to say to a sidecar that sends these bytes, and whether it was told of a policy.
fn due(bytes: &[u8]) -> (Vec<ToSidecar>, bool) {
    let (mut said, mut has_policy) = (Vec::new(), false);
    for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
        let message = std::str::from_utf8(line).ok().and_then(|line| serde_json::from_str(line).ok());
        match message {
            None => break,
            Some(FromSidecar::Policy { revision, .. }) => {
                has_policy = true;
                said.push(ToSidecar::Applied { revision });
            }
            Some(FromSidecar::Fence { id }) => said.push(ToSidecar::FenceDone { id, lost: Losses::default() }),
            Some(FromSidecar::Ack { .. } | FromSidecar::Health { .. }) => {}
        }
    }
    (said, has_policy)
}
