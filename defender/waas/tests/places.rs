//! Where a value may stand, and how it may be written there; beside each, honest requests that look alike.

mod common;

use common::Sample;
use proofhouse_waas::{Attack, Exceptions, Location};

/// Every sample raises this protection.
fn raises(attack: Attack, samples: impl IntoIterator<Item = Sample>) {
    let missed: Vec<_> =
        samples.into_iter().filter(|sample| !sample.attacks().contains(&attack)).map(|s| shown(&s)).collect();
    assert!(missed.is_empty(), "{attack} missed in\n{}", missed.join("\n"));
}

/// No sample raises any.
fn passes(samples: impl IntoIterator<Item = Sample>) {
    let wrong: Vec<_> = samples
        .into_iter()
        .filter_map(|sample| {
            let found = sample.inspect();
            (!found.is_empty()).then(|| format!("{}: {found:?}", shown(&sample)))
        })
        .collect();
    assert!(wrong.is_empty(), "raised by\n{}", wrong.join("\n"));
}

fn shown(sample: &Sample) -> String {
    let headers = sample.headers.iter().map(|(name, value)| format!("{name}: {}", value.escape_ascii()));
    let headers: Vec<_> = headers.collect();
    format!("{} {} {headers:?} {}", sample.method, sample.target, sample.body.escape_ascii())
}

#[test]
fn the_target_is_looked_at_as_it_was_sent() {
    // No decoder knows this slash: only a rule that looks at the target itself does.
    let odd = "a%c0%9v..%c0%9v..%c0%9vetc";
    raises(Attack::Lfi, [Sample::get(&format!("/{odd}")), Sample::get(&format!("/?file={odd}&x=1"))]);
    let places: Vec<_> = [format!("/{odd}"), format!("/?file={odd}"), format!("/?{odd}=1")]
        .iter()
        .map(|target| {
            let found = Sample::get(target).inspect();
            found
                .iter()
                .find(|found| found.attack == Attack::Lfi)
                .map(|found| (found.location, found.key.clone()))
        })
        .collect();
    assert_eq!(places[0], Some((Location::Url, String::new())));
    assert_eq!(places[1], Some((Location::Query, "file".to_owned())));
    assert_eq!(places[2].as_ref().map(|place| place.0), Some(Location::QueryParamName));
    passes([
        Sample::get("/a..b/c%20d/e%C3%A9?from=a..b&to=a%2e%2Eb&range=1..2"),
        Sample::get("/files/annual%20report%202024%20(final).pdf?v=1.2.3&download=%2Freports%2F2024"),
        Sample::get("/?next=https%3A%2F%2Fshop.example.com%2Fa%2Fb%3Fc%3Dd%26e%3Df"),
    ]);
}

#[test]
fn an_exception_of_a_parameter_frees_it_as_sent_too() {
    let exceptions = |location: &str, key: &str| {
        let spec = serde_json::json!({"appID": "a", "lfi": {"effect": "prevent",
            "exceptionFields": [{"location": location, "key": key}]}});
        Exceptions::of(&serde_json::from_value(spec).unwrap()).unwrap()
    };
    let sample = Sample::get("/?file=a%c0%9v..%c0%9v..%c0%9vetc%20x");
    let found = |location: &str, key: &str| {
        sample.inspect_with(&exceptions(location, key)).iter().any(|found| found.attack == Attack::Lfi)
    };
    assert!(!found("query", "^file$"));
    assert!(found("query", "^files$"));
    assert!(!found("queryValues", "etc x$"));
    assert!(found("queryValues", "etc y$"));
}

#[test]
fn base64_in_a_path_is_undone() {
    raises(
        Attack::Sqli,
        [
            Sample::get("/JyBPUiAnMSc9JzE"),
            Sample::get("/items/JyBPUiAnMSc9JzE/show"),
            Sample::get("/items/JyBPUiAnMSc9JzE%3D"),
        ],
    );
    // The alphabet has a slash of its own: <script>alert('??>')</script>
    raises(Attack::Xss, [Sample::get("/PHNjcmlwdD5hbGVydCgnPz8+Jyk8L3NjcmlwdD4/Pz8/")]);
    passes([
        Sample::get("/products/password/newsletter/Information"),
        Sample::get("/a/3f2504e04f8911d39a0c0305e82c3301/8c1b2f3d"),
        Sample::get("/hello/SGVsbG8gV29ybGQsIGhvdyBhcmUgeW91Pw/view"),
        Sample::get("/s/dGhpcyBpcyBhIHRlc3Q"),
    ]);
}

