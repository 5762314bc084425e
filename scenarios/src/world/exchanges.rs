//! Requests from outside, and what the app must see of them.

use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_harness::services::{HttpRequest, TlsOffer, Way};
use proofhouse_protocol::Observation;
use proofhouse_protocol::actor::{OwnAnswer, Reply, Request};
use proofhouse_protocol::observation::Source;
use proofhouse_reports::checks::{AppRequests, Check, Exchange, ExchangeExpectation};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long an app may take to tell of a request before a fence is sent behind it.
const TELL_LIMIT: Duration = Duration::from_secs(2);

/// A client that asks for nothing in particular (TEST-NET-3).
pub(super) const BYSTANDER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 250));

/// The connection that a request goes by.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    /// How it is encrypted, if it is.
    pub(crate) tls: Option<TlsOffer>,
    /// How requests are spoken on it.
    pub(crate) way: Way,
}

impl ScenarioWorld {
    /// Sends a request as a stimulus.
    pub(crate) async fn request(
        &mut self,
        client: &str,
        request: &str,
        port: u16,
        headers: &[(String, String)],
        body: &str,
    ) -> StepResult {
        self.request_by(client, request, port, (headers, body.as_bytes()), Connection::default()).await
    }

    /// The same, on a connection that may be encrypted.
    pub(crate) async fn request_by(
        &mut self,
        client: &str,
        request: &str,
        port: u16,
        (headers, body): (&[(String, String)], &[u8]),
        Connection { tls, way }: Connection,
    ) -> StepResult {
        let (client, (method, target)) = (address(client)?, method_and_target(request)?);
        self.sent = 1;
        let token = new_token();
        let what = format!("a client at {client} requests {request} on port {port}");
        let doing = Doing::Exchange { port, method: method.to_owned(), target: target.to_owned() };
        self.begin_stimulus(&token, doing, &what);
        let mut request = HttpRequest::new(method, target);
        request.headers = headers.to_vec();
        request.body = body.to_vec().into();
        request.token = Some(token);
        request.tls = tls;
        request.way = way;
        self.rig_ref()?.task()?.request(client, port, &request).await;
        Ok(())
    }

    /// Token and port of the last request.
    pub(super) fn exchange(&self) -> Result<(String, u16), StepError> {
        let stimulus = self.stimulus()?;
        match stimulus.doing {
            Doing::Exchange { port, .. } => Ok((stimulus.token.clone(), port)),
            _ => Err(StepError::new("the last thing done was not a request")),
        }
    }

    /// What the answer to the last request must be. Where none came, a fence tells whether the way was open.
    pub(super) async fn expect_exchange(&mut self, expect: ExchangeExpectation) -> StepResult {
        let (token, port) = self.exchange()?;
        let check = Check::Exchange(Exchange { token: token.clone(), expect });
        let given_up = self.records().iter().any(|record| {
            record.token() == Some(&token)
                && matches!(record.observation(), Observation::HttpExchange { timed_out: true, .. })
        });
        if given_up {
            self.fence_app_requests(port).await;
        }
        self.settle(&check)
    }

    /// Status of the last answer.
    pub(crate) async fn expect_status(&mut self, expected: u16) -> StepResult {
        self.expect_exchange(ExchangeExpectation::Status(expected)).await
    }

    /// The block page of the firewall.
    pub(crate) async fn expect_block_page(&mut self) -> StepResult {
        self.expect_exchange(ExchangeExpectation::BlockPage).await
    }

    /// Lines of a header of the last answer.
    pub(crate) async fn expect_header(&mut self, name: &str, values: &[&str]) -> StepResult {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.expect_exchange(ExchangeExpectation::Header { name: name.to_owned(), values }).await
    }

    /// A header of the last answer, whatever its value.
    pub(crate) async fn expect_some_header(&mut self, name: &str) -> StepResult {
        self.expect_exchange(ExchangeExpectation::SomeHeader(name.to_owned())).await
    }

    /// Name and value of the cookie that was set last.
    pub(crate) fn cookie_that_was_set(&self) -> Result<String, StepError> {
        let holder = self.session_holder();
        holder.map(|(_, cookie)| cookie).ok_or_else(|| StepError::new("no answer has set a cookie yet"))
    }

