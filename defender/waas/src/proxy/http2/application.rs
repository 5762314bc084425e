//! Connections to applications that speak HTTP/2, and which of them do.

use super::super::Body;
use super::super::early::Early;
use super::super::rest::Rest;
use super::paced::Paced;
use super::pipe::{announce, pipe};
use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Ping, Reason};
use hyper::body::Body as _;
use hyper::{Request, Response};
use std::collections::HashMap;
use std::future::{Future as _, poll_fn};
use std::io;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long an application may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How long one may take to answer the question whether it speaks HTTP/2, before the answer is no.
const PATIENCE: Duration = Duration::from_secs(1);

// What hyper gives a client of HTTP/2.
const WINDOW: u32 = 2 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 5 * 1024 * 1024;
const HEADERS: u32 = 16 * 1024;
const UNSENT: usize = 1024 * 1024;

/// What is known of applications, by port.
#[derive(Debug, Default)]
pub(in super::super) struct Applications(std::sync::Mutex<HashMap<u16, Arc<Mutex<Known>>>>);

/// What is known of one.
#[derive(Debug, Default)]
enum Known {
    #[default]
    Nothing,
    /// It does not speak HTTP/2.
    Http1,
    /// Its connection, which all requests share.
    Http2(Lane),
}

/// A connection to an application. Each request is a stream of it.
#[derive(Debug, Clone)]
pub(in super::super) struct Lane(SendRequest<Bytes>);

impl Applications {
    /// The connection to the application at that port; none if it does not speak HTTP/2. It is asked once, until it does not answer any
    /// more. With `surely` it is not asked.
    pub(in super::super) async fn lane(&self, port: u16, surely: bool) -> io::Result<Option<Lane>> {
        let known = self.known(port);
        let mut known = known.lock().await;
        match &*known {
            Known::Http1 if !surely => return Ok(None),
            Known::Http2(lane) if lane.is_open() => return Ok(Some(lane.clone())),
            _ => {}
        }
        *known = Known::Nothing;
        let lane = Lane::open(port, surely).await?;
        *known = lane.clone().map_or(Known::Http1, Known::Http2);
        Ok(lane)
    }

    /// Has the application at that port asked again.
    pub(in super::super) async fn forget(&self, port: u16) {
        *self.known(port).lock().await = Known::Nothing;
    }

    fn known(&self, port: u16) -> Arc<Mutex<Known>> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(port).or_default())
    }
}

impl Lane {
    /// Connects without TLS, by prior knowledge (RFC 9113, section 3.3). An application that speaks HTTP/2 answers a ping; any other
    /// takes the preface for a request that it does not know, which that is made for.
    async fn open(port: u16, surely: bool) -> io::Result<Option<Self>> {
        let stream = timeout(CONNECT, TcpStream::connect((Ipv4Addr::LOCALHOST, port))).await??;
        stream.set_nodelay(true)?;
        let mut builder = Builder::new();
        builder
            .enable_push(false)
            .initial_window_size(WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEADERS)
            .max_send_buffer_size(UNSENT);
        let (sender, mut connection) =
            builder.handshake(Paced::of(stream)).await.map_err(io::Error::other)?;
        let pings = connection.ping_pong();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(port, %error, "the connection to the application ended");
            }
        });
        if !surely && let Some(mut pings) = pings {
            let answered = timeout(PATIENCE, pings.ping(Ping::opaque())).await;
            if !matches!(answered, Ok(Ok(_))) {
                tracing::info!(port, "the application speaks no HTTP/2: it gets HTTP/1.1");
                return Ok(None);
            }
        }
        Ok(Some(Self(sender)))
    }

    fn is_open(&self) -> bool {
        !matches!(self.0.clone().poll_ready(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_)))
    }

    /// Sends a request; what the application says before its answer goes to `early`.
    pub(in super::super) async fn send(
        self,
        request: Request<Body>,
        early: Option<Early>,
    ) -> Result<Response<Rest>, h2::Error> {
        let (mut parts, body) = request.into_parts();
        let ended = body.is_end_stream();
        if !ended {
            announce(&mut parts.headers, &body);
        }
        let mut sender = self.0.ready().await?;
        let (mut answer, stream) = sender.send_request(Request::from_parts(parts, ()), ended)?;
        if !ended {
            tokio::spawn(pipe(body, stream));
        }
        let answer = poll_fn(|context| {
            while let Poll::Ready(Some(Ok(told))) = answer.poll_informational(context) {
                if let Some(early) = &early {
                    early.tell(told.status(), told.headers());
                }
            }
            Pin::new(&mut answer).poll(context)
        });
        let (parts, frames) = answer.await?.into_parts();
        let rest = Rest::of_answer(&parts.headers, frames);
        Ok(Response::from_parts(parts, rest))
    }
}

/// Whether the application said that it has not begun with a request, which may thus be sent again (RFC 9113, section 8.7).
pub(in super::super) fn is_untouched(error: &h2::Error) -> bool {
    let reason = error.reason();
    error.is_remote()
        && (reason == Some(Reason::REFUSED_STREAM) || error.is_go_away() && reason == Some(Reason::NO_ERROR))
}
