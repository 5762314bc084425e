//! Headers, and what reads them.

use super::SystemRule;

pub(super) const RULES: &[SystemRule] = &[
    SystemRule {
        id: 18,
        name: "Range header of http.sys",
        description: "CVE-2015-1635, CVE-2022-21907: numbers and lists that overflow in the kernel of Windows",
        script: r#"req.headers["Range"] contains /(?i)^\s*bytes\s*=[\d\s,-]*-\s*\d{16,}/
or req.headers["Accept-Encoding"] contains /&[\w\s]*&[\w\s*]*(?:,[\w\s*]*){5,}/"#,
        message: "Header that overflows in http.sys, from %req.ip",
        vulnerabilities: &["CVE-2015-1635", "CVE-2022-21907"],
    },
    SystemRule {
        id: 19,
        name: "Shellshock",
        description: "CVE-2014-6271: a header that a CGI program hands to Bash as a function",
        script: r#"compressWhitespace(req.header_values) contains /^\(\) ?\{[^}]*\} ?;/ or compressWhitespace(urlQueryDecode(req.cookie_values)) contains /^\(\) ?\{[^}]*\} ?;/"#,
        message: "Function of Bash in a header: %regexMatches",
        vulnerabilities: &["CVE-2014-6271"],
    },
    SystemRule {
        id: 20,
        name: "Token without a signature",
        description: "A JSON web token that names no algorithm, or a key outside the folder of keys",
        script: r#"jwtHeaderValue(req.headers["Authorization"], "alg") contains /(?i)^none$/
or jwtHeaderValue(req.headers["Authorization"], "kid") contains /\.\.[\\\/]/
or (jwtHeader(req.headers["Authorization"]) contains /"alg"/ and not jwtValid(req.headers["Authorization"]))"#,
        message: "Token of %req.ip is not to be trusted",
        vulnerabilities: &[],
    },
];
