use super::*;

const NOW: i64 = 1_700_000_000;

/// A token with a signature of so many bytes.
fn token(header: &str, payload: &str, signature: usize) -> String {
    let encode = |bytes: &[u8]| BASE64_URL.encode(bytes).trim_end_matches('=').to_owned();
    [encode(header.as_bytes()), encode(payload.as_bytes()), encode(&vec![7; signature])].join(".")
}

fn hs256(payload: &str) -> String {
    token(r#"{"alg":"HS256","typ":"JWT"}"#, payload, 32)
}

#[test]
fn parts_are_decoded_with_and_without_the_scheme() {
    let token = hs256(r#"{"sub":"me"}"#);
    for written in [token.clone(), format!("Bearer {token}"), format!(" bEARER   {token} ")] {
        assert_eq!(part(written.as_bytes(), Part::Header), br#"{"alg":"HS256","typ":"JWT"}"#);
        assert_eq!(part(written.as_bytes(), Part::Payload), br#"{"sub":"me"}"#);
    }
    for other in ["", "Basic dTpw", "a.b", "a.b.c.d.e", "!.!.!"] {
        assert_eq!(part(other.as_bytes(), Part::Payload), b"", "{other}");
    }
}

#[test]
fn values_are_told_as_text() {
    let token = hs256(r#"{"s":"a\"b","n":1.5,"b":false,"z":null,"l":[1,"x"],"o":{"k":"v"}}"#);
    for (key, expected) in [
        ("s", "a\"b"),
        ("n", "1.5"),
        ("b", "false"),
        ("z", "null"),
        ("l", "[1,\"x\"]"),
        ("o", "{\"k\":\"v\"}"),
    ] {
        assert_eq!(value(token.as_bytes(), Part::Payload, key), expected.as_bytes());
    }
    assert_eq!(value(token.as_bytes(), Part::Payload, "absent"), b"");
    assert_eq!(value(token.as_bytes(), Part::Header, "alg"), b"HS256");
    assert_eq!(value(hs256("[1]").as_bytes(), Part::Payload, "0"), b"");
    assert_eq!(value(b"no token", Part::Header, "alg"), b"");
}

#[test]
fn signatures_have_the_length_of_their_algorithm() {
    for (algorithm, length, expected) in [
        ("none", 0, true),
        ("none", 1, false),
        ("HS256", 32, true),
        ("HS256", 31, false),
        ("HS256", 0, false),
        ("HS384", 48, true),
        ("HS384", 64, false),
        ("HS512", 64, true),
        ("ES256", 64, true),
        ("ES256K", 65, false),
        ("ES384", 96, true),
        ("ES512", 132, true),
        ("ES512", 128, false),
        ("EdDSA", 64, true),
        ("EdDSA", 114, true),
        ("EdDSA", 100, false),
        ("RS256", 256, true),
        ("PS512", 512, true),
        ("own", 5, true),
    ] {
        let token = token(&format!(r#"{{"alg":"{algorithm}"}}"#), "{}", length);
        assert_eq!(is_valid(token.as_bytes(), NOW), expected, "{algorithm} {length}");
    }
}

#[test]
fn symmetric_algorithms_have_no_public_keys() {
    for name in OF_PUBLIC_KEYS {
        let header = |algorithm: &str| format!(r#"{{"alg":"{algorithm}","{name}":"x"}}"#);
        assert!(!is_valid(token(&header("HS256"), "{}", 32).as_bytes(), NOW), "{name}");
        assert!(is_valid(token(&header("RS256"), "{}", 256).as_bytes(), NOW), "{name}");
    }
    assert!(is_valid(token(r#"{"alg":"HS256","kid":"1"}"#, "{}", 32).as_bytes(), NOW));
}

#[test]
fn times_are_kept() {
    for (payload, expected) in [
        (format!(r#"{{"exp":{}}}"#, NOW + 1), true),
        (format!(r#"{{"exp":{NOW}}}"#), false),
        (format!(r#"{{"exp":{NOW}.5}}"#), true),
        (format!(r#"{{"iat":{NOW}}}"#), true),
        (format!(r#"{{"iat":{}}}"#, NOW + 1), false),
        (format!(r#"{{"nbf":{NOW}}}"#), true),
        (format!(r#"{{"nbf":{}}}"#, NOW + 1), false),
        (format!(r#"{{"iat":{NOW},"nbf":{NOW},"exp":{}}}"#, NOW + 60), true),
        (r#"{"exp":"tomorrow"}"#.to_owned(), false),
        (r#"{"exp":null}"#.to_owned(), false),
    ] {
        assert_eq!(is_valid(hs256(&payload).as_bytes(), NOW), expected, "{payload}");
    }
}

#[test]
fn what_is_no_token_is_not_valid() {
    let good = hs256("{}");
    for other in [
        String::new(),
        "x".to_owned(),
        "..".to_owned(),
        format!("{good}.{good}"),
        format!("Basic {good}"),
        token("[]", "{}", 0),
        token("{}", "{}", 32),
        token(r#"{"alg":1}"#, "{}", 32),
        token(r#"{"alg":"HS256"}"#, "no JSON", 32),
        good.replace('.', ".!"),
    ] {
        assert!(!is_valid(other.as_bytes(), NOW), "{other}");
    }
    assert!(is_valid(good.as_bytes(), NOW));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..100)) {
        is_valid(&bytes, NOW);
        value(&bytes, Part::Payload, "sub");
    }

    #[test]
    fn any_payload_is_read(header in "\\PC{0,40}", payload in "\\PC{0,40}", signature in 0usize..80) {
        let token = token(&header, &payload, signature);
        is_valid(token.as_bytes(), NOW);
        proptest::prop_assert_eq!(part(token.as_bytes(), Part::Payload), payload.as_bytes());
    }
}
