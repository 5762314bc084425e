//! Requests as they are sent, and as a policy sees them.

use super::answers::{app_answer, odd_answer};
use super::ask::{Ask, Carried, Frill, Odd};
use super::bot::AGENTS;
use super::call::{BOUNDARY, Call};
use super::load::Seat;
use proofhouse_model::requests::{Attack, Document, FieldOfBody, Given, Member, Place, Planted, Sent, Spot};
use proofhouse_protocol::observation::sha256;
use std::net::IpAddr;

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in their order; `Content-Length` of a body that is not in chunks is whoever's who sends it.
    pub headers: Vec<(String, String)>,
    /// Body with its content coding and its framing.
    pub body: Vec<u8>,
}

impl Ask {
    /// What is sent.
    #[must_use]
    pub fn wire(&self, forwarded: Option<&str>) -> Wire {
        let body = self.coded();
        let mut headers = self.headers(forwarded);
        let framed = if self.chunked && !body.is_empty() {
            headers.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
            in_chunks(&body)
        } else {
            body
        };
        Wire { method: self.method.to_owned(), target: self.target(), headers, body: framed }
    }

    /// What a policy sees of it.
    #[must_use]
    pub fn sent(&self, peer: IpAddr, forwarded: Option<&str>) -> Sent {
        let Wire { method, target, headers, .. } = self.wire(forwarded);
        let odd = self.odd.map(|_| Planted {
            attack: Attack::MalformedReq,
            place: Place { spot: Spot::Request, key: String::new(), value: String::new(), sure: false },
        });
        let planted = self.carried.iter().filter(|one| one.is_attack).map(planted);
        let attacks = odd.into_iter().chain(planted).collect();
        let coded_sha256 = self.packing.map(|_| sha256(&self.coded()));
        let path = target.split('?').next().unwrap_or_default();
        let app_status = odd_answer(path).map_or(200, |odd| odd.status);
        let app_answer = Some(app_answer(path));
        Sent {
            peer,
            port: self.port,
            headers,
            body: self.body(),
            coded_sha256,
            fields: self.fields(),
            files: self.files.iter().map(|file| file.sent()).collect(),
            app_answer,
            document: self.document(),
            app_status,
            bot: self.agent.filter(|_| !self.has_agent()).and_then(|at| AGENTS[at].1),
            attacks,
            method,
            target,
        }
    }

    /// The body in its content coding.
    fn coded(&self) -> Vec<u8> {
        let body = self.body().into_bytes();
        self.packing.map_or(body.clone(), |packing| packing.packed(&body))
    }

    /// Values of the fields of the body.
    fn fields(&self) -> Vec<FieldOfBody> {
        if let Some(call) = &self.call {
            return call.fields();
        }
        let Some(one) = self.in_body().filter(|one| one.seat != Seat::Raw) else { return Vec::new() };
        let beside = FieldOfBody { written: "en".to_owned(), value: "en".to_owned() };
        vec![beside, FieldOfBody { written: one.written(), value: one.coding.value(one.text()) }]
    }

    /// What the body says, where it has a structure.
    fn document(&self) -> Option<Document> {
        if let Some(call) = &self.call {
            return call.body.clone();
        }
        let member = |name: &str, given| Member { name: name.to_owned(), given };
        let text = |name: &str, text: &str| member(name, Given::Text(text.to_owned()));
        if self.odd == Some(Odd::BodyOfGet) {
            return Some(Document { kind: Spot::JsonBody, members: vec![text("coco", "momo")] });
        }
        let one = self.in_body().filter(|one| one.seat != Seat::Raw)?;
        let value = one.coding.value(one.text());
        let members = match (one.seat, one.name.split('/').collect::<Vec<_>>().as_slice()) {
            (Seat::Json, [_, outer, _]) => vec![text("lang", "en"), member(outer, Given::Members)],
            (Seat::Xml, [_, _, inner]) => vec![text("lang", "en"), text(inner, &value)],
            _ => vec![text("lang", "en"), text(one.name, &value)],
        };
        Some(Document { kind: one.seat.spot(), members })
    }

    fn target(&self) -> String {
        if let Some(call) = &self.call {
            return call.target();
        }
        let mut target = self.path.to_owned();
        let mut query = Vec::new();
        for one in &self.carried {
            match one.seat {
                Seat::Path => {
                    if !target.ends_with('/') {
                        target.push('/');
                    }
                    target.push_str(&one.written());
                }
                Seat::Query => query.push(format!("{}={}", one.name, one.written())),
                _ => {}
            }
        }
        if !query.is_empty() {
            query.push("page=2".to_owned());
        }
        match self.frill {
            Some(Frill::BareParameter) => query.push("flag".to_owned()),
            Some(Frill::EndingAmpersand) => query.extend(["lang=en".to_owned(), String::new()]),
            Some(Frill::EmptyQuery) if query.is_empty() => target.push('?'),
            _ => {}
        }
        if !query.is_empty() {
            target = format!("{target}?{}", query.join("&"));
        }
        target
    }

