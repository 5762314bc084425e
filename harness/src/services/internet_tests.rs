use super::*;
use crate::outside::InProcess;
use proofhouse_protocol::observation::{Pipeline, Recorder};
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[derive(Default)]
struct Seen(Mutex<Vec<Observation>>);

impl Recorder for Seen {
    fn record(&self, recording: Recording) {
        self.0.lock().unwrap().push(recording.observation);
    }
}

impl Seen {
    /// Waits until something was seen.
    async fn first<T>(&self, pick: impl Fn(&Observation) -> Option<T>) -> T {
        loop {
            if let Some(found) = self.0.lock().unwrap().iter().find_map(&pick) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_request_is_recorded_with_its_body_and_one_that_breaks_off_is_lost() {
    let (place, seen) = (InProcess::default(), Arc::new(Seen::default()));
    let server: SocketAddr = "203.0.113.10:80".parse().unwrap();
    let client: SocketAddr = "10.0.42.7:0".parse().unwrap();
    let responder = Arc::new(|_: &HostRequest| HostResponse::text(200, "taken"));
    let _host = InternetHost::http(&place, "shop", server, responder, Arc::clone(&seen) as _).await.unwrap();
    let request = b"POST /buy HTTP/1.1\r\nHost: shop\r\nX-Proofhouse-Token: t-1\r\nContent-Length: 5\r\n\r\n";

    let mut stream = place.connect_tcp(client, server).await.unwrap();
    stream.write_all(&[&request[..], b"apple"].concat()).await.unwrap();
    stream.read_u8().await.unwrap();
    let (token, body) = seen
        .first(|seen| match seen {
            Observation::ServiceRequest { token, body, .. } => Some((token.clone(), body.clone())),
            _ => None,
        })
        .await;
    assert_eq!((token.as_deref(), body), (Some("t-1"), Body::of(b"apple")));

    let mut stream = place.connect_tcp(client, server).await.unwrap();
    stream.write_all(&[&request[..], b"ap"].concat()).await.unwrap();
    drop(stream);
    let lost = seen.first(|seen| match seen {
        Observation::Lost { pipeline, count, .. } => Some((pipeline.clone(), *count)),
        _ => None,
    });
    assert_eq!(lost.await, (Pipeline::ServiceRequests { service: "shop".to_owned() }, 1));
}
