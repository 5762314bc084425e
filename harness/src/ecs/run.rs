//! The request to run tasks.

use super::overrides::Overrides;
use super::{ApiError, ErrorKind, Names};
use serde::Deserialize;
use serde_json::{Value, json};

/// Tasks that one request starts at the most (API model).
const MOST: i64 = 10;

/// The platform version that is simulated.
pub(super) const PLATFORM: &str = "1.4.0";

/// The request. A member that is not here is refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RunRequest {
    pub task_definition: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    count: Option<i64>,
    #[serde(default)]
    launch_type: Option<String>,
    #[serde(default)]
    capacity_provider_strategy: Vec<Value>,
    #[serde(default)]
    network_configuration: NetworkConfiguration,
    #[serde(default)]
    pub overrides: Overrides,
    #[serde(default)]
    platform_version: Option<String>,
    #[serde(default)]
    pub started_by: Option<String>,
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub tags: Vec<Value>,
    #[serde(default)]
    propagate_tags: Option<String>,
    #[serde(default, rename = "enableECSManagedTags")]
    managed_tags: bool,
    #[serde(default)]
    pub enable_execute_command: bool,
    #[serde(default)]
    pub client_token: Option<String>,
    #[serde(default)]
    placement_constraints: Vec<Value>,
    #[serde(default)]
    placement_strategy: Vec<Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NetworkConfiguration {
    #[serde(default)]
    awsvpc_configuration: Option<VpcConfiguration>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VpcConfiguration {
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    security_groups: Vec<String>,
    #[serde(default)]
    assign_public_ip: Option<String>,
}

impl RunRequest {
    /// Holds the request against what Fargate takes.
    ///
    /// # Errors
    /// `ClusterNotFoundException`, `PlatformUnknownException`, `InvalidParameterException`.
    pub fn check(&self, names: &Names) -> Result<(), ApiError> {
        let refused = |words: String| Err(ApiError::parameter(words));
        cluster(names, self.cluster.as_deref())?;
        if !(1..=MOST).contains(&self.count()) {
            return refused(format!("count is {}, and must be between 1 and {MOST}", self.count()));
        }
        match self.launch_type.as_deref() {
            None | Some("FARGATE") => {}
            Some(other) => {
                return refused(format!("launchType is '{other}', and only 'FARGATE' is simulated"));
            }
        }
        self.check_capacity()?;
        if !self.placement_constraints.is_empty() || !self.placement_strategy.is_empty() {
            return refused(
                "Placement constraints and strategies are not supported with FARGATE.".to_owned(),
            );
        }
        if !matches!(self.propagate_tags.as_deref(), None | Some("TASK_DEFINITION" | "NONE")) {
            return refused(
                "propagateTags of a task that no service has started must be 'TASK_DEFINITION' or 'NONE'"
                    .to_owned(),
            );
        }
        match self.platform_version.as_deref() {
            None | Some("LATEST" | PLATFORM) => {}
            Some(other) => {
                let words = format!(
                    "platformVersion is '{other}', and only {PLATFORM}, which is LATEST, is simulated"
                );
                return Err(ApiError::new(ErrorKind::PlatformUnknown, words));
            }
        }
        self.check_network()
    }

    fn check_capacity(&self) -> Result<(), ApiError> {
        if self.capacity_provider_strategy.is_empty() {
            return Ok(());
        }
        if self.launch_type.is_some() {
            return Err(ApiError::parameter(
                "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
            ));
        }
        let fargate = |item: &Value| item["capacityProvider"] == json!("FARGATE");
        if self.capacity_provider_strategy.iter().all(fargate) {
            return Ok(());
        }
        Err(ApiError::parameter(
            "capacityProviderStrategy names another provider than 'FARGATE', which is all that is simulated",
        ))
    }

    fn check_network(&self) -> Result<(), ApiError> {
        let refused = |words: &str| Err(ApiError::parameter(words));
        let Some(network) = &self.network_configuration.awsvpc_configuration else {
            return refused("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
        };
        if !(1..=16).contains(&network.subnets.len()) {
            return refused("subnets must have between 1 and 16 items");
        }
        if network.security_groups.len() > 5 {
            return refused("securityGroups can have at most 5 items");
        }
        match network.assign_public_ip.as_deref() {
            None | Some("ENABLED" | "DISABLED") => Ok(()),
            Some(_) => refused("assignPublicIp must be 'ENABLED' or 'DISABLED'"),
        }
    }

    /// Number of tasks.
    pub fn count(&self) -> i64 {
        self.count.unwrap_or(1)
    }

    /// The subnet in which a task is said to be: the first.
    pub fn subnet(&self) -> String {
        let network = self.network_configuration.awsvpc_configuration.as_ref();
        network.and_then(|network| network.subnets.first()).cloned().unwrap_or_default()
    }

    /// The capacity provider, when not the launch type decides.
    pub fn capacity_provider(&self) -> Option<&'static str> {
        self.launch_type.is_none().then_some("FARGATE")
    }

    /// Tags of the task: its own, the definition's where they are wanted and not overridden, and the one that ECS manages.
    pub fn task_tags(&self, of_definition: &[Value], cluster: &str) -> Vec<Value> {
        let mut tags = self.tags.clone();
        if self.propagate_tags.as_deref() == Some("TASK_DEFINITION") {
            let more =
                of_definition.iter().filter(|tag| !self.tags.iter().any(|own| own["key"] == tag["key"]));
            tags.extend(more.cloned());
        }
        if self.managed_tags {
            tags.push(json!({"key": "aws:ecs:clusterName", "value": cluster}));
        }
        tags
    }
}

/// The one cluster.
///
/// # Errors
/// `ClusterNotFoundException` for another.
pub(super) fn cluster(names: &Names, name: Option<&str>) -> Result<(), ApiError> {
    if names.is_cluster(name) {
        return Ok(());
    }
    Err(ApiError::new(ErrorKind::ClusterNotFound, "Cluster not found."))
}

#[cfg(test)]
mod tests {
    use super::super::input::parameters;
    use super::*;

    fn request(change: impl Fn(&mut Value)) -> Result<RunRequest, ApiError> {
        let mut body = json!({"taskDefinition": "web", "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}});
        change(&mut body);
        let request: RunRequest = parameters(body)?;
        request.check(&Names::new("us-east-1")).map(|()| request)
    }

    #[test]
    fn what_fargate_runs_is_taken() {
        let one = request(|_| {}).unwrap();
        assert_eq!((one.count(), one.subnet().as_str(), one.capacity_provider()), (1, "subnet-1", None));
        let whole = request(|body| {
            body["launchType"] = Value::Null;
            body["capacityProviderStrategy"] = json!([{"capacityProvider": "FARGATE", "weight": 1}]);
            body["cluster"] = json!("default");
            body["count"] = json!(10);
            body["platformVersion"] = json!("LATEST");
            body["propagateTags"] = json!("TASK_DEFINITION");
            body["tags"] = json!([{"key": "a", "value": "own"}]);
            body["enableECSManagedTags"] = json!(true);
        })
        .unwrap();
        assert_eq!(whole.capacity_provider(), Some("FARGATE"));
        let tags =
            whole.task_tags(&[json!({"key": "a", "value": "x"}), json!({"key": "b", "value": "y"})], "c");
        let keys: Vec<_> = tags.iter().map(|tag| (tag["key"].clone(), tag["value"].clone())).collect();
        assert_eq!(json!(keys), json!([["a", "own"], ["b", "y"], ["aws:ecs:clusterName", "c"]]));
    }

    #[test]
    fn what_cannot_be_has_its_class() {
        let cases: [(&str, Value, ErrorKind); 12] = [
            ("cluster", json!("prod"), ErrorKind::ClusterNotFound),
            ("count", json!(11), ErrorKind::InvalidParameter),
            ("count", json!(0), ErrorKind::InvalidParameter),
            ("launchType", json!("EC2"), ErrorKind::InvalidParameter),
            (
                "capacityProviderStrategy",
                json!([{"capacityProvider": "FARGATE"}]),
                ErrorKind::InvalidParameter,
            ),
            ("networkConfiguration", json!({}), ErrorKind::InvalidParameter),
            (
                "networkConfiguration",
                json!({"awsvpcConfiguration": {"subnets": []}}),
                ErrorKind::InvalidParameter,
            ),
            ("platformVersion", json!("1.3.0"), ErrorKind::PlatformUnknown),
            ("propagateTags", json!("SERVICE"), ErrorKind::InvalidParameter),
            ("placementConstraints", json!([{"type": "distinctInstance"}]), ErrorKind::InvalidParameter),
            ("volumeConfigurations", json!([]), ErrorKind::InvalidParameter),
            ("taskDefinition", json!(1), ErrorKind::Serialization),
        ];
        for (member, value, kind) in cases {
            let error = request(|body| body[member] = value.clone()).unwrap_err();
            assert_eq!(error.kind, kind, "{member}: {error}");
        }
    }
}
