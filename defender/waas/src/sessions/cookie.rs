//! The cookie of a session.
//!
//! Declared choices: its name; it is good for 24 hours, for the address and the `User-Agent` that it was made for, and until the Defender
//! starts anew; of several cookies of the name one good one is enough. Who has answered the question of an app has a session for as long as
//! the answer counts, if that is longer.

use super::seal::Seal;
use super::ticket::Ticket;
use crate::captcha::Captcha;
use crate::client_address::Client;
use hyper::HeaderMap;
use hyper::header::{COOKIE, HeaderValue, USER_AGENT};
use proofhouse_protocol::waas_policy::ApplicationSpec;
use std::time::Instant;

const NAME: &str = "proofhouse_session";

/// Seconds that a session lasts.
const LIFETIME: u64 = 24 * 3600;

/// What the cookies of a request say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Session {
    /// This session.
    Valid(Ticket),
    /// Something that this Defender did not make for this client, or long ago.
    Invalid,
    /// Nothing.
    Absent,
}

/// Makes and reads sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    seal: Seal,
    start: Instant,
}

impl Sessions {
    pub(crate) fn new(start: Instant) -> Self {
        Self { seal: Seal::new(), start }
    }

    /// The session of a request to an app that may ask a question.
    pub(crate) fn read(
        &self,
        headers: &HeaderMap,
        client: &Client,
        captcha: Option<&Captcha>,
        now: Instant,
    ) -> Session {
        let lines: Vec<_> =
            headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let crumbs = lines.iter().flat_map(|line| line.split(';'));
        let values = crumbs.filter_map(|crumb| crumb.trim().strip_prefix(NAME)?.strip_prefix('='));
        let mut session = Session::Absent;
        for value in values {
            session = Session::Invalid;
            let opened = self.seal.open(&owner(headers, client), value.trim());
            let Some(ticket) = opened.and_then(|bytes| Ticket::of_bytes(&bytes)) else { continue };
            let solved = captcha.is_some_and(|captcha| self.has_answered(&ticket, captcha, now));
            if solved || ticket.begun + LIFETIME > self.second(now) {
                return Session::Valid(ticket);
            }
        }
        session
    }

    /// Whether the question of that app is answered, and the answer still counts.
    pub(crate) fn has_answered(&self, ticket: &Ticket, captcha: &Captcha, now: Instant) -> bool {
        ticket.solved.is_some_and(|(site, answered)| captcha.counts(site, answered, self.second(now)))
    }

    /// `Set-Cookie` of a new session.
    pub(crate) fn begin(
        &self,
        app: &ApplicationSpec,
        headers: &HeaderMap,
        client: &Client,
        now: Instant,
    ) -> HeaderValue {
        self.set(app, headers, client, Ticket::new(self.second(now)))
    }

    /// `Set-Cookie` of the same session, or of a new one, in which that question is answered.
    pub(crate) fn answered(
        &self,
        (app, captcha): (&ApplicationSpec, &Captcha),
        headers: &HeaderMap,
        client: &Client,
        session: Option<&Session>,
        now: Instant,
    ) -> HeaderValue {
        let second = self.second(now);
        let ticket = match session {
            Some(Session::Valid(ticket)) => *ticket,
            _ => Ticket::new(second),
        };
        self.set(app, headers, client, ticket.answered(captcha.site, second))
    }

    fn set(
        &self,
        app: &ApplicationSpec,
        headers: &HeaderMap,
        client: &Client,
        ticket: Ticket,
    ) -> HeaderValue {
        let value = self.seal.seal(&owner(headers, client), ticket.to_bytes());
        let same_site = match app.session_cookie_same_site.as_str() {
            "" => "Lax",
            set => set,
        };
        let secure = if app.session_cookie_secure { "; Secure" } else { "" };
        let text = format!("{NAME}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}");
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(NAME))
    }

    fn second(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.start).as_secs()
    }
}

