//! Servers and their modules.

use super::SystemRule;

pub(super) const RULES: &[SystemRule] = &[
    SystemRule {
        id: 13,
        name: "Apache path normalisation",
        description: "CVE-2021-41773, CVE-2021-42013: dots that are encoded once or twice leave the document root",
        script: r#"req.path contains /(?i)\/(?:\.|%2e|%%32%65|%252e){2}(?:\/|%2f)/
and not req.path contains /\/\.\.\//
and urlPathDecode(urlPathDecode(req.path)) contains /\/\.\.\//"#,
        message: "Encoded parent directories in %req.path",
        vulnerabilities: &["CVE-2021-41773", "CVE-2021-42013"],
    },
    SystemRule {
        id: 14,
        name: "PHP-FPM behind nginx",
        description: "CVE-2019-11043: a line break in the path underflows a buffer",
        script: r#"req.path contains /(?i)\.php(?:\/[^?]*)?%0[ad]/
and (req.query_param_names contains /^.{300,}/ or req.query_param_values contains /^.{300,}/ or urlPathDecode(req.path) contains /PHP_VALUE/)"#,
        message: "Line break in the path of a script: %req.path from %req.ip",
        vulnerabilities: &["CVE-2019-11043"],
    },
    SystemRule {
        id: 15,
        name: "Exchange server-side request forgery",
        description: "CVE-2021-26855: a cookie chooses the server that Exchange passes the request to",
        script: r#"urlPathDecode(req.path) contains /(?i)^\/(?:ecp|owa)\/.*\.(?:js|css|png|ico|aspx?)$/
and (req.cookies["X-BEResource"] contains /[^;]*~\d{4,}/ or req.cookies["X-AnonResource-Backend"] contains /~\d{4,}/)"#,
        message: "Exchange is to forward a request; cookies: %req.cookies",
        vulnerabilities: &["CVE-2021-26855"],
    },
    SystemRule {
        id: 16,
        name: "Exchange arbitrary file write",
        description: "CVE-2021-27065: the address of an address book holds a page that runs on the server",
        script: r#"req.http_method = "POST" and (urlPathDecode(req.path) contains /(?i)\/ecp\/DDI\/DDIService\.svc/)
and urlQueryDecode(unicodeDecode(req.body)) contains /(?i)(?:External|Internal)Url[\s\S]*<\s*script[^>]*runat/"#,
        message: "A page is written through an address book of Exchange: %regexMatches",
        vulnerabilities: &["CVE-2021-27065"],
    },
    SystemRule {
        id: 17,
        name: "ProxyShell",
        description: "CVE-2021-34473: a path of Autodiscover reaches another service as the server itself",
        script: r#"lowercase(urlPathDecode(req.path)) contains "/autodiscover/autodiscover.json"
and (lowercase(urlQueryDecode(req.query_params["Email"])) contains "autodiscover/autodiscover.json" or lowercase(urlQueryDecode(req.cookies["Email"])) contains "autodiscover/autodiscover.json"
or urlQueryDecode(req.query_param_names) contains /(?i)@[^\/]*\/(?:mapi|powershell|ews)\//)"#,
        message: "Autodiscover of Exchange leads to another service",
        vulnerabilities: &["CVE-2021-34473"],
    },
];
