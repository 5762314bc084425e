//! What the app answers with something of its own, by path.

use proofhouse_model::requests::AppAnswer;

/// An answer that is not what the app was asked.
#[derive(Debug, PartialEq, Eq)]
pub struct OddAnswer {
    /// Path that it is the answer to.
    pub path: &'static str,
    /// Status.
    pub status: u16,
    /// Headers, as the app writes them.
    pub headers: &'static [(&'static str, &'static str)],
    /// Body.
    pub body: &'static str,
    /// Whether the body has what no client may see (section 2.7 of `reference/waas.md`).
    pub leaks: bool,
}

/// Headers of what the app answers where it has nothing of its own, beside its framing and its connection.
const USUAL: &[(&str, &str)] = &[
    ("Server", "proofhouse-actor"),
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Proofhouse-App", "actor"),
];

const fn plain(path: &'static str, status: u16, body: &'static str) -> OddAnswer {
    OddAnswer { path, status, headers: &[], body, leaks: false }
}

const fn with(
    path: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
) -> OddAnswer {
    OddAnswer { path, status, headers, body: "a page of the shop\n", leaks: false }
}

const fn text(path: &'static str, status: u16, body: &'static str, leaks: bool) -> OddAnswer {
    OddAnswer { path, status, headers: &[("Content-Type", "text/html")], body, leaks }
}

/// All of them. The first two are the answers of any request; the others are asked for where answers are what a policy is about.
pub const ODD_ANSWERS: &[OddAnswer] = &[
    plain("/missing", 404, "nothing is here\n"),
    plain("/made", 201, "it was made\n"),
    with(
        "/basket",
        200,
        &[("Set-Cookie", "basket=7; Path=/; Secure"), ("Set-Cookie", "theme=dark; SameSite=None")],
    ),
    with(
        "/shop/basket",
        404,
        &[
            ("set-cookie", "visitor=1; HttpOnly; samesite=Lax"),
            ("Cache-Control", "no-cache"),
            ("Set-Cookie", "lang=en"),
            ("SET-COOKIE", "same-site=7; Path=/shop"),
            ("X-Frame-Options", "DENY"),
        ],
    ),
    with(
        "/about",
        200,
        &[
            ("Server", "shop/7"),
            ("X-Powered-By", "PHP/8.2"),
            ("x-powered-by", "Express"),
            ("X-AspNet-Version", "4.0"),
            ("X-AspNetMvc-Version", "5.2"),
            ("Via", "1.1 cache"),
            ("X-Server", "seven"),
            ("X-Powered", "by wind"),
        ],
    ),
    with(
        "/framed",
        500,
        &[
            ("x-frame-options", "ALLOW-FROM https://partner.example"),
            ("X-Frame-Options", "DENY"),
            ("X-Frame", "oak"),
        ],
    ),
    with(
        "/marked",
        200,
        &[
            ("x-added", "theirs"),
            ("X-Added", "theirs too"),
            ("Content-Security-Policy", "default-src *"),
            ("Strict-Transport-Security", "max-age=1"),
            ("X-Own", "kept"),
        ],
    ),
    text(
        "/told/users",
        200,
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n",
        true,
    ),
    text("/told/hashes", 200, "root:$6$salt$hash:19700:0:99999:7:::\n", true),
    text("/told/key", 404, "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n", true),
    text("/told/list", 200, "<html><head><title>Index of /backup</title></head>\n", true),
    text("/shop/told", 200, "<html><title>PHP 8.2.7 - phpinfo()</title></html>\n", true),
    text("/told/certificate", 200, "-----BEGIN CERTIFICATE-----\nMIIDdz\n", false),
    text("/told/manual", 200, "<title>How to read an index of /things</title>\n", false),
    text("/shop/notes", 200, "<p>Call phpinfo() to learn the version of PHP.</p>\n", false),
];

/// Its answer to a path, if that is not what it was asked.
#[must_use]
pub fn odd_answer(path: &str) -> Option<&'static OddAnswer> {
    ODD_ANSWERS.iter().find(|one| one.path == path)
}

/// What a policy sees of the answer to a path.
pub(super) fn app_answer(path: &str) -> AppAnswer {
    let odd = odd_answer(path);
    let headers = odd.map_or(USUAL, |odd| odd.headers).iter();
    AppAnswer {
        headers: headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body_bytes: odd.map_or(0, |odd| odd.body.len()),
        leaks: odd.is_some_and(|odd| odd.leaks),
    }
}
