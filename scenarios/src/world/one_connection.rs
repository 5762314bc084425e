//! Requests that are sent on one connection.

use super::exchanges::{address, method_and_target};
use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::RigError;
use proofhouse_harness::services::HttpRequest;
use proofhouse_protocol::observation::sha256;

impl ScenarioWorld {
    /// Sends requests as they are written, one after the other, each a stimulus.
    pub(crate) async fn request_on_one_connection(
        &mut self,
        client: &str,
        port: u16,
        text: &str,
    ) -> StepResult {
        let requests = text.split("\n---\n").map(written).collect::<Result<Vec<_>, _>>()?;
        let task = self.rig_ref()?.task()?;
        let server = task.surroundings().address_of(port);
        let mut connection = task.client(address(client)?).open(server).await.map_err(RigError::from)?;
        for Written { mut request, sent_sha256 } in requests {
            let token = new_token();
            let (method, target) = (request.method.clone(), request.target.clone());
            let what = format!("a client at {client} requests {method} {target} on port {port}");
            self.begin_stimulus(&token, Doing::Exchange { port, method, target }, &what);
            request.token = Some(token);
            connection.request(&request).await;
            self.sent = 1;
            self.sent_sha256 = sent_sha256;
        }
        Ok(())
    }
}

/// A request, and the digest of its body without framing.
struct Written {
    request: HttpRequest,
    sent_sha256: String,
}

fn written(text: &str) -> Result<Written, StepError> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.trim().lines();
    let first = lines.next().unwrap_or_default();
    let (method, target) = method_and_target(first.trim_end_matches(" HTTP/1.1"))?;
    let mut request = HttpRequest::new(method, target);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(|| {
            StepError::new(format!("\"{line}\" is no header: write a name, a colon, a value"))
        })?;
        request.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let body = body.trim_end_matches('\n');
    let chunked = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked")
    };
    let framed = if request.headers.iter().any(chunked) {
        proofhouse_generators::in_chunks(body.as_bytes())
    } else {
        body.as_bytes().to_vec()
    };
    request.body = framed.into();
    Ok(Written { request, sent_sha256: sha256(body.as_bytes()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_it_is_sent() {
        let read =
            written("POST /a?b=1 HTTP/1.1\nHost: x\nA: b: c\n\none\n\ntwo\n").expect("it is a request");
        assert_eq!((read.request.method.as_str(), read.request.target.as_str()), ("POST", "/a?b=1"));
        assert_eq!(read.request.headers[1], ("A".to_owned(), "b: c".to_owned()));
        assert_eq!(read.request.body.as_ref(), b"one\n\ntwo");
        let chunked = written("PUT / HTTP/1.1\nTransfer-Encoding: chunked\n\nabc").expect("it is a request");
        assert_eq!(chunked.request.body.as_ref(), b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
        assert_eq!(chunked.sent_sha256, sha256(b"abc"));
        assert!(written("GET").is_err() && written("GET / HTTP/1.1\nno colon").is_err());
    }
}
