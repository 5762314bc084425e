//! Takes connections; each has a task of its own.

use super::connection_faults::ConnectionFaults;
use super::routes::router;
use crate::faults::{CutStream, RestFault};
use crate::state::Shared;
use axum::{Extension, Router};
use futures_util::{Stream, StreamExt as _};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

const HANDSHAKE: Duration = Duration::from_secs(10);

/// Whether a plane is encrypted.
#[derive(Clone)]
pub(crate) enum Encryption {
    Tls(Arc<ServerConfig>),
    None,
}

/// Serves every connection of `incoming`, until that ends or the Console shuts down.
pub(crate) async fn serve<S, IO, A>(shared: Arc<Shared>, encryption: Encryption, incoming: S)
where
    S: Stream<Item = (IO, A)>,
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = router(&shared);
    let mut incoming = std::pin::pin!(incoming);
    loop {
        let next = tokio::select! {
            () = shared.shutdown.cancelled() => return,
            next = incoming.next() => next,
        };
        let Some((io, _)) = next else { return };
        let (shared, encryption, router) = (shared.clone(), encryption.clone(), router.clone());
        let tasks = shared.tasks.clone();
        tasks.spawn(async move {
            let faults = ConnectionFaults::now(&shared);
            let router = router.layer(Extension(faults.clone()));
            tokio::select! {
                () = shared.shutdown.cancelled() => {}
                () = faults.until_outdated(&shared) => {}
                () = connection(&shared, encryption, router, io) => {}
            }
        });
    }
}

async fn connection<IO>(shared: &Shared, encryption: Encryption, router: Router, io: IO)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let faults = shared.faults.rest();
    if faults.contains(&RestFault::Refuse) {
        return;
    }
    let cut =
        faults.iter().find_map(|fault| if let RestFault::Cut(after) = fault { Some(*after) } else { None });
    let io = CutStream::new(io, cut);
    match encryption {
        Encryption::None => speak(router, io).await,
        Encryption::Tls(config) => {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, TlsAcceptor::from(config).accept(io)).await {
                speak(router, stream).await;
            }
        }
    }
}

async fn speak<IO>(router: Router, io: IO)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = TowerToHyperService::new(router);
    // A client that goes away in the middle is no concern of the Console's.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(io), service).await;
}
