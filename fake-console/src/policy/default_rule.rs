//! The rule that a fresh Console ships (end of section 2.2) [DUMP].

use serde_json::{Value, json};

/// The shipped rule, its collection as a reference by name.
pub(crate) fn default_rule(modified: &str) -> Value {
    json!({
        "modified": modified,
        "owner": "system",
        "name": "Default - alert on suspicious runtime behavior",
        "previousName": "",
        "disabled": false,
        "collections": [{"name": "All"}],
        "advancedProtection": true,
        "processes": {
            "effect": "alert",
            "blacklist": [],
            "whitelist": [],
            "blockAllBinaries": false,
            "checkCryptoMiners": true,
            "checkLateralMovement": false,
            "checkNewBinaries": true,
            "skipModified": false
        },
        "network": {
            "effect": "disable",
            "blacklistIPs": [],
            "blacklistListeningPorts": [],
            "blacklistOutboundPorts": [],
            "whitelistIPs": [],
            "whitelistListeningPorts": [],
            "whitelistOutboundPorts": []
        },
        "dns": {"effect": "disable", "blacklist": [], "whitelist": []},
        "filesystem": {
            "effect": "alert",
            "blacklist": [],
            "whitelist": [],
            "checkNewFiles": true,
            "backdoorFiles": true,
            "skipEncryptedBinaries": false,
            "suspiciousELFHeaders": true
        },
        "wildFireAnalysis": "alert"
    })
}
