//! Rules of the runtime policy: what they may ask, and of what.

use proofhouse_custom_rules::{Event, Fields, MapAttribute, Phase, RuntimeText, Script, TextAttribute};
use std::borrow::Cow;
use std::net::IpAddr;

/// `curl` that reaches an address, or looks a name up.
struct Deed {
    peer: Option<(&'static str, u16)>,
    domain: &'static str,
}

impl Event for Deed {
    fn text(&self, attribute: TextAttribute) -> Cow<'_, [u8]> {
        let text = match attribute {
            TextAttribute::Runtime(RuntimeText::Name) => "curl",
            TextAttribute::Runtime(RuntimeText::Path) => "/usr/bin/curl",
            TextAttribute::Runtime(RuntimeText::ParentName) => "dash",
            TextAttribute::Runtime(RuntimeText::User) => "root",
            TextAttribute::Runtime(RuntimeText::CommandLine) => "curl -k https://evil.test/",
            TextAttribute::Runtime(RuntimeText::Domain) => self.domain,
            _ => panic!("a rule of the runtime policy asks for nothing of a request"),
        };
        text.as_bytes().into()
    }

    fn fields(&self, _: MapAttribute) -> Fields<'_> {
        panic!("a rule of the runtime policy asks for nothing of a request")
    }

    fn peer_address(&self) -> Option<IpAddr> {
        self.peer.and_then(|(ip, _)| ip.parse().ok())
    }

    fn status_code(&self) -> Option<u16> {
        None
    }

    fn port(&self) -> Option<u16> {
        self.peer.map(|(_, port)| port)
    }
}

const REACHES: Deed = Deed { peer: Some(("198.51.100.66", 443)), domain: "" };
const LOOKS_UP: Deed = Deed { peer: None, domain: "evil.test" };

fn holds(script: &str, phase: Phase, deed: &Deed) -> bool {
    Script::parse(script, phase)
        .unwrap_or_else(|error| panic!("{script}: {error}"))
        .evaluate(deed, 0)
        .is_some()
}

#[test]
fn what_a_process_is_asked() {
    for (script, expected) in [
        (r#"proc.name = "curl""#, true),
        (r#"proc.name in ("wget", "curl") and proc.user = "root""#, true),
        (r#"proc.pname = "dash" and not proc.path startswith "/usr/local/""#, true),
        (r#"lowercase(proc.cmdline) contains "HTTPS""#, false),
        (r#"proc.cmdline contains /https?:/"#, true),
        (r#"proc.path = "curl""#, false),
    ] {
        for phase in [Phase::Process, Phase::Outgoing] {
            assert_eq!(holds(script, phase, &REACHES), expected, "{script}");
        }
    }
    let needs = |script| Script::parse(script, Phase::Process).unwrap().needs_command_line();
    assert!(needs(r#"proc.name = "a" and proc.cmdline contains "b""#) && !needs(r#"proc.name = "a""#));
}

#[test]
fn what_a_connection_and_a_lookup_are_asked() {
    for (script, reaches, looks_up) in [
        (r#"net.outgoing_ip in "198.51.100.0/24""#, true, false),
        (r#"net.outgoing_ip = "198.51.100.66" and net.outgoing_port in (80, 443)"#, true, false),
        (r#"net.outgoing_port > 1023"#, false, false),
        (r#"net.outgoing_port != 80"#, true, true),
        (r#"net.domain contains /\.test$/"#, false, true),
        (r#"net.domain = """#, true, false),
    ] {
        assert_eq!(holds(script, Phase::Outgoing, &REACHES), reaches, "{script}");
        assert_eq!(holds(script, Phase::Outgoing, &LOOKS_UP), looks_up, "{script}");
    }
}

#[test]
fn each_plane_has_its_own_attributes() {
    let refused = |script: &str, phase| Script::parse(script, phase).unwrap_err().to_string();
    for (script, phase, words) in [
        (r#"net.domain = "a""#, Phase::Process, "`net.domain` in a rule of type `processes`"),
        (
            r#"net.outgoing_ip = "10.0.0.1""#,
            Phase::Process,
            "`net.outgoing_ip` in a rule of type `processes`",
        ),
        (r#"req.path = "/""#, Phase::Outgoing, "`req.path` in a rule of type `network-outgoing`"),
        (r#"resp.status_code = 200"#, Phase::Process, "`resp.status_code` in a rule of type `processes`"),
        (r#"proc.name = "sh""#, Phase::Request, "`proc.name` in a rule of type `waas-request`"),
        (r#"proc.nam = "sh""#, Phase::Process, "did you mean `proc.name`?"),
        (r#"proc.interactive"#, Phase::Process, "unknown attribute `proc.interactive`"),
        (r#"net.outgoing_ip < "10.0.0.1""#, Phase::Outgoing, "write `net.outgoing_ip in"),
    ] {
        let said = refused(script, phase);
        assert!(said.contains(words), "{script}: {said}");
    }
    for phase in [Phase::Request, Phase::Response, Phase::Process, Phase::Outgoing] {
        assert_eq!(Phase::of_rule_type(phase.rule_type()), Some(phase));
    }
}
