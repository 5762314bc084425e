//! The API as bytes on loopback.

use crate::support::Api;
use proofhouse_harness::ecs::{ListenError, Serving, listen};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SIGNED: &str = "X-Amz-Date: 20261126T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
    Credential=any/20261126/us-east-1/ecs/aws4_request, SignedHeaders=host;x-amz-date, \
    Signature=0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\r\n";
const LIST: &str = "X-Amz-Target: AmazonEC2ContainerServiceV20141113.ListTasks\r\n";

async fn ask(address: SocketAddr, line: &str, headers: &str, body: &str) -> (u16, Value) {
    ask_as(&address.to_string(), address, line, headers, body).await
}

async fn ask_as(host: &str, address: SocketAddr, line: &str, headers: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-type: application/x-amz-json-1.1"), "{head}");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn calls_are_answered_and_refused_as_aws_does() {
    let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let serving = Serving::start(listener, Arc::clone(&Api::new().ecs)).unwrap();
    let at = serving.address();
    let signed = format!("{SIGNED}{LIST}");
    assert_eq!(ask(at, "POST /", &signed, "{}").await, (200, json!({"taskArns": []})));
    let unknown = signed.replace("ListTasks", "CreateService");
    let broken = signed.replace("Signature=", "Sig=");
    for (line, headers, body, class) in [
        ("POST /", LIST, "{}", "MissingAuthenticationTokenException"),
        ("POST /", broken.as_str(), "{}", "IncompleteSignatureException"),
        ("POST /", SIGNED, "{}", "UnknownOperationException"),
        ("POST /", unknown.as_str(), "{}", "UnknownOperationException"),
        ("GET /", signed.as_str(), "", "UnknownOperationException"),
        ("POST /v1", signed.as_str(), "{}", "UnknownOperationException"),
        ("POST /", signed.as_str(), "{", "SerializationException"),
        ("POST /", signed.as_str(), "{\"cluster\": 1}", "SerializationException"),
        ("POST /", signed.as_str(), "{\"cluster\": \"prod\"}", "ClusterNotFoundException"),
    ] {
        let (status, answer) = ask(at, line, headers, body).await;
        assert_eq!((status, &answer["__type"]), (400, &json!(class)), "{line} {body}: {answer}");
        assert!(!answer["message"].as_str().unwrap().is_empty());
    }
    let (status, answer) = ask_as("example.com", at, "POST /", &signed, "{}").await;
    assert_eq!((status, &answer["__type"]), (400, &json!("AccessDeniedException")));
    serving.end().await;
    assert!(TcpStream::connect(at).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn only_loopback_is_listened_at() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let error = listen(address.parse().unwrap()).await.unwrap_err();
        assert!(matches!(error, ListenError::NotLoopback(_)), "{address}: {error}");
    }
    let taken = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = listen(taken.local_addr().unwrap()).await.unwrap_err();
    assert!(matches!(error, ListenError::Bind { .. }), "{error}");
}
