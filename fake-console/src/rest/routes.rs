//! Which path is answered by which handler. Paths are without their `/api/...` prefix.

use super::front::front;
use super::handlers as h;
use crate::policy::Refusal;
use crate::state::Shared;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use axum::{Router, middleware};
use std::sync::Arc;

/// Largest body that is read.
const BODY_LIMIT: usize = 16 << 20;

/// The whole API.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let routes = Router::new()
        .route("/_ping", get(h::ping))
        .route("/authenticate", post(h::authenticate))
        .route("/authenticate/renew", get(h::renew))
        .route("/version", get(h::version))
        .route("/collections", get(h::collections).post(h::create_collection))
        .route("/current/collections", get(h::collections))
        .route("/collections/{name}", put(h::update_collection).delete(h::remove_collection))
        .route("/collections/{name}/usages", get(h::collection_usages))
        .route("/policies/runtime/app-embedded", get(h::runtime).put(h::put_runtime).post(h::post_runtime))
        .route("/policies/firewall/app/app-embedded", get(h::waas).put(h::put_waas))
        .route("/policies/firewall/app/apispec", post(h::import_api_spec))
        .route(
            "/policies/firewall/app/network-list",
            get(h::network_lists).post(h::create_network_list).put(h::update_network_list),
        )
        .route("/policies/firewall/app/network-list/{id}", delete(h::remove_network_list))
        .route("/policies/firewall/app/log-scrubbing", get(h::log_scrubbing).put(h::put_log_scrubbing))
        .route("/custom-rules", get(h::custom_rules))
        .route("/custom-rules/{id}", put(h::put_custom_rule).delete(h::remove_custom_rule))
        .route("/audits/runtime/app-embedded", get(h::runtime_audits))
        .route("/audits/runtime/app-embedded/download", get(h::runtime_audits_csv))
        .route("/audits/incidents", get(h::incidents))
        .route("/audits/firewall/app/app-embedded", get(h::firewall_audits))
        .route("/audits/firewall/app/app-embedded/download", get(h::firewall_audits_csv))
        .route("/audits/firewall/app/app-embedded/timeslice", get(h::firewall_timeslice))
        .route("/waas/discovered-apis", get(h::discovered_apis))
        .route("/waas/discovered-apis/openapi", get(h::discovered_apis_document))
        .route("/waas/monitoring-stats", get(h::monitoring_stats))
        .route("/waas/monitoring-stats/{app}/reset", post(h::reset_monitoring_stats))
        .route("/stats/app-firewall/count", get(h::firewall_count))
        .route("/defenders", get(h::defenders))
        .route("/defenders/names", get(h::defender_names))
        .route("/defenders/image-name", get(h::image_name))
        .route("/defenders/summary", get(h::defender_summary))
        .route("/defenders/download", get(h::defenders_csv))
        .route("/defenders/install-bundle", get(h::install_bundle))
        .route("/defenders/fargate.json", post(h::fargate_json))
        .route("/defenders/fargate.yaml", post(h::fargate_yaml))
        .route("/defenders/{hostname}", delete(h::remove_defender))
        .route("/profiles/app-embedded", get(h::profiles))
        .route("/settings/defender", get(h::settings).post(h::put_settings))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(shared.clone());
    // The front changes the path, so it must stand before the routes are matched.
    Router::new().fallback_service(routes).layer(middleware::from_fn_with_state(shared.clone(), front))
}

async fn unknown(request: Request) -> Response {
    Refusal::unknown(format!("no such path: {}", request.uri().path())).into_response()
}

async fn wrong_method(request: Request) -> Response {
    let message = format!("{} is not allowed on {}", request.method(), request.uri().path());
    Refusal::new(405, message).into_response()
}
