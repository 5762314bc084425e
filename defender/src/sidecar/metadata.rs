//! ECS task metadata v4. Its absence degrades what audits say, and nothing else.

use super::resolve;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use proofhouse_protocol::link::CloudMetadata;
use serde::Deserialize;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// For one attempt; the metadata service is a link-local neighbour.
const PATIENCE: Duration = Duration::from_secs(1);

/// The service may come up a moment after the task.
const ATTEMPTS: u32 = 3;

/// A task with all its containers is some ten kilobytes.
const LONGEST: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
enum MetadataError {
    #[error("not a metadata address")]
    Address,
    #[error("status {0}")]
    Status(u16),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Request(#[from] hyper::http::Error),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error("not the metadata of a task: {0}")]
    Json(#[from] serde_json::Error),
    #[error("no answer in time")]
    Slow(#[from] tokio::time::error::Elapsed),
}

#[derive(Debug, Deserialize)]
struct Task {
    #[serde(rename = "TaskARN", default)]
    arn: String,
    #[serde(rename = "Cluster", default)]
    cluster: String,
}

/// Asks where the task runs. Nothing is known when nobody answers.
pub async fn fetch(uri: &str) -> CloudMetadata {
    for attempt in 1..=ATTEMPTS {
        match timeout(PATIENCE, task(uri)).await.map_err(MetadataError::from).flatten() {
            Ok(task) => return describe(&task),
            Err(error) => {
                eprintln!("defender: task metadata at {uri}: {error} (attempt {attempt} of {ATTEMPTS})")
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    CloudMetadata::default()
}

async fn task(uri: &str) -> Result<Task, MetadataError> {
    let rest = uri.strip_prefix("http://").ok_or(MetadataError::Address)?;
    let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| MetadataError::Address)?),
        None => (authority, 80),
    };
    let ip = *resolve::addresses(host).await?.first().ok_or(MetadataError::Address)?;
    let stream = TcpStream::connect((ip, port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let path = path.trim_end_matches('/');
    let request =
        Request::get(format!("/{path}/task")).header("host", authority).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    if !response.status().is_success() {
        return Err(MetadataError::Status(response.status().as_u16()));
    }
    let body = Limited::new(response.into_body(), LONGEST).collect().await.map_err(MetadataError::Body)?;
    Ok(serde_json::from_slice(&body.to_bytes())?)
}

/// `arn:aws:ecs:<region>:<account>:task/<cluster>/<task id>`; the cluster is missing in old ones.
fn describe(task: &Task) -> CloudMetadata {
    let mut parts = task.arn.splitn(6, ':').skip(3);
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (region, account_id, resource) = (part(), part(), part());
    let resource_id = resource.rsplit('/').next().unwrap_or_default().to_owned();
    CloudMetadata {
        provider: "aws".to_owned(),
        region,
        account_id,
        cluster: task.cluster.clone(),
        resource_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_where_a_task_runs() {
        let task = |arn: &str| describe(&Task { arn: arn.to_owned(), cluster: "shop".to_owned() });
        let cloud = task("arn:aws:ecs:us-east-1:111122223333:task/shop/0123456789abcdef0123456789abcdef");
        assert_eq!(cloud.region, "us-east-1");
        assert_eq!(cloud.account_id, "111122223333");
        assert_eq!(cloud.resource_id, "0123456789abcdef0123456789abcdef");
        assert_eq!(task("arn:aws:ecs:us-east-1:1:task/0123").resource_id, "0123");
        assert_eq!(task("").resource_id, "");
    }

    #[tokio::test]
    async fn a_task_without_metadata_is_a_task() {
        assert_eq!(fetch("http://127.0.0.1:1/v4/x").await, CloudMetadata::default());
        assert_eq!(fetch("ftp://x").await, CloudMetadata::default());
    }
}
