//! The documented sanity tests, the vendor's matrix, decoders, and honest traffic.

mod common;

use common::Sample;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use proofhouse_waas::{Attack, Exceptions, Location};
use std::io::Write as _;

/// The first protection that decides, were all set to prevent.
fn first(sample: &Sample) -> Option<Attack> {
    sample.attacks().first().copied()
}

fn check(cases: &[(Attack, Sample)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(expected, sample)| !sample.attacks().contains(expected))
        .map(|(expected, sample)| format!("{expected:?} missed in {sample:?}: {:?}", sample.inspect()))
        .collect();
    assert!(wrong.is_empty(), "{} of {} missed\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn documented_sanity_tests_have_their_type() {
    let mut with_body = Sample::post("/", "application/json", r#"{"a":"b"}"#);
    with_body.method = "GET".into();
    let cases = [
        (Attack::Sqli, Sample::get("/?id=%27%20OR%20%271")),
        (Attack::Xss, Sample::get("/?id=<script>alert(1)</script>")),
        (Attack::Xss, Sample::get("/?id=%3Cscript%3Ealert(1)%3C/script%3E")),
        (Attack::Cmdi, Sample::get("/?id=%3B+%2Fsbin%2Fshutdown")),
        (Attack::CodeInjection, Sample::get("/?id=phpinfo()")),
        (Attack::Lfi, Sample::get("/?id=../etc/passwd")),
        (Attack::AttackTools, Sample::get("/").header("User-Agent", "sqlmap")),
        (Attack::Shellshock, Sample::get("/").header("User-Agent", "() { :; }; /bin/eject")),
        (Attack::MalformedRequest, with_body),
        (Attack::Sqli, Sample::get("/?id=1%27%20or%201%3D1%23")),
        (
            Attack::Cmdi,
            Sample::post("/vulnerabilities/exec/", FORM, "ip=127.0.0.1%7C+cat+%2Fetc%2Fpasswd&Submit=Submit"),
        ),
    ];
    for (expected, sample) in &cases[..10] {
        assert_eq!(first(sample), Some(*expected), "{sample:?}: {:?}", sample.inspect());
    }
    check(&cases);
}

const FORM: &str = "application/x-www-form-urlencoded";

fn in_path(payload: &str) -> Sample {
    let encoded: String = payload
        .bytes()
        .map(|b| match b {
            b'/' | b'.' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    Sample::get(&format!("/{encoded}"))
}

fn in_query(payload: &str) -> Sample {
    let encoded: String = payload.bytes().map(|b| format!("%{b:02X}")).collect();
    Sample::get(&format!("/?coco={encoded}"))
}

fn in_raw_body(payload: &str) -> Sample {
    Sample::post("/", "text/plain", payload)
}

fn in_cookie(payload: &str) -> Sample {
    let encoded: String =
        payload.bytes().map(|b| if b == b';' { "%3B".into() } else { char::from(b).to_string() }).collect();
    Sample::get("/").header("Cookie", &format!("coco={encoded}"))
}

fn in_user_agent(payload: &str) -> Sample {
    Sample::get("/").header("User-Agent", payload)
}

#[test]
fn the_vendor_matrix_is_covered() {
    type Place = fn(&str) -> Sample;
    let everywhere: [Place; 5] = [in_path, in_query, in_raw_body, in_cookie, in_user_agent];
    let rows: [(Attack, &str, &[Place]); 9] = [
        (Attack::Xss, "<script>", &everywhere[..3]),
        (Attack::CodeInjection, "_$$ND_FUNC$$_", &everywhere[..4]),
        (Attack::Sqli, "1 ORDER BY 1", &everywhere),
        (Attack::Lfi, "../../", &everywhere),
        (Attack::Cmdi, r#"{"coco":"$(sleep 5)"}"#, &everywhere),
        (Attack::AttackTools, "prowebwalker", &[in_user_agent]),
        (Attack::AttackTools, "sqlmap", &[in_user_agent]),
        (Attack::Shellshock, "() { :; }; echo; echo HELLO", &[in_user_agent]),
        (Attack::Shellshock, "() { :; }; echo; echo HELLO", &[in_query]),
    ];
    let mut cases = Vec::new();
    for (attack, payload, places) in rows {
        cases.extend(places.iter().map(|place| (attack, place(payload))));
    }
    let mut with_body = Sample::post("/", FORM, "coco=momo");
    with_body.method = "GET".into();
    cases.push((Attack::MalformedRequest, with_body));
    check(&cases);
}

#[test]
fn every_place_tells_where_it_is() {
    let payload = "' OR '1'='1";
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"m\"\r\n\r\n' OR '1'='1\r\n--B--\r\n";
    let cases = [
        (Sample::get("/?q=%27%20OR%20%271%27%3D%271"), Location::Query, "q"),
        (Sample::get("/?%27%20OR%20%271%27%3D%271"), Location::QueryParamName, payload),
        (in_cookie(payload), Location::Cookie, "coco"),
        (in_user_agent(payload), Location::Header, "User-Agent"),
        (Sample::get("/").header("X-Own", payload), Location::Header, "X-Own"),
        (Sample::post("/", FORM, "f=%27+OR+%271%27%3D%271"), Location::FormBody, "f"),
        (Sample::post("/", "application/json", r#"{"a":{"b":["' OR '1'='1"]}}"#), Location::JsonBody, "/a/b"),
        (Sample::post("/", "text/xml", "<a><b>' OR '1'='1</b></a>"), Location::XmlBody, "/a/b"),
        (Sample::post("/", "multipart/form-data; boundary=B", multipart), Location::MultipartBody, "m"),
        (Sample::post("/", "text/plain", payload), Location::RawBody, ""),
        (Sample::post("/", "application/json", "{broken ' OR '1'='1"), Location::RawBody, ""),
    ];
    for (sample, location, key) in cases {
        let found = sample.inspect();
        let found = found.iter().find(|found| found.attack == Attack::Sqli);
        let found = found.unwrap_or_else(|| panic!("missed {sample:?}"));
        assert_eq!((found.location, found.key.as_str()), (location, key), "{sample:?}");
    }
}

#[test]
fn the_message_has_the_documented_shape() {
    // What matched is the rule set's business: this one wants the separators on both sides.
    let found = in_raw_body("../../").inspect();
    assert_eq!(
        found[0].message(),
        "Detected Local File Inclusion attack in request body, match /../, value ../../"
    );
}

#[test]
fn decoders_are_transparent() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"id=' OR '1'='1").unwrap();
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(b"id=' OR '1'='1").unwrap();
    check(&[
        (Attack::Sqli, Sample::get("/?id=%2527%2520OR%2520%25271%2527%253D%25271")),
        (Attack::Xss, Sample::get("/?id=%26lt%3Bscript%26gt%3Balert(1)%26lt%3B/script%26gt%3B")),
        (Attack::Sqli, Sample::get(r"/?id=\x27%20OR%20\u00271\x27=\x271")),
        (Attack::Sqli, Sample::get("/?id=JyBPUiAnMSc9JzE=")),
        (Attack::Lfi, Sample::get("/?id=..%c0%af..%c0%afetc/passwd")),
        (Attack::Lfi, Sample::get("/..%c0%af..%c0%afetc/passwd")),
        (Attack::Lfi, Sample::get("/?id=%u002e%u002e%u002fetc")),
        (Attack::Lfi, Sample::get("/?id=..%5c..%5cwindows%5cwin.ini")),
        (Attack::Sqli, Sample::post("/", "application/json", r#"{"id":"\u0027 OR \u00271\u0027=\u00271"}"#)),
        (Attack::Xss, Sample::post("/", "text/xml", "<a>&lt;script&gt;alert(1)&lt;/script&gt;</a>")),
        (Attack::Sqli, Sample::post("/", FORM, gzip.finish().unwrap()).header("Content-Encoding", "gzip")),
        (
            Attack::Sqli,
            Sample::post("/", FORM, deflate.finish().unwrap()).header("Content-Encoding", "deflate"),
        ),
        (Attack::CodeInjection, Sample::get("/?x=java.lang.Runtime")),
        (Attack::CodeInjection, Sample::post("/", "text/plain", "CloneTransformer then Runtime.exec")),
        (Attack::CodeInjection, Sample::get("/?a=java.lang.x&b=processbuilder")),
    ]);
}

/// A browser's request.
fn browser(sample: Sample) -> Sample {
    sample
        .header("Host", "shop.example.com:8080")
        .header("User-Agent", USER_AGENTS[0])
        .header("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8")
        .header("Accept-Language", "en-US,en;q=0.5")
        .header("Accept-Encoding", "gzip, deflate, br, zstd")
        .header("Referer", "https://shop.example.com/list?page=2&sort=price-asc#top")
        .header("Cookie", "sid=s%3A9f8a7c66.Kd0w; theme=dark; _ga=GA1.2.1234567890.1700000000; __utmz=1.2.utmcsr=(direct)|utmccn=(direct)")
        .header("Sec-Fetch-Mode", "navigate")
        .header("Sec-CH-UA", "\"Chromium\";v=\"128\", \"Not;A=Brand\";v=\"24\"")
        .header("If-None-Match", "W/\"5f3-18c\"")
        .header("X-Request-Id", "0b7e9a34-7c11-4bb1-9f0e-0f6d2f5f8a10")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .header("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")
}

const USER_AGENTS: [&str; 14] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/128.0.6613.88 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.8.131 Version/11.11",
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Go-http-client/1.1",
    "okhttp/4.12.0",
    "kube-probe/1.30",
    "ELB-HealthChecker/2.0",
];

#[test]
fn honest_traffic_raises_nothing() {
    let mut samples = vec![
        Sample::get("/"),
        Sample::get("/index.html"),
        Sample::get("/api/v2/products/42/reviews?page=3&per_page=50&sort=-created_at"),
        Sample::get("/search?q=red+shoes+size+42&category=men%27s+wear"),
        Sample::get("/search?q=O%27Brien"),
        Sample::get("/search?q=rock+%26+roll+%28live%29"),
        Sample::get("/search?q=C%2B%2B+and+C%23"),
        Sample::get("/search?q=how+to+select+a+union+representative"),
        Sample::get("/search?q=caf%C3%A9+z%C3%BCrich"),
        Sample::get("/search?q=%E6%97%A5%E6%9C%AC%E8%AA%9E"),
        Sample::get("/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        Sample::get("/static/js/main.8c1b2f3d.chunk.js"),
        Sample::get("/docs/Guide%20to%20Setup%20(2024).pdf"),
        Sample::get("/login?next=%2Faccount%2Forders&utm_source=news-letter"),
        Sample::get("/oauth?redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=x1Y2z3&scope=openid+email"),
        Sample::get("/report?from=2024-01-01T00%3A00%3A00Z&to=2024-02-01&tz=Europe%2FBerlin"),
        Sample::get("/cart?ids%5B%5D=1&ids%5B%5D=2&price%5Bgte%5D=10.50"),
        Sample::get("/img?w=200&h=100&fit=crop&bg=%23ffffff"),
        Sample::get("/list?fields=id,name,price&limit=20"),
        Sample::get("/a?token=dGhpcyBpcyBhIHRlc3Q%3D"),
        Sample::get("/mail?to=jane.doe%2Bshop@example.com"),
        Sample::get("/wiki/Foo_(bar)"),
        Sample::get("/~alice/notes.txt"),
        Sample::post("/login", FORM, "user=jane.doe%40example.com&password=Tr0ub4dor%263"),
        Sample::post(
            "/comment",
            FORM,
            "text=I+don%27t+think+so%3B+it%27s+fine.+See+you+at+5%3A30%21&parent=12",
        ),
        Sample::post("/comment", FORM, "text=Price+is+%2420+%2825%25+off%29+-+great+deal%21"),
        Sample::post(
            "/orders",
            "application/json",
            r#"{"customer":{"name":"Seán O'Neil","email":"sean@example.com"},"items":[{"sku":"AB-12","qty":2,"note":"gift wrap, please; thanks!"}],"total":59.90,"paid":true}"#,
        ),
        Sample::post(
            "/graphql",
            "application/json",
            r#"{"query":"query Q($id: ID!) { product(id: $id) { name price } }","variables":{"id":"42"}}"#,
        ),
        Sample::post(
            "/soap",
            "text/xml; charset=utf-8",
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><GetPrice><Item>Apples</Item></GetPrice></s:Body></s:Envelope>",
        ),
        Sample::post(
            "/upload",
            "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
            "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nMy holiday, 2024\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name=\"file\"; filename=\"IMG 001.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\u{fffd}\u{0}JFIF<script>\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n",
        ),
        Sample::post(
            "/raw",
            "text/plain",
            "Dear team,\n\nplease find the notes of today's meeting below.\n- budget: ok\n- dates: tbd\n",
        ),
        Sample::post("/img", "image/png", vec![0x89, b'P', b'N', b'G', 0xbc, b'<', 0xbe, 0]),
        Sample::post(
            "/events",
            "application/json",
            r#"[{"t":1700000000,"e":"click","x":10,"path":"/a/b","ua":null},{"t":1700000001,"e":"scroll"}]"#,
        ),
        Sample::post("/empty", FORM, ""),
    ];
    samples.extend(USER_AGENTS.map(|agent| Sample::get("/health").header("User-Agent", agent)));
    let wrong: Vec<String> = samples
        .into_iter()
        .enumerate()
        .map(|(at, sample)| if at < 34 { browser(sample) } else { sample })
        .filter_map(|sample| {
            let found = sample.inspect();
            (!found.is_empty()).then(|| format!("{} {}: {found:?}", sample.method, sample.target))
        })
        .collect();
    assert!(wrong.is_empty(), "{} false positives\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn exceptions_free_one_protection_at_one_place() {
    let app = |protection: &str, location: &str, key: &str| {
        let spec = serde_json::json!({"appID": "a", (protection): {"effect": "prevent",
            "exceptionFields": [{"location": location, "key": key}]}});
        Exceptions::of(&serde_json::from_value(spec).unwrap())
    };
    let sqli = "%27%20OR%20%271%27%3D%271";
    let query = |name: &str| Sample::get(&format!("/x?{name}={sqli}"));
    let free = |sample: &Sample, exceptions: &Exceptions| {
        !sample.inspect_with(exceptions).iter().any(|found| found.attack == Attack::Sqli)
    };
    let by_name = app("sqli", "query", "^comment$").unwrap();
    assert!(free(&query("comment"), &by_name));
    assert!(!free(&query("id"), &by_name));
    assert!(!free(&query("comment"), &app("xss", "query", "^comment$").unwrap()));
    assert!(free(&query("id"), &app("sqli", "queryValues", "OR").unwrap()));
    assert!(!free(&query("id"), &app("sqli", "queryValues", "AND").unwrap()));
    assert!(free(&query("id"), &app("sqli", "path", "/x").unwrap()));
    assert!(!free(&query("id"), &app("sqli", "path", "/y").unwrap()));
    let json = Sample::post("/", "application/json", r#"{"a":{"b":"' OR '1'='1"}}"#);
    assert!(free(&json, &app("sqli", "JSONPath", "/a/b").unwrap()));
    assert!(!free(&json, &app("sqli", "JSONPath", "/a/c").unwrap()));
    let xml = Sample::post("/", "text/xml", "<a><b>' OR '1'='1</b></a>");
    assert!(free(&xml, &app("sqli", "XMLPath", "/a/b").unwrap()));
    let form = Sample::post("/", FORM, format!("f={sqli}"));
    assert!(free(&form, &app("sqli", "body", "^f$").unwrap()));
    assert!(free(&form, &app("sqli", "rawBody", "^f=").unwrap()));
    assert!(!free(&form, &app("sqli", "rawBody", "^g=").unwrap()));
    let cookie = in_cookie("' OR '1'='1");
    assert!(free(&cookie, &app("sqli", "cookie", "coco").unwrap()));
    let agent = in_user_agent("' OR '1'='1");
    assert!(free(&agent, &app("sqli", "UserAgentHeader", "OR").unwrap()));
    assert!(free(&agent, &app("sqli", "header", "(?i)^user-agent$").unwrap()));
    assert!(app("sqli", "JSONPath", "/").is_err());
    assert!(app("sqli", "query", "(").is_err());
    assert!(app("sqli", "moon", "x").is_err());
}