    fn headers(&self, forwarded: Option<&str>) -> Vec<(String, String)> {
        let header = |name: &str, value: String| (name.to_owned(), value);
        let mut headers = vec![header("Host", self.host.to_owned())];
        let of = |seat: Seat| self.carried.iter().find(move |one| one.seat == seat);
        let usual = self.agent.map_or("shop-client/2.1", |at| AGENTS[at].0);
        let agent = of(Seat::Agent).map_or_else(|| usual.to_owned(), Carried::written);
        headers.push(header("User-Agent", agent));
        headers.push(header("Accept", "*/*".to_owned()));
        headers.extend(forwarded.map(|chain| header("X-Forwarded-For", chain.to_owned())));
        headers.extend(
            of(Seat::Cookie)
                .map(|one| header("Cookie", format!("lang=en; {}={}; seen=1", one.name, one.written()))),
        );
        headers.extend(of(Seat::Header).map(|one| header(one.name, one.written())));
        headers.extend(self.call.iter().flat_map(Call::all_headers));
        headers.extend(self.frill.into_iter().flat_map(Frill::headers));
        headers.extend(self.own_bot.map(|own| header("X-Bot", own.to_owned())));
        headers.extend(self.env.map(|env| header("X-Env", env.to_owned())));
        let kind = match self.in_body().map(|one| one.seat) {
            _ if self.odd == Some(Odd::BodyOfGet) => Some("application/json".to_owned()),
            Some(Seat::Form) => Some("application/x-www-form-urlencoded".to_owned()),
            None if self.files.is_empty() => self.call.as_ref().and_then(Call::content_type),
            None | Some(Seat::Multipart) => Some(format!("multipart/form-data; boundary={BOUNDARY}")),
            Some(Seat::Json) => Some("application/json".to_owned()),
            Some(Seat::Xml) => Some("application/xml".to_owned()),
            Some(_) => Some("text/plain".to_owned()),
        };
        headers.extend(kind.map(|kind| header("Content-Type", kind)));
        headers.extend(self.packing.map(|packing| header("Content-Encoding", packing.word().to_owned())));
        let announced = matches!(self.method, "POST" | "PUT" | "PATCH") && self.odd.is_none();
        if announced && self.body().is_empty() {
            headers.push(header("Content-Length", "0".to_owned()));
        }
        headers
    }

    /// The body without its framing.
    #[must_use]
    pub fn wire_body(&self) -> String {
        self.body()
    }

    fn body(&self) -> String {
        if self.odd == Some(Odd::BodyOfGet) {
            return "{\"coco\": \"momo\"}".to_owned();
        }
        if let Some(call) = &self.call {
            return call.written_body();
        }
        let files: String = self.files.iter().map(|file| file.part(BOUNDARY)).collect();
        let Some(one) = self.in_body() else {
            return if files.is_empty() { files } else { format!("{files}--{BOUNDARY}--\r\n") };
        };
        let text = one.written();
        match one.seat {
            Seat::Form => format!("lang=en&{}={text}", one.name),
            Seat::Multipart => format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"lang\"\r\n\r\nen\r\n\
                 --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{text}\r\n{files}--{BOUNDARY}--\r\n",
                one.name
            ),
            Seat::Json => match one.name.split('/').collect::<Vec<_>>()[..] {
                [_, outer, inner] => {
                    format!("{{\"lang\": \"en\", \"{outer}\": {{\"{inner}\": \"{text}\"}}}}")
                }
                _ => format!("{{\"value\": \"{text}\"}}"),
            },
            Seat::Xml => match one.name.split('/').collect::<Vec<_>>()[..] {
                [_, outer, inner] => {
                    format!("<{outer}><lang>en</lang><{inner}>{text}</{inner}></{outer}>")
                }
                _ => format!("<value>{text}</value>"),
            },
            _ => text,
        }
    }
}

fn planted(one: &Carried) -> Planted {
    let place = Place {
        spot: one.seat.spot(),
        key: one.name.to_owned(),
        value: one.coding.value(one.text()),
        sure: one.coding.is_of_place() && one.seat != Seat::Path,
    };
    Planted { attack: one.load.attack, place }
}

/// A body as it is sent in two chunks.
#[must_use]
pub fn in_chunks(body: &[u8]) -> Vec<u8> {
    let (first, second) = body.split_at(body.len() / 2);
    let mut framed = Vec::new();
    for chunk in [first, second].into_iter().filter(|chunk| !chunk.is_empty()) {
        framed.extend(format!("{:x}\r\n", chunk.len()).bytes());
        framed.extend(chunk);
        framed.extend(b"\r\n");
    }
    framed.extend(b"0\r\n\r\n");
    framed
}
