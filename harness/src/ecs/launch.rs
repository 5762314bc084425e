//! Running tasks: all of a request are planned before the first is started.

use super::call::{Ecs, State};
use super::definitions::Revision;
use super::document::{self, Facts};
use super::input::parameters;
use super::overrides;
use super::run::RunRequest;
use super::{ApiError, CLUSTER, ErrorKind, Life, Names, TaskOrder};
use crate::definition::TaskDefinition;
use crate::outside::WorldNetwork;
use crate::plan::{Plan, new_task_id};
use crate::rules::Date;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// Last bytes of the addresses of tasks; those before are the gateway's and the resolver's.
const HOSTS: std::ops::RangeInclusive<u8> = 10..=250;

impl Ecs {
    /// RunTask.
    pub(super) fn run(&self, body: Value) -> Result<Value, ApiError> {
        let request: RunRequest = parameters(body.clone())?;
        request.check(&self.names)?;
        overrides::check_length(&body, Date::today())?;
        let mut state = self.state();
        if let Some(again) = state.again(&self.names, &request, &body)? {
            return Ok(again);
        }
        if state.ended {
            return Err(ApiError::new(
                ErrorKind::Server,
                "this endpoint is being ended, and starts no task any more",
            ));
        }
        let revision = state.definitions.find(&request.task_definition).cloned();
        let revision = revision.ok_or_else(|| ApiError::client("TaskDefinition not found."))?;
        if !revision.active {
            return Err(ApiError::parameter("TaskDefinition is inactive"));
        }
        let definition = request.overrides.apply(&revision.document, Date::today())?;
        // All are planned before the first is started: it is all or nothing.
        let orders = state.orders(&self.names, &definition, request.count())?;
        let planned = orders.into_iter().map(|order| self.runner.plan(&order).map(|plan| (order, plan)));
        let planned = planned.collect::<Result<Vec<_>, _>>()?;
        let mut ids = Vec::new();
        let mut documents = Vec::new();
        for (order, plan) in planned {
            let life = Life::new(&plan);
            let facts = self.facts(&request, &revision, &order, &plan)?;
            ids.push(order.id.clone());
            documents.push(document::task(&self.names, &facts, &life.progress(), true));
            state.tasks.add(facts, life.clone());
            self.runner.start(order, plan, life);
        }
        if let Some(token) = request.client_token {
            state.tokens.insert(token, (body, ids));
        }
        Ok(json!({"tasks": documents, "failures": []}))
    }

    fn facts(
        &self,
        request: &RunRequest,
        revision: &Revision,
        order: &TaskOrder,
        plan: &Plan,
    ) -> Result<Facts, ApiError> {
        let definition = TaskDefinition::parse(&revision.family, &order.definition.to_string())
            .map_err(|error| ApiError::client(error.to_string()))?;
        let containers: Vec<_> = definition.containers.iter().map(|one| one.name.clone()).collect();
        let group = request.group.clone().unwrap_or_else(|| format!("family:{}", revision.family));
        Ok(Facts {
            id: order.id.clone(),
            family: revision.family.clone(),
            revision: revision.number,
            overrides: request.overrides.document(&containers),
            runtime_ids: plan
                .containers
                .iter()
                .map(|one| (one.name.clone(), one.metadata_id.clone()))
                .collect(),
            network: order.network.clone(),
            subnet: request.subnet(),
            group,
            started_by: request.started_by.clone(),
            tags: request.task_tags(&revision.tags, CLUSTER),
            execute_command: request.enable_execute_command,
            capacity_provider: request.capacity_provider(),
            created: Timestamp::now(),
            definition,
        })
    }
}

impl State {
    /// The answer to a request that came before, by its client token.
    fn again(&self, names: &Names, request: &RunRequest, body: &Value) -> Result<Option<Value>, ApiError> {
        let Some((former, ids)) = request.client_token.as_ref().and_then(|token| self.tokens.get(token))
        else {
            return Ok(None);
        };
        if former == body {
            return Ok(Some(self.tasks.describe(names, ids, true)));
        }
        Err(ApiError::new(ErrorKind::Conflict, "clientToken was used before, for another request"))
    }

    /// Tasks to run, each with an address that no other has that lives.
    fn orders(&self, names: &Names, definition: &Value, count: i64) -> Result<Vec<TaskOrder>, ApiError> {
        let alive = self.tasks.all().filter(|entry| !entry.life.is_over());
        let taken: BTreeSet<Ipv4Addr> = alive.map(|entry| entry.facts.network.eni_address).collect();
        let free =
            HOSTS.map(|host| network(names, host)).filter(|network| !taken.contains(&network.eni_address));
        let orders: Vec<_> = free
            .take(usize::try_from(count).unwrap_or(0))
            .map(|network| TaskOrder { id: new_task_id(), definition: definition.clone(), network })
            .collect();
        if i64::try_from(orders.len()) == Ok(count) {
            return Ok(orders);
        }
        Err(ApiError::new(ErrorKind::Server, "the simulated subnet has no free address left: stop a task"))
    }
}

/// The network of a task at 10.0.42.`host`.
fn network(names: &Names, host: u8) -> WorldNetwork {
    let network = WorldNetwork::default();
    let [a, b, c, _] = network.eni_address.octets();
    let domain = match names.region() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let mut network = network.at(Ipv4Addr::new(a, b, c, host));
    network.hostname = format!("ip-{a}-{b}-{c}-{host}.{domain}");
    network.search_domain = domain;
    network
}
