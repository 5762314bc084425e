//! Connections that change their protocol, such as WebSocket: bytes pass both ways, uninspected (section 2.7 of
//! `waas.md`).

use hyper::Version;
use hyper::header::{CONNECTION, UPGRADE};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

/// Whether the request asks for another protocol that may be passed on. HTTP/2 over the same connection (`h2c`) may
/// not: its requests would not be inspected.
pub(super) fn is_asked(parts: &Parts) -> bool {
    let lists = |name, word: &str| {
        parts.headers.get_all(name).iter().any(|value| {
            value
                .to_str()
                .is_ok_and(|value| value.split(',').any(|item| item.trim().eq_ignore_ascii_case(word)))
        })
    };
    let h2c = parts.headers.get_all(UPGRADE).iter().any(|value| {
        value.to_str().map_or(true, |value| {
            value.split(',').any(|item| item.trim().to_ascii_lowercase().starts_with("h2"))
        })
    });
    parts.version == Version::HTTP_11
        && lists(CONNECTION, "upgrade")
        && parts.headers.contains_key(UPGRADE)
        && !h2c
}

/// Carries bytes between client and application until both ended.
pub(super) fn join(client: OnUpgrade, application: OnUpgrade) {
    tokio::spawn(async move {
        let (Ok(client), Ok(application)) = (client.await, application.await) else {
            return;
        };
        let (mut client, mut application) = (TokioIo::new(client), TokioIo::new(application));
        // However it ends, it is the two ends' affair.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut application).await;
    });
}