/// Whom a session is made for.
fn owner(headers: &HeaderMap, client: &Client) -> String {
    let agent = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    format!("{} {}", client.address, agent.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;
    use std::time::Duration;

    fn client(last: u8) -> Client {
        Client { address: IpAddr::from([203, 0, 113, last]), chain: Vec::new(), origin: Default::default() }
    }

    fn headers(agent: &str, cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, agent.parse().unwrap());
        cookies.iter().for_each(|line| {
            headers.append(COOKIE, line.parse().unwrap());
        });
        headers
    }

    #[test]
    fn a_session_is_that_of_one_client_for_a_day() {
        let start = Instant::now();
        let sessions = Sessions::new(start);
        let set = sessions.begin(&ApplicationSpec::default(), &headers("ua", &[]), &client(7), start);
        let set = set.to_str().unwrap();
        assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{set}");
        let crumb = set.split(';').next().unwrap();
        let read = |agent, cookies: &[&str], last, hours: u64| {
            let now = start + Duration::from_secs(hours * 3600);
            sessions.read(&headers(agent, cookies), &client(last), None, now)
        };
        assert!(matches!(read("ua", &[crumb], 7, 23), Session::Valid(_)));
        assert!(matches!(read("ua", &["a=b", &format!("c=d; {crumb}")], 7, 0), Session::Valid(_)));
        assert!(matches!(read("ua", &[&format!("{NAME}=junk; {crumb}")], 7, 0), Session::Valid(_)));
        assert_eq!(read("ua", &[crumb], 7, 24), Session::Invalid);
        assert_eq!(read("ua", &[crumb], 8, 0), Session::Invalid);
        assert_eq!(read("other", &[crumb], 7, 0), Session::Invalid);
        assert_eq!(read("ua", &[&format!("{NAME}=junk")], 7, 0), Session::Invalid);
        assert_eq!(read("ua", &["other=1"], 7, 0), Session::Absent);
    }

    #[test]
    fn an_answer_counts_for_its_hours_and_its_site_and_its_client() {
        let app = |key: &str, hours: u64| -> ApplicationSpec {
            let spec = serde_json::json!({"enabled": true, "siteKey": key, "successExpirationHours": hours});
            serde_json::from_value(serde_json::json!({"sessionCookieEnabled": true, "botProtectionSpec": {"reCAPTCHASpec": spec}}))
                .unwrap()
        };
        let start = Instant::now();
        let (sessions, spec) = (Sessions::new(start), app("one", 48));
        let captcha = Captcha::of(&spec).unwrap();
        let crumb = |set: &HeaderValue| set.to_str().unwrap().split(';').next().unwrap().to_owned();
        let first = crumb(&sessions.begin(&spec, &headers("ua", &[]), &client(7), start));
        let session = sessions.read(&headers("ua", &[&first]), &client(7), Some(&captcha), start);
        let Session::Valid(before) = session else { panic!("{session:?}") };
        assert!(!sessions.has_answered(&before, &captcha, start));
        let set =
            sessions.answered((&spec, &captcha), &headers("ua", &[]), &client(7), Some(&session), start);
        let read = |last, key: &str, hours: u64, later: u64| {
            let captcha = Captcha::of(&app(key, hours)).unwrap();
            let now = start + Duration::from_secs(later * 3600);
            match sessions.read(&headers("ua", &[&crumb(&set)]), &client(last), Some(&captcha), now) {
                Session::Valid(ticket) => {
                    assert_eq!(ticket.id(), before.id());
                    Some(sessions.has_answered(&ticket, &captcha, now))
                }
                _ => None,
            }
        };
        assert_eq!(read(7, "one", 48, 47), Some(true));
        assert_eq!(read(7, "one", 48, 48), None, "the session is over, too");
        assert_eq!(read(7, "one", 1, 1), Some(false));
        assert_eq!(read(7, "other", 48, 0), Some(false));
        assert_eq!(read(8, "one", 48, 0), None);
    }

    #[test]
    fn the_policy_says_how_the_cookie_travels() {
        let app: ApplicationSpec = serde_json::from_value(
            serde_json::json!({"sessionCookieSecure": true, "sessionCookieSameSite": "Strict"}),
        )
        .unwrap();
        let start = Instant::now();
        let set = Sessions::new(start).begin(&app, &headers("ua", &[]), &client(7), start);
        assert!(set.to_str().unwrap().ends_with("; SameSite=Strict; Secure"));
    }
}
