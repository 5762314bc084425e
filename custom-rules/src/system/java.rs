//! Expressions that libraries of Java evaluate.

use super::SystemRule;

pub(super) const RULES: &[SystemRule] = &[
    SystemRule {
        id: 1,
        name: "Log4Shell in headers",
        description: "CVE-2021-44228: a header that is logged makes Log4j look up a name at a stranger's server",
        script: r#"urlQueryDecode(unicodeDecode(compressWhitespace(req.header_values))) contains /(?i)\$ ?\{ ?jndi ?:/
or
urlQueryDecode(unicodeDecode(compressWhitespace(req.header_names))) contains /(?i)\$ ?\{ ?jndi ?:/
or
urlQueryDecode(unicodeDecode(compressWhitespace(req.cookie_values))) contains /(?i)\$ ?\{ ?jndi ?:/"#,
        message: "Log4j lookup in a header of a %req.http_method request from %req.ip: %regexMatches",
        vulnerabilities: &["CVE-2021-44228"],
    },
    SystemRule {
        id: 2,
        name: "Log4Shell in the path and the query",
        description: "CVE-2021-44228: a path or a parameter that is logged makes Log4j look up a name",
        script: r#"urlPathDecode(req.path) contains /(?i)\$\s*\{\s*jndi\s*:/
or urlQueryDecode(urlQueryDecode(req.query_param_names)) contains /(?i)\$\s*\{\s*jndi\s*:/
or urlQueryDecode(urlQueryDecode(req.query_param_values)) contains /(?i)\$\s*\{\s*jndi\s*:/"#,
        message: "Log4j lookup in the target of a request from %req.ip: %req.path",
        vulnerabilities: &["CVE-2021-44228"],
    },
    SystemRule {
        id: 3,
        name: "Log4Shell in the body, disguised",
        description: "CVE-2021-45046: a lookup whose letters are themselves the results of lookups",
        script: r#"(urlQueryDecode(req.body) contains /(?i)\$\{[^{}]{0,40}\$\{(?:lower|upper|env|sys|date|main|:)[^{}]{0,60}\}/
or htmlEntityDecode(req.body_param_values) contains /(?i)\$\{(?:\$\{[^{}]{0,60}\}|[jndi]){1,8}\s*:/
or req.body contains /(?i)\$\{jndi:(?:ldaps?|rmi|dns|iiop|https?):\/\//)
and not req.http_method in ("GET", "HEAD")"#,
        message: "Log4j lookup in a body: %regexMatches",
        vulnerabilities: &["CVE-2021-44228", "CVE-2021-45046"],
    },
    SystemRule {
        id: 4,
        name: "Struts OGNL evaluation",
        description: "CVE-2017-5638, CVE-2020-17530: Struts evaluates an expression of the request",
        script: r#"urlPathDecode(req.path) contains /[%$#]\{[^}]*(?:@java\.|#_memberAccess|#context|ProcessBuilder|getRuntime)/
or req.headers["Content-Type"] contains /[%$#]\{.*(?:@java\.|#_memberAccess|#context|ProcessBuilder|getRuntime)/
or removeWhitespace(urlQueryDecode(req.query_param_values)) contains /[%$#]\{[^}]*(?:@java\.|#_memberAccess|#context|ProcessBuilder|getRuntime)/
or removeWhitespace(urlQueryDecode(req.body_param_values)) contains /[%$#]\{[^}]*(?:@java\.|#_memberAccess|#context|ProcessBuilder|getRuntime)/"#,
        message: "OGNL expression in a request for %req.path: %regexMatches",
        vulnerabilities: &["CVE-2017-5638", "CVE-2020-17530"],
    },
    SystemRule {
        id: 5,
        name: "Spring class loader",
        description: "CVE-2022-22965: parameters that are bound to the class loader write a page into the server",
        script: r#"urlQueryDecode(unicodeDecode(compressWhitespace(req.query_param_names))) contains /(?i)\bclass[.\[]['"]?(?:module|classLoader|protectionDomain)\b/
or urlQueryDecode(unicodeDecode(compressWhitespace(req.body_param_names))) contains /(?i)\bclass[.\[]['"]?(?:module|classLoader|protectionDomain)\b/
or urlQueryDecode(unicodeDecode(compressWhitespace(req.header_values))) contains /(?i)\bclass\.module\.classLoader\./"#,
        message: "Parameter bound to the class loader: %regexMatches",
        vulnerabilities: &["CVE-2022-22965"],
    },
    SystemRule {
        id: 6,
        name: "Spring routing expression",
        description: "CVE-2022-22963: Spring Cloud Function evaluates a header that chooses the function",
        script: r#"req.http_method = "POST" and req.headers["spring.cloud.function.routing-expression"] contains /T\s*\(|new\s+java|getRuntime|#\w+\./"#,
        message: "Expression in the routing header of Spring Cloud Function",
        vulnerabilities: &["CVE-2022-22963"],
    },
    SystemRule {
        id: 7,
        name: "Commons Text interpolation",
        description: "CVE-2022-42889: interpolated text runs a script or fetches an address",
        script: r#"urlQueryDecode(htmlEntityDecode(req.query_param_values)) contains /(?i)\$\{(script|dns|url):/
or urlQueryDecode(htmlEntityDecode(req.body_param_values)) contains /(?i)\$\{(script|dns|url):/
or req.cookie_values contains /(?i)\$\{(script|dns|url):/"#,
        message: "Interpolation by `%regexMatches` in a request from %req.ip",
        vulnerabilities: &["CVE-2022-42889"],
    },
];
