//! Every way to read a body: how much comes out is bounded by how much is inspected, and nothing of a form, of JSON or of text is
//! left unread.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_fuzz::heap::measured;
use proofhouse_fuzz::message::Message;
use proofhouse_waas::fuzzing::names;
use proofhouse_waas::{Input, RequestView};

/// Most bytes that a coding may grow to.
const LIMIT: usize = 8192;

/// What a mutation shall not lose.
const MARK: &[u8] = b"zqzq";

fuzz_target!(|bytes: &[u8]| {
    let message = Message::read(bytes);
    let mut headers: Vec<(&str, &[u8])> = Vec::new();
    headers.extend(message.headers.iter().map(|(name, value)| (*name, value.as_slice())));
    let view = RequestView {
        method: "POST",
        path: b"/",
        headers: &headers,
        has_body: true,
        body: &message.body,
        body_limit: LIMIT,
        ..RequestView::default()
    };
    let (inputs, heap) = measured(|| view.inputs());
    let inputs: Vec<Input<'_>> = inputs.into_iter().filter(|input| input.location.is_body()).collect();
    // Each boundary, and each way to see it, is a reading of its own.
    let types = headers.iter().filter(|(name, _)| *name == "content-type").map(|(_, value)| *value);
    let boundaries: usize = types.map(|value| count(&value.to_ascii_lowercase(), b"boundary")).sum();
    let readings = 1 + 4 * boundaries;
    let inspected = message.body.len().max(if headers.iter().any(|(name, _)| *name == "content-encoding") {
        LIMIT
    } else {
        0
    });
    let text: usize = inputs.iter().map(|input| input.key.len() + input.value.len()).sum();
    assert!(inputs.len() <= 4 * readings * (inspected + 16), "{} values of {inspected} bytes", inputs.len());
    assert!(text <= 8 * readings * (inspected + 512), "{text} bytes of {inspected}");
    let most = 4 * size_of::<Input<'_>>() * (inputs.len() + 64) + 2 * text + 8 * inspected + (256 << 10);
    assert!(heap <= most, "{heap} bytes in use, for {} values of {text} bytes", inputs.len());

    let (found, bytes) = names(&view);
    assert!(found <= 4 * readings * (inspected + 16), "{found} names of {inspected} bytes");
    assert!(bytes <= 8 * readings * (inspected + 512), "{bytes} bytes of names of {inspected}");

    if view.unread().is_none() && is_read_whole(&headers) && count(&message.body, MARK) > 0 {
        let kept = |input: &Input<'_>| count(&input.value, MARK) > 0;
        assert!(inputs.iter().any(kept), "the mark is nowhere");
    }
});

/// Whether every byte of the body is a value or a name: pictures are not looked at, and XML and multipart bodies have marks of their own.
fn is_read_whole(headers: &[(&str, &[u8])]) -> bool {
    let plain: [&[u8]; 4] = [
        b"text/plain",
        b"application/json",
        b"application/x-www-form-urlencoded",
        b"text/plain; charset=utf-8",
    ];
    headers.iter().all(|(name, value)| *name == "content-type" && plain.contains(value))
}

fn count(text: &[u8], word: &[u8]) -> usize {
    text.windows(word.len()).filter(|window| *window == word).count()
}
