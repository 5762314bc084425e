//! Paths of the API.

use std::fmt;

/// `/api/<id>/fault/v1/<fault>/<operation>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::services) struct FaultPath {
    /// Metadata id of the container that asks.
    pub id: String,
    /// Which fault.
    pub fault: Fault,
    /// What to do with it.
    pub operation: Operation,
}

/// A fault of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::services) enum Fault {
    /// `network-blackhole-port`.
    BlackholePort,
    /// `network-latency`.
    Latency,
    /// `network-packet-loss`.
    PacketLoss,
}

/// What is done with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::services) enum Operation {
    /// `start`.
    Start,
    /// `stop`.
    Stop,
    /// `status`.
    Status,
}

// ---------------------------------------------------------------------------------------------------------------------

impl FaultPath {
    /// Reads the target of a request; `None` for every other path. A query is ignored.
    pub(in crate::services) fn read(target: &str) -> Option<Self> {
        let path = target.split('?').next().unwrap_or_default();
        let parts: Vec<_> = path.split('/').collect();
        let ["", "api", id, "fault", "v1", fault, operation] = parts.as_slice() else { return None };
        let fault = match *fault {
            "network-blackhole-port" => Fault::BlackholePort,
            "network-latency" => Fault::Latency,
            "network-packet-loss" => Fault::PacketLoss,
            _ => return None,
        };
        let operation = match *operation {
            "start" => Operation::Start,
            "stop" => Operation::Stop,
            "status" => Operation::Status,
            _ => return None,
        };
        (!id.is_empty()).then(|| FaultPath { id: (*id).to_owned(), fault, operation })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Fault::BlackholePort => "network-blackhole-port",
            Fault::Latency => "network-latency",
            Fault::PacketLoss => "network-packet-loss",
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Operation::Start => "start",
            Operation::Stop => "stop",
            Operation::Status => "check status",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_nine_paths_of_a_container_are_the_apis() {
        let path = FaultPath::read("/api/abc-1/fault/v1/network-latency/status?x=1").unwrap();
        assert_eq!(
            (path.id.as_str(), path.fault, path.operation),
            ("abc-1", Fault::Latency, Operation::Status)
        );
        for target in [
            "/api/abc-1/fault/v1/network-latency",
            "/api/abc-1/fault/v1/network-latency/pause",
            "/api/abc-1/fault/v1/network-latency/stop/",
            "/api/abc-1/fault/v1/cpu-stress/start",
            "/api/abc-1/fault/v2/network-latency/start",
            "/api//fault/v1/network-latency/start",
            "/v4/abc-1/fault/v1/network-latency/start",
        ] {
            assert_eq!(FaultPath::read(target), None, "{target}");
        }
    }
}
