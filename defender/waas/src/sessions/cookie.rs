//! The cookie of a session.
//!
//! Declared choices: its name; it is good for 24 hours, for the address and the `User-Agent` that it was made for, and until the Defender
//! starts anew; of several cookies of the name one good one is enough.

use super::seal::Seal;
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
    Valid(String),
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

    /// The session of a request.
    pub(crate) fn read(&self, headers: &HeaderMap, client: &Client, now: Instant) -> Session {
        let lines: Vec<_> =
            headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let crumbs = lines.iter().flat_map(|line| line.split(';'));
        let values = crumbs.filter_map(|crumb| crumb.trim().strip_prefix(NAME)?.strip_prefix('='));
        let mut session = Session::Absent;
        for value in values {
            session = Session::Invalid;
            let opened = self.seal.open(&owner(headers, client), value.trim());
            if let Some((id, _)) = opened.filter(|(_, begun)| begun + LIFETIME > self.second(now)) {
                return Session::Valid(id);
            }
        }
        session
    }

    /// `Set-Cookie` of a new session.
    pub(crate) fn begin(
        &self,
        app: &ApplicationSpec,
        headers: &HeaderMap,
        client: &Client,
        now: Instant,
    ) -> HeaderValue {
        let value = self.seal.seal(&owner(headers, client), self.second(now));
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
            sessions.read(&headers(agent, cookies), &client(last), now)
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
