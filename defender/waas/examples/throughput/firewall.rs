//! The firewall in a process of its own.

use crate::Error;
use proofhouse_protocol::link::{CloudMetadata, PolicyRevision};
use proofhouse_protocol::{RuntimePolicy, Semantics};
use proofhouse_waas::{ReCaptchaService, Waas, WaasConfig, system_resolver};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;
use tokio::net::TcpListener;

/// Listens until standard input ends. The arguments are the app's port, and `prevent`, `disable` or `unmatched`.
pub(crate) fn run(rules: &Path, arguments: &[String]) -> Result<(), Error> {
    let [app, how] = arguments else { return Err("the firewall needs a port and an effect".into()) };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(
        rules,
        app.parse()?,
        how,
    ))
}

async fn serve(rules: &Path, app: u16, how: &str) -> Result<(), Error> {
    let exposed = TcpListener::bind("[::]:0").await?.local_addr()?.port();
    let (sender, mut audits) = tokio::sync::mpsc::channel(1024);
    tokio::spawn(async move { while audits.recv().await.is_some() {} });
    let config = WaasConfig {
        app_id: "bench:0".to_owned(),
        version: String::new(),
        cloud: CloudMetadata::default(),
        crs_directory: rules.to_owned(),
        geo_database: None,
        re_captcha: ReCaptchaService::default(),
        resolve: system_resolver,
    };
    let (waas, loading) = Waas::start(config, sender);
    loading.await?;
    waas.apply(&revision(exposed, app, how)?).await?;
    println!("{exposed}");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

fn revision(exposed: u16, internal: u16, how: &str) -> Result<PolicyRevision, Error> {
    let base = if how == "unmatched" { "/nothing/of/this" } else { "*" };
    let effect = json!({"effect": if how == "prevent" { "prevent" } else { "disable" }});
    let mut spec = json!({"appID": "a", "apiSpec": {"endpoints": [
        {"exposedPort": exposed, "internalPort": internal, "basePath": base}]}});
    for protection in
        ["sqli", "xss", "cmdi", "codeInjection", "lfi", "attackTools", "shellshock", "malformedReq"]
    {
        spec[protection] = effect.clone();
    }
    let rule: Value = json!({"rules": [{"name": "r", "applicationsSpec": [spec]}]});
    Ok(PolicyRevision {
        revision: 1,
        runtime: serde_json::from_value::<RuntimePolicy>(json!({"_id": "appEmbeddedRuntime", "rules": []}))?,
        waas: serde_json::from_value(rule)?,
        semantics: Semantics::current(),
    })
}
