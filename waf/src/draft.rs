//! A request that is being put together.

/// A request in parts; what it is made of is written as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Method; `GET` when empty.
    pub method: String,
    /// Target as sent; `/` when empty.
    pub target: Vec<u8>,
    /// Version; `HTTP/1.1` when empty.
    pub version: String,
    /// Headers in order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Draft {
    /// A header, behind the others.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// A `POST` with that body.
    #[must_use]
    pub fn post(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let draft = Self { method: "POST".to_owned(), body: body.into(), ..Self::default() };
        draft.header("Content-Type", kind)
    }

    /// Whether there is such a header.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The bytes to send, completed by `Host`, `User-Agent`, `Accept`, the length of the body and `Connection: close`, where they are not
    /// there.
    ///
    /// # Errors
    /// What cannot stand in a request of HTTP/1.1, in words.
    pub fn bytes(mut self, host: &str) -> Result<Vec<u8>, String> {
        if !self.has("host") {
            self.headers.insert(0, ("Host".to_owned(), host.into()));
        }
        for (name, value) in [("User-Agent", "proofhouse"), ("Accept", "*/*")] {
            if !self.has(name) {
                self = self.header(name, value);
            }
        }
        if !self.body.is_empty() && !self.has("content-length") && !self.has("transfer-encoding") {
            let length = self.body.len().to_string();
            self = self.header("Content-Length", length);
        }
        if !self.has("connection") {
            self = self.header("Connection", "close");
        }
        self.written()
    }

    /// The bytes, with nothing added.
    ///
    /// # Errors
    /// As [`Draft::bytes`].
    pub fn written(self) -> Result<Vec<u8>, String> {
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
        let target = if self.target.is_empty() { b"/".to_vec() } else { self.target };
        if let Some(byte) = target.iter().find(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control()) {
            return Err(format!("byte {byte:#04x} cannot stand in a request target"));
        }
        let mut out = or(&self.method, "GET").into_bytes();
        out.push(b' ');
        out.extend(target);
        out.push(b' ');
        out.extend(or(&self.version, "HTTP/1.1").into_bytes());
        out.extend(b"\r\n");
        for (name, value) in self.headers {
            if let Some(byte) = value.iter().find(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
                return Err(format!("byte {byte:#04x} cannot stand in the header {name}"));
            }
            out.extend(name.into_bytes());
            out.extend(b": ");
            out.extend(value);
            out.extend(b"\r\n");
        }
        out.extend(b"\r\n");
        out.extend(self.body);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_completed() {
        let bytes = Draft::post("text/plain", "ab").bytes("h:1").unwrap();
        let expected = "POST / HTTP/1.1\r\nHost: h:1\r\nContent-Type: text/plain\r\nUser-Agent: proofhouse\r\nAccept: */*\r\n\
                        Content-Length: 2\r\nConnection: close\r\n\r\nab";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn what_is_there_stays() {
        let draft = Draft { version: "HTTP/1.0".into(), ..Draft::default() };
        let draft = draft
            .header("host", "x")
            .header("user-agent", "u")
            .header("accept", "a")
            .header("CONNECTION", "c");
        let expected = "GET / HTTP/1.0\r\nhost: x\r\nuser-agent: u\r\naccept: a\r\nCONNECTION: c\r\n\r\n";
        assert_eq!(String::from_utf8(draft.bytes("h").unwrap()).unwrap(), expected);
    }

    #[test]
    fn what_breaks_the_frame_is_refused() {
        let refused = |draft: Draft| draft.bytes("h").unwrap_err();
        assert_eq!(refused(Draft::default().header("X", "a\nb")), "byte 0x0a cannot stand in the header X");
        let target = Draft { target: b"/a b".to_vec(), ..Draft::default() };
        assert_eq!(refused(target), "byte 0x20 cannot stand in a request target");
    }
}