    /// The client to whom a cookie was set last, and that cookie.
    pub(super) fn session_holder(&self) -> Option<(IpAddr, String)> {
        self.records().iter().rev().find_map(|record| match record.observation() {
            Observation::HttpExchange { client, response_headers, .. } => {
                let mut headers = response_headers.iter();
                let (_, set) = headers.find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))?;
                let client = client.parse::<SocketAddr>().ok()?.ip();
                // What a fence was given is nobody else's.
                if self.bystander_passes && client == BYSTANDER {
                    return None;
                }
                Some((client, set.split(';').next().unwrap_or_default().to_owned()))
            }
            _ => None,
        })
    }

    /// What the last request over TLS that was answered has offered, if the last request was one.
    pub(super) fn last_tls(&self) -> Option<TlsOffer> {
        self.records().iter().rev().find_map(|record| match record.observation() {
            Observation::HttpExchange { tls, request_headers, .. } => {
                Some(tls.as_ref().and_then(|session| {
                    let (_, host) =
                        request_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"))?;
                    Some(TlsOffer { version: session.version.clone(), server_name: host.clone() })
                }))
            }
            _ => None,
        })?
    }

    /// The same with another letter in the middle of its value.
    pub(crate) fn changed_cookie(&self) -> Result<String, StepError> {
        let cookie = self.cookie_that_was_set()?;
        let (name, value) = cookie.split_once('=').unwrap_or(("", &cookie));
        let middle = value.chars().count() / 2;
        let other = |letter| if letter == 'A' { 'B' } else { 'A' };
        let changed =
            value.chars().enumerate().map(|(at, letter)| if at == middle { other(letter) } else { letter });
        Ok(format!("{name}={}", changed.collect::<String>()))
    }

    /// A text in the body of the last answer.
    pub(crate) async fn expect_in_body(&mut self, text: &str) -> StepResult {
        self.expect_exchange(ExchangeExpectation::BodyHas(text.to_owned())).await
    }

    /// That the last answer has an event id.
    pub(crate) async fn expect_event_id(&mut self) -> StepResult {
        self.expect_exchange(ExchangeExpectation::EventId).await
    }

    /// The event id of the last answer in its body.
    pub(crate) async fn expect_event_id_in_body(&mut self) -> StepResult {
        self.expect_exchange(ExchangeExpectation::EventIdInBody).await
    }

    /// The last answer came by TLS, with the certificate of that firewall rule.
    pub(crate) async fn expect_certificate_of(&mut self, rule: &str) -> StepResult {
        let certificate_sha256 = self.policies.certificate_of(rule)?;
        self.expect_exchange(ExchangeExpectation::Encrypted { certificate_sha256 }).await
    }

    /// The server refused the last request.
    pub(crate) async fn expect_refused(&mut self) -> StepResult {
        self.expect_exchange(ExchangeExpectation::Refused).await
    }

    /// Has the app in a container answer requests of a path so from now on. The text is that of a response without what the server
    /// adds itself: a status, headers, an empty line, the body.
    pub(crate) async fn answer_with(&mut self, container: &str, path: &str, text: &str) -> StepResult {
        let answer = own_answer(text).ok_or_else(|| {
            StepError::new(
                "this is no answer: write a status, headers a line each, an empty line, and the body",
            )
        })?;
        match self.act(container, &Request::Answer { path: path.to_owned(), answer }, None).await? {
            Reply::Done => Ok(()),
            other => Err(StepError::new(format!("\"{container}\" does not answer so: {other:?}"))),
        }
    }

    /// Has the app in a container serve another port too.
    pub(crate) async fn serve_also(&mut self, container: &str, port: u16) -> StepResult {
        match self.act(container, &Request::Serve { port }, None).await? {
            Reply::Done => Ok(()),
            other => Err(StepError::new(format!("\"{container}\" does not serve port {port}: {other:?}"))),
        }
    }

    /// Whether the app saw the last request. A clean request follows on the same port where it has not, and only when the app has
    /// told of that one is it certain that the other is not on its way.
    pub(crate) async fn expect_app_saw(&mut self, seen: bool) -> StepResult {
        let (token, port) = self.exchange()?;
        let own = |record: &proofhouse_reports::HistoryRecord| {
            matches!(record.observation(), Observation::AppRequest { token: Some(found), .. } if *found == token)
                && matches!(record.recording.source, Source::Container(_))
        };
        let patience = if seen { TELL_LIMIT } else { Duration::ZERO };
        if !self.records().iter().any(own) && self.watch()?.wait_for(patience, own).await.is_none() {
            self.fence_app_requests(port).await;
        }
        self.settle(&Check::AppRequests(AppRequests { token, port, seen }))
    }

    /// The same request on another port gives the same answer, past its security group, which is not what is looked at here.
    pub(crate) async fn expect_same_answer_on(&mut self, port: u16) -> StepResult {
        let Doing::Exchange { method, target, .. } = self.stimulus()?.doing.clone() else {
            return Err(StepError::new("the last thing done was not a request"));
        };
        let direct = self.ask("a client asks the app itself for the same");
        let mut request = HttpRequest::new(method, target);
        request.token = Some(direct.clone());
        self.rig_ref()?.task()?.request_past_the_group(BYSTANDER, port, &request).await;
        self.expect_exchange(ExchangeExpectation::SameAs(direct)).await
    }
}

pub(super) fn address(text: &str) -> Result<IpAddr, StepError> {
    text.parse().map_err(|_| StepError::new(format!("\"{text}\" is no address")))
}

pub(super) fn method_and_target(request: &str) -> Result<(&str, &str), StepError> {
    let parts = request.split_once(' ');
    parts.ok_or_else(|| StepError::new(format!("\"{request}\" is no request: write a method and a target")))
}

fn own_answer(text: &str) -> Option<OwnAnswer> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next()?.trim().parse().ok()?;
    let header = |line: &str| {
        line.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
    };
    let headers = lines.map(header).collect::<Option<_>>()?;
    Some(OwnAnswer { status, headers, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_written_as_one_reads_it() {
        let read = own_answer("404\nServer: x\nA: b:c\n\none\n\ntwo\n").expect("it is an answer");
        assert_eq!((read.status, read.body.as_str()), (404, "one\n\ntwo\n"));
        assert_eq!(read.headers[1], ("A".to_owned(), "b:c".to_owned()));
        assert!(own_answer("204").is_some_and(|read| read.headers.is_empty() && read.body.is_empty()));
        for wrong in ["", "yes", "200\nno colon\n\nbody"] {
            assert!(own_answer(wrong).is_none(), "{wrong}");
        }
    }
}
