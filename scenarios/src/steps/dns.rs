//! Names, and connections to addresses.

use super::parameters::Resolver;
use crate::world::{ScenarioWorld, StepResult};
use cucumber::{given, then, when};
use proofhouse_reports::checks::ConnectionExpectation;

/// Puts a name into the zone of the VPC resolver, and an HTTP host behind the address.
#[given(expr = "the name {string} resolves to {string}")]
async fn resolving_name(world: &mut ScenarioWorld, name: String, address: String) -> StepResult {
    world.add_name(&name, &address)
}

/// Puts a name into the zone of the VPC resolver that stands for another one there (CNAME).
#[given(expr = "the name {string} is an alias of {string}")]
async fn alias(world: &mut ScenarioWorld, name: String, other: String) -> StepResult {
    world.add_alias(&name, &other);
    Ok(())
}

/// Puts an HTTP host into the internet of the task.
#[given(expr = "an internet host answers at {string} port {int}")]
async fn host(world: &mut ScenarioWorld, address: String, port: u16) -> StepResult {
    world.add_host(&address, port)
}

/// Puts an HTTP service into the internet of the task, with a name: it answers one path with a status, and 404 else.
#[given(expr = "the service {string} at {string} answers {string} with {int}")]
async fn service(
    world: &mut ScenarioWorld,
    name: String,
    address: String,
    path: String,
    status: u16,
) -> StepResult {
    world.add_service(&name, &address, &path, status).await
}

/// A process of the container looks a name up, by the resolver of its C library, of its own, or by hand.
#[when(expr = "container {string} looks up {string} with {resolver}")]
async fn looks_up(
    world: &mut ScenarioWorld,
    container: String,
    name: String,
    resolver: Resolver,
) -> StepResult {
    world.look_up(&container, &name, resolver, None, "A").await
}

/// As before, asking a server by its address instead of the one that is configured.
#[when(expr = "container {string} asks the server {string} for {string} with {resolver}")]
async fn asks_server(
    world: &mut ScenarioWorld,
    container: String,
    server: String,
    name: String,
    resolver: Resolver,
) -> StepResult {
    world.look_up(&container, &name, resolver, Some(&server), "A").await
}

/// A raw UDP query for a record of that type: `AAAA`, `TXT`, `MX`, `HTTPS` and the others of the registry.
#[when(expr = "container {string} asks for the {word} record of {string}")]
async fn asks_record(
    world: &mut ScenarioWorld,
    container: String,
    record: String,
    name: String,
) -> StepResult {
    world.look_up(&container, &name, Resolver::RawUdp, None, &record).await
}

/// A process of the container opens a TCP connection.
#[when(expr = "container {string} connects to {string} port {int}")]
async fn connects(world: &mut ScenarioWorld, container: String, address: String, port: u16) -> StepResult {
    world.connect(&container, &address, port).await
}

/// The last lookup gave that address.
#[then(expr = "the name resolves to {string}")]
async fn resolves(world: &mut ScenarioWorld, address: String) -> StepResult {
    world.expect_resolved(&address).await
}

/// The last lookup gave no address, and the program knew so within that time.
#[then(expr = "the lookup fails within {int} milliseconds")]
async fn fails(world: &mut ScenarioWorld, limit: u64) -> StepResult {
    world.expect_lookup_failed(limit)
}

/// A question for the name reached a DNS server outside since the last stimulus.
#[then(expr = "the resolver was asked for {string}")]
async fn asked(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_asked(None, &name, true).await
}

/// A question for the name reached the DNS server of that address since the last stimulus.
#[then(expr = "the server {string} was asked for {string}")]
async fn server_asked(world: &mut ScenarioWorld, server: String, name: String) -> StepResult {
    world.expect_asked(Some(&server), &name, true).await
}

/// No question for the name has reached any DNS server outside; a fence makes sure that none is on its way.
#[then(expr = "the resolver was never asked for {string}")]
async fn never_asked(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_asked(None, &name, false).await
}

/// The service has been asked for the path so many times since the scenario began; a fence comes first.
#[then(expr = "the service {string} was asked for {string} {int} time(s)")]
async fn service_asked(world: &mut ScenarioWorld, name: String, path: String, times: usize) -> StepResult {
    world.expect_service_asked(&name, &path, times).await
}

/// So many connections of the task to an address were accepted since the task began; a fence comes first, of the first container of
/// the definition.
#[then(expr = "{int} connection(s) of the task reached {string} port {int}")]
async fn reached(world: &mut ScenarioWorld, count: usize, address: String, port: u16) -> StepResult {
    world.expect_outside_connections(&address, port, count).await
}

/// The last connection was refused, in whatever words.
#[then("the connection is refused")]
async fn refused(world: &mut ScenarioWorld) -> StepResult {
    world.expect_connection(ConnectionExpectation::Refused)
}

/// The last connection was made.
#[then("the connection is made")]
async fn connected(world: &mut ScenarioWorld) -> StepResult {
    world.expect_connection(ConnectionExpectation::Made)
}