fn upload(disposition: &str) -> Sample {
    let body = format!(
        "--B\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: image/png\r\n\r\ndata\r\n--B--\r\n"
    );
    Sample::post("/", "multipart/form-data; boundary=B", body)
}

#[test]
fn a_backslash_in_a_file_name_is_a_byte_of_it() {
    raises(
        Attack::Lfi,
        [
            upload(r#"name="f"; filename="..\..\x.aspx""#),
            upload(r#"name=f; filename=..\..\x.aspx"#),
            upload(r#"name="f"; filename="..\\..\\x.aspx""#),
            upload(r#"name="f"; filename="a.png"; filename*=UTF-8''..%2f..%2fx.aspx"#),
            upload(r#"name="..\..\f"; filename="x.aspx""#),
        ],
    );
    passes([
        upload(r#"name="f"; filename="C:\fakepath\holiday.jpg""#),
        upload(r#"name="f"; filename="the \"best\" of 2024.jpg""#),
        upload(r#"name="f"; filename="a.png"; filename*=UTF-8''na%C3%AFve%20file.png"#),
    ]);
}

const VALUE_HEADERS: [&str; 14] = [
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "Forwarded",
    "Via",
    "From",
    "Origin",
    "Authorization",
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "X-Requested-With",
    "Last-Event-ID",
];

#[test]
fn headers_of_the_protocol_are_looked_at() {
    for (attack, payload) in [
        (Attack::Sqli, "1' OR '1'='1"),
        (Attack::Xss, "<script>alert(1)</script>"),
        (Attack::Cmdi, "$(cat /etc/passwd)"),
        (Attack::Cmdi, "en;cat /etc/passwd"),
        (Attack::Lfi, "../../etc/passwd"),
        (Attack::CodeInjection, "_$$ND_FUNC$$_function(){}()"),
    ] {
        raises(attack, VALUE_HEADERS.map(|name| Sample::get("/").header(name, payload)));
    }
    raises(Attack::Sqli, [Sample::get("/").header("Authorization", "Basic 1' OR '1'='1")]);
    raises(
        Attack::Sqli,
        [Sample::get("/").header("Authorization", "Digest username=\"1' OR '1'='1\", realm=\"a\"")],
    );
    // The user name is 1' OR '1'='1.
    raises(Attack::Sqli, [Sample::get("/").header("Authorization", "Basic MScgT1IgJzEnPScxOng=")]);
    raises(Attack::Sqli, [Sample::get("/").header("X-Forwarded-For", "203.0.113.7, 1' OR '1'='1")]);
}

#[test]
fn honest_headers_of_the_protocol_pass() {
    let headers = [
        ("X-Forwarded-For", "203.0.113.7, 2001:db8::1, [2001:db8::2]:4711, unknown, _proxy1, 10.0.0.1:80"),
        ("X-Real-IP", "2001:db8::1"),
        ("X-Forwarded-Host", "shop.example.com:8443"),
        ("X-Forwarded-Proto", "https"),
        ("Forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43, For=\"[2001:db8:cafe::17]:4711\""),
        ("Via", "1.1 vegur, 1.0 fred (Apache/1.1), HTTP/2.0 cache-1.example.com (squid/6.1)"),
        ("From", "web.master+bots@example.org"),
        ("Origin", "null"),
        ("Origin", "https://shop.example.com:8443"),
        ("Origin", "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb"),
        ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        (
            "Authorization",
            "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0",
        ),
        ("Authorization", "token ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        (
            "Authorization",
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c0\", \
             uri=\"/dir/index.html?a=b&c=d\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393\"",
        ),
        (
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders=date;host;id;range;x-amz-date, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc96",
        ),
        (
            "Authorization",
            "OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", oauth_nonce=\"kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg\", \
             oauth_signature=\"tnnArxj06cWHq44gCs1OSKk%2FjLY%3D\", oauth_version=\"1.0\"",
        ),
        (
            "Authorization",
            "Signature keyId=\"rsa-key-1\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date digest\",\
             signature=\"Base64(RSA-SHA256(signing+string))==\"",
        ),
        (
            "Authorization",
            "Hawk id=\"dh37fgj492je\", ts=\"1353832234\", nonce=\"j4h3g2\", ext=\"some-app-ext-data\", mac=\"6R4rV5iE+NPoym+WwjeHzj=\"",
        ),
        ("Authorization", "Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa+gJDAi"),
        ("Authorization", "Basic Sm9obiBPJ05laWxsOmEnIE9SICcxJz0nMQ=="),
        ("From", "googlebot(at)googlebot.com"),
        ("From", "Jane Doe <jane.doe@example.com>"),
        (
            "Last-Event-ID",
            "[{\"topic\":\"eqiad.mediawiki.recentchange\",\"partition\":0,\"timestamp\":1532031066001}]",
        ),
        ("Via", "1.1 abc.cloudfront.net (CloudFront)"),
        ("Connection", "keep-alive, Upgrade"),
        ("Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"),
        ("Accept", "*/*"),
        ("Accept", "image/*,video/*;"),
        ("Accept-Language", "en-US,en;q=0.9;"),
        ("Authorization", "Bearer [object Object]"),
        ("Authorization", "SharedAccessSignature sr=https%3a%2f%2fx.example.com&sig=abc%3d&se=123&skn=name"),
        ("Via", "HTTP/1.1 a[FE80::1] (Traffic/1 [uScMs f p eN:t cCMi p sS])"),
        (
            "Accept",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        ),
        (
            "Accept",
            "application/json; charset=utf-8; profile=\"https://example.com/p\", text/plain ; q = 0.5",
        ),
        ("Accept", "application/vnd.github.v3+json"),
        ("Accept-Language", "da, en-GB;q=0.8, en;q=0.7, *;q=0.5"),
        ("Accept-Encoding", "gzip, deflate;q=1.0, br, zstd, *;q=0, identity"),
        ("X-Requested-With", "XMLHttpRequest"),
        ("X-Requested-With", "com.example.android.browser"),
        ("Last-Event-ID", "1700000000-42"),
        ("Referer", "https://shop.example.com/note?text=first%0D%0Asecond&x=a%0Ab"),
        ("Cache-Control", "no-cache, max-age=0"),
        ("If-None-Match", "W/\"5f3-18c;ab\""),
        ("Range", "bytes=0-499, 500-"),
        ("Sec-CH-UA", "\"Chromium\";v=\"128\", \"Not;A=Brand\";v=\"24\""),
    ];
    passes(headers.map(|(name, value)| Sample::get("/").header(name, value)));
}

#[test]
fn an_encoded_line_break_in_a_header_is_one() {
    // Rule set 3.3 undoes the reference, 4 the percent-encoding.
    raises(
        Attack::MalformedRequest,
        [
            Sample::get("/").header("X-Own", "a&#10;Set-Cookie: b=c%0aX: y"),
            Sample::get("/").header("X-Forwarded-For", "1.2.3.4&#x0d;&#x0A;Location: /x%0D%0AX: y"),
        ],
    );
    passes([
        Sample::get("/").header("Referer", "https://shop.example.com/note?text=first%0D%0Asecond&x=a%0Ab"),
        // Two lines, as Base64.
        Sample::get("/").header("X-Note", "Zmlyc3QgbGluZQpzZWNvbmQgbGluZQo="),
    ]);
}

#[test]
fn json_of_lenient_readers_is_read() {
    let sqli = r"\u0027 OR \u00271\u0027=\u00271";
    let deep = format!("{}\"{sqli}\"{}", "[".repeat(300), "]".repeat(300));
    let latin: &[u8] = b"{\"a\":\"caf\xe9\",\"q\":\"\\u0027 OR \\u00271\\u0027=\\u00271\"}";
    let bodies = [
        format!("\u{feff}{{\"q\":\"{sqli}\"}}"),
        format!("{{/* x */\"q\":\"{sqli}\"}}"),
        format!("{{\"a\":\"\\ud800\",\"q\":\"{sqli}\"}}"),
        format!("{{\"a\":1}}\n{{\"q\":\"{sqli}\"}}"),
        format!("{{'q':'{sqli}'}}"),
        "{'q': \"' OR '1'='1\"}".to_owned(),
        "{search: \"' OR '1'='1\", page: 1}".to_owned(),
        deep,
    ];
    let mut samples: Vec<_> =
        bodies.iter().map(|body| Sample::post("/", "application/json", body.clone())).collect();
    samples.push(Sample::post("/", "application/json", latin));
    raises(Attack::Sqli, samples);
    passes(
        [
            "{\"a\":1}\n{\"b\":\"it's fine, isn't it\"}\n",
            "{name: 'Jane', note: \"don't worry\", tags: ['red', 'blue'], }",
            "// settings\n{\"theme\": \"dark\", \"sizes\": [1, 2.5, -3]}",
        ]
        .map(|body| Sample::post("/", "application/json", body)),
    );
}
