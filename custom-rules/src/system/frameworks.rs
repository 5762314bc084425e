//! Content management, and what browsers and PHP evaluate.

use super::SystemRule;

pub(super) const RULES: &[SystemRule] = &[
    SystemRule {
        id: 8,
        name: "Drupal render array",
        description: "CVE-2018-7600: a parameter named as a property of a render array calls a function",
        script: r##"urlQueryDecode(req.query_param_names) contains /(?i)\[?#(?:post_render|pre_render|lazy_builder|access_callback|markup)/
or urlQueryDecode(req.query_param_values) contains /(?i)\/#(?:value|type|post_render)\b/
or urlQueryDecode(req.body_param_names) contains /(?i)\[#(?:post_render|pre_render|lazy_builder|access_callback|markup|type)\]/
or urlQueryDecode(req.cookie_names) contains /(?i)#(?:post_render|pre_render|lazy_builder)/"##,
        message: "Drupal render array in a %req.http_method request",
        vulnerabilities: &["CVE-2018-7600"],
    },
    SystemRule {
        id: 9,
        name: "WordPress load-scripts denial of service",
        description: "CVE-2018-6389: one request has all scripts of WordPress read and joined",
        script: r#"urlPathDecode(req.path) contains /(?i)\/wp-admin\/load-(?:scripts|styles)\.php$/
and urlQueryDecode(req.query_param_names) contains /^load(?:\[\w*\])?$/
and urlQueryDecode(req.query_param_values) contains /(?:[\w-]+,){40,}/"#,
        message: "Many scripts asked of WordPress at once by %req.ip",
        vulnerabilities: &["CVE-2018-6389"],
    },
    SystemRule {
        id: 10,
        name: "Client-side template injection",
        description: "Text that a template engine in the browser evaluates",
        script: r#"htmlEntityDecode(urlQueryDecode(req.query_param_values)) contains /\{\{[^{}]*(?:constructor|\$eval|\$on|__proto__)[^{}]*[^\w\d\s-,:_]+[^{}]*\}\}/
or htmlEntityDecode(urlQueryDecode(req.body_param_values)) contains /\{\{[^{}]*(?:constructor|\$eval|\$on|__proto__)[^{}]*[^\w\d\s-,:_]+[^{}]*\}\}/"#,
        message: "Template expression in a parameter: %regexMatches",
        vulnerabilities: &[],
    },
    SystemRule {
        id: 11,
        name: "PHPUnit eval-stdin",
        description: "CVE-2017-9841: a test helper that was left on the server runs the body",
        script: r#"req.http_method in ("POST", "PUT") and lowercase(urlPathDecode(req.path)) contains /\/phpunit\/.*\/eval-stdin\.php$/ and req.body contains /<\?(?:php|=)/"#,
        message: "PHP code posted to %req.path",
        vulnerabilities: &["CVE-2017-9841"],
    },
    SystemRule {
        id: 12,
        name: "Script hidden in comments and references",
        description: "A script element taken apart by comments, white space or references of HTML",
        script: r#"lowercase(removeWhitespace(removeCommentSymbols(htmlEntityDecode(urlQueryDecode(req.query_param_values))))) contains /<script/
or lowercase(removeWhitespace(replaceComments(htmlEntityDecode(urlQueryDecode(req.body_param_values))))) contains /<script[\/>]/
or removeTags(htmlEntityDecode(urlQueryDecode(req.query_param_values))) contains /(?i) script .*\balert\b/"#,
        message: "Disguised script in a parameter",
        vulnerabilities: &[],
    },
];
