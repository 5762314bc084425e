use super::*;

/// What the library would read, whatever pieces the bytes come in.
fn passed(bytes: &[u8], rules: Rules) -> Vec<u8> {
    let run = |piece: usize| {
        let mut guard = Guard::new(tokio::io::empty(), rules, Arc::default());
        bytes.chunks(piece).for_each(|piece| guard.feed(piece));
        guard.free
    };
    let whole = run(usize::MAX);
    for piece in [1, 2, 3, 7] {
        assert_eq!(run(piece), whole, "pieces of {piece}");
    }
    whole
}

#[test]
fn proper_requests_pass_byte_for_byte() {
    let text = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\
        POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\n\n\n\r\n0\r\n\r\n\
        GET /c HTTP/1.1\r\nhost: h\r\n\r\n";
    assert_eq!(passed(text, Rules::default()), text);
}

#[test]
fn nothing_behind_a_contradiction_passes() {
    let text = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n";
    let out = passed(text, Rules::default());
    assert_eq!(out, b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}

#[test]
fn heads_by_bare_line_feeds_never_pass() {
    for text in [
        &b"GET / HTTP/1.1\nHost: h\n\n"[..],
        b"GET / HTTP/1.1\r\nHost: h\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\n\n",
    ] {
        assert_eq!(passed(text, Rules::default()), b"\0 / HTTP/1.1\r\n\r\n");
    }
}

#[test]
fn http2_passes_only_where_it_is_served() {
    let text = [HTTP2_PREFACE, &[0, 0, 0, 4, 0, 0, 0, 0, 0]].concat();
    assert_eq!(passed(&text, Rules { http2: true, ..Rules::default() }), text);
    // What only begins like it is a head, and ends with it.
    let other = [&HTTP2_PREFACE[..HTTP2_PREFACE.len() - 1], b"#\0\0"].concat();
    assert_eq!(passed(&other, Rules { http2: true, ..Rules::default() }), b"\0 / HTTP/1.1\r\n\r\n");
    assert_eq!(passed(&text, Rules::default()), b"\0 / HTTP/1.1\r\n\r\n");
}

#[test]
fn a_broken_body_breaks_off_at_the_same_byte_whatever_pieces_it_comes_in() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = format!("1;{}", "x".repeat(9_000));
    for (body, rest) in [
        ("2\r\nab\r\nx\r\n", 1),
        ("2\r\nabcd\r\n", 1),
        ("2 \r\nab", 3),
        ("0\r\nA\r\n\r\n", 3),
        (long.as_str(), 810),
    ] {
        let out = passed(format!("{head}{body}").as_bytes(), Rules::default());
        let expected = format!("{head}{}\r\0", &body[..body.len() - rest]);
        assert_eq!(out.escape_ascii().to_string(), expected.as_bytes().escape_ascii().to_string());
    }
}

proptest::proptest! {
    #[test]
    fn pieces_of_a_chunked_body_do_not_matter(text in "([0-3](;x)?\r\n|\r\n|\n|ab|0\r\n\r\n| |A: b\r\n){0,12}") {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        passed(format!("{head}{text}").as_bytes(), Rules::default());
    }

    #[test]
    fn pieces_do_not_matter(text in "(GET / HTTP/1.1\r\n|POST / HTTP/1.1\r\n|Host: h\r\n|Content-Length: 2\r\n|Transfer-Encoding: chunked\r\n|\r\n|\n|2\r\n|ab|0\r\n\r\n){0,14}") {
        passed(text.as_bytes(), Rules::default());
    }
}
