//! The requests of the load: what a shop's day looks like, with an attack in ten.

/// A request, and whether a firewall should stop it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Bytes on the wire.
    pub bytes: Vec<u8>,
    /// Whether it is an attack.
    pub attack: bool,
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Method, target, media type, body. Nothing here is in dispute: every firewall worth the name lets these pass.
const BENIGN: [(&str, &str, &str, &str); 18] = [
    ("GET", "/", "", ""),
    ("GET", "/static/js/main.8c1b2f3d.chunk.js", "", ""),
    ("GET", "/api/v2/products/42/reviews?page=3&per_page=50&sort=created_at", "", ""),
    ("GET", "/search?q=red+shoes+size+42&category=wear", "", ""),
    ("GET", "/login?next=%2Faccount%2Forders&utm_source=newsletter", "", ""),
    ("GET", "/report?from=2024-01-01&to=2024-02-01&tz=Berlin", "", ""),
    ("GET", "/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "", ""),
    ("GET", "/img?w=200&h=100&fit=crop&bg=ffffff", "", ""),
    ("GET", "/list?fields=id,name,price&limit=20", "", ""),
    ("GET", "/health", "", ""),
    ("GET", "/cart/items?expand=price&currency=EUR", "", ""),
    ("GET", "/news/2024/02/spring-collection?ref=home", "", ""),
    ("POST", "/login", FORM, "user=jane.doe%40example.com&password=Tr0ub4dor3&remember=on"),
    ("POST", "/comment", FORM, "text=I+like+these+shoes%2C+they+fit+well.+See+you+soon%21&parent=12"),
    ("POST", "/address", FORM, "name=Jane+Doe&street=Long+Lane+12&city=Berlin&zip=10115&country=DE"),
    (
        "POST",
        "/orders",
        JSON,
        r#"{"customer":{"name":"Jane Doe","email":"jane@example.com"},"items":[{"sku":"AB-12","qty":2,"note":"gift wrap, please"}],"paid":true}"#,
    ),
    (
        "POST",
        "/cart",
        JSON,
        r#"{"items":[{"sku":"AB-12","qty":1},{"sku":"CD-34","qty":3}],"coupon":"SPRING24"}"#,
    ),
    ("POST", "/profile", JSON, r#"{"language":"de","newsletter":false,"sizes":{"shoe":42,"shirt":"M"}}"#),
];

/// Nor are these: every firewall worth the name stops them.
const ATTACKS: [(&str, &str, &str, &str); 2] = [
    ("GET", "/?id=1%27%20OR%20%271%27%3D%271", "", ""),
    ("POST", "/comment", FORM, "text=%3Cscript%3Ealert(1)%3C%2Fscript%3E&parent=12"),
];

const HEADERS: [(&str, &str); 7] = [
    ("Host", "shop.example.com"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate"),
    ("Cookie", "sid=9f8a7c66Kd0w; theme=dark"),
    ("Referer", "https://shop.example.com/list?page=2"),
];

/// The mix, in the order it is sent: nine benign requests, then an attack, and so on.
pub fn mix() -> Vec<Request> {
    let (calm, attacks) = (BENIGN.chunks(BENIGN.len() / ATTACKS.len()), &ATTACKS);
    calm.zip(attacks)
        .flat_map(|(calm, attack)| {
            let calm = calm.iter().map(|request| render(request, false));
            calm.chain([render(attack, true)]).collect::<Vec<_>>()
        })
        .collect()
}

fn render((method, target, media, body): &(&str, &str, &str, &str), attack: bool) -> Request {
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    for (name, value) in HEADERS {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if *method == "POST" {
        text.push_str(&format!("Content-Type: {media}\r\nContent-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    Request { bytes: text.into_bytes(), attack }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_in_ten_is_an_attack_and_none_is_left_out() {
        let mix = mix();
        assert_eq!(mix.len(), BENIGN.len() + ATTACKS.len());
        for (at, request) in mix.iter().enumerate() {
            assert_eq!(request.attack, at % 10 == 9, "request {at}");
        }
    }

    #[test]
    fn every_body_has_its_length() {
        for request in mix() {
            let text = String::from_utf8(request.bytes).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            assert_eq!(length.map_or(0, |length| length.parse().unwrap()), body.len(), "{head}");
            assert_eq!(head.starts_with("POST"), length.is_some(), "{head}");
        }
    }
}
