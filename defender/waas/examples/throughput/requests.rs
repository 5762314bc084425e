//! What is sent.

#[path = "../../../../images/actor/src/load/mix.rs"]
mod mix;

/// A mixed day: pages, searches, forms, JSON, an upload of 8 KiB of text, and one attack in ten.
pub(crate) const REQUESTS: [(&str, &str, &str, &str); 20] = [
    ("GET", "/", "", ""),
    ("GET", "/static/js/main.8c1b2f3d.chunk.js", "", ""),
    ("GET", "/api/v2/products/42/reviews?page=3&per_page=50&sort=-created_at", "", ""),
    ("GET", "/search?q=red+shoes+size+42&category=men%27s+wear", "", ""),
    ("GET", "/search?q=how+to+select+a+union+representative", "", ""),
    ("GET", "/login?next=%2Faccount%2Forders&utm_source=news-letter", "", ""),
    ("GET", "/oauth?redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=x1Y2z3&scope=openid+email", "", ""),
    ("GET", "/report?from=2024-01-01T00%3A00%3A00Z&to=2024-02-01&tz=Europe%2FBerlin", "", ""),
    ("GET", "/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "", ""),
    ("GET", "/img?w=200&h=100&fit=crop&bg=%23ffffff", "", ""),
    (
        "POST",
        "/login",
        "application/x-www-form-urlencoded",
        "user=jane.doe%40example.com&password=Tr0ub4dor%263",
    ),
    (
        "POST",
        "/comment",
        "application/x-www-form-urlencoded",
        "text=I+don%27t+think+so%3B+it%27s+fine.+See+you+at+5%3A30%21&parent=12",
    ),
    (
        "POST",
        "/orders",
        "application/json",
        r#"{"customer":{"name":"Jane O'Neil","email":"jane@example.com"},"items":[{"sku":"AB-12","qty":2,"note":"gift wrap, please"}],"paid":true}"#,
    ),
    (
        "POST",
        "/graphql",
        "application/json",
        r#"{"query":"query Q($id: ID!) { product(id: $id) { name price } }","variables":{"id":"42"}}"#,
    ),
    ("POST", "/notes", "text/plain", LONG),
    ("GET", "/list?fields=id,name,price&limit=20", "", ""),
    ("GET", "/wiki/Foo_(bar)", "", ""),
    ("GET", "/health", "", ""),
    ("GET", "/?id=%27%20OR%20%271%27%3D%271", "", ""),
    ("GET", "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "", ""),
];

/// Stands for 8 KiB of plain text.
const LONG: &str = "\u{0}8192";

pub(crate) const HEADERS: [(&str, &str); 6] = [
    ("Host", "shop.example.com"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Cookie", "sid=9f8a7c66Kd0w; theme=dark; _ga=GA1.2.1234567890.1700000000"),
    ("Referer", "https://shop.example.com/list?page=2&sort=price-asc"),
];

pub(crate) fn body(text: &str) -> Vec<u8> {
    if text == LONG {
        return b"Dear team, please find the notes of today's meeting below. ".repeat(140)[..8192].to_vec();
    }
    text.as_bytes().to_vec()
}

/// Requests that are sent in turn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// One GET with three arguments, as a small client sends it.
    ThreeArguments,
    /// What `make bench` sends.
    Day,
    /// A form of 8 KiB.
    Form,
}

impl Mix {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ThreeArguments => "three arguments",
            Self::Day => "mixed day",
            Self::Form => "form of 8 KiB",
        }
    }

    /// As bytes on the wire, and whether each is an attack.
    pub(crate) fn requests(self) -> Vec<(Vec<u8>, bool)> {
        match self {
            Self::ThreeArguments => {
                let text = "GET /items?page=3&sort=price&q=red+shoes HTTP/1.1\r\nHost: shop.example.com\r\n\
                    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0)\r\nAccept: */*\r\n\r\n";
                vec![(text.as_bytes().to_vec(), false)]
            }
            Self::Day => mix::mix().into_iter().map(|request| (request.bytes, request.attack)).collect(),
            Self::Form => {
                let mut form = b"title=Notes&text=".to_vec();
                form.extend(body(LONG).iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }));
                form.truncate(8192);
                vec![(wire("POST", "/notes", "application/x-www-form-urlencoded", &form), false)]
            }
        }
    }
}

fn wire(method: &str, target: &str, media: &str, body: &[u8]) -> Vec<u8> {
    let heads: String = HEADERS.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: {media}\r\nContent-Length: {length}\r\n"),
    };
    [format!("{method} {target} HTTP/1.1\r\n{heads}{length}\r\n").as_bytes(), body].concat()
}
