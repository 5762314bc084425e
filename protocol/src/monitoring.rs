//! What a firewall counts (`MonitoringStats`; section 1.6 of `reference/waas.md`). `geoData` is left out: its shape is not known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Errors that are kept, at most.
pub const MOST_ERRORS: usize = 20;

/// Counts of one Defender since its start or the last reset. Durations are nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct MonitoringStats {
    /// The sum of the next four, of `total_timeouts` and of `parsing_errs`.
    pub total_requests: u64,
    /// Handed to the application.
    pub forwarded_requests: u64,
    /// Answered with the block page, or refused, because of what was found in them.
    pub blocked_requests: u64,
    /// Answered with the page that starts a session.
    pub interstitial_pages: u64,
    /// Answered with the page that asks for a human.
    #[serde(rename = "reCAPTCHAs")]
    pub re_captchas: u64,
    /// Answers of the application.
    pub response_code_stats: ResponseCodeStats,
    /// Requests that did not arrive whole in time.
    pub total_timeouts: u64,
    /// Requests that the application did not answer, or not to the end.
    pub total_errs: u64,
    /// The newest of these, at most [`MOST_ERRORS`], oldest first.
    pub last_errs: Vec<MonitoringError>,
    /// Requests that could not be read.
    pub parsing_errs: u64,
    /// Requests whose body was not inspected whole.
    pub inspection_limit_exceeded: u64,
    /// Bytes of bodies that were inspected, as they came.
    pub inspected_body_bytes: u64,
    /// Audits by effect.
    pub action_counts: ActionCounts,
    /// Audits by protection; their sum is that of `action_counts`.
    pub attack_type_stats: AttackTypeStats,
    /// The longest inspection.
    pub max_request_inspection_duration: u64,
    /// All inspections together.
    pub total_request_inspection_duration: u64,
}

macro_rules! counts {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $member:ident,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $($(#[$doc])* pub $member: u64,)*
        }

        impl $name {
            /// All of them together.
            #[must_use]
            pub fn sum(&self) -> u64 {
                0 $(+ self.$member)*
            }
        }
    };
}

counts! {
    /// Answers by the hundreds of their status.
    ResponseCodeStats {
        /// 1xx.
        informational,
        /// 2xx.
        successful,
        /// 3xx.
        redirects,
        /// 4xx.
        client_errors,
        /// 5xx and above.
        server_errors,
    }
}

counts! {
    /// Audits by effect.
    ActionCounts {
        /// `alert`.
        alert,
        /// `prevent`.
        prevent,
        /// `ban`.
        ban,
        /// `reCAPTCHA`.
        #[serde(rename = "reCAPTCHA")]
        re_captcha,
    }
}

counts! {
    /// Audits by what they tell of.
    AttackTypeStats {
        /// `sqli`.
        sql_injection,
        /// `xss`.
        xss,
        /// `cmdi`.
        cmd_injection,
        /// `codeInjection`.
        code_injection,
        /// `lfi`.
        lfi,
        /// `attackTools`.
        attack_tools,
        /// Everything else of the app firewall.
        waf,
        /// `unexpectedAPI`.
        api_protection,
        /// Addresses, countries, headers, files.
        access_control,
        /// Bots and sessions.
        bots,
        /// Custom rules.
        custom_rules,
        /// Floods.
        dos,
    }
}

/// A request that the application did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitoringError {
    /// Method and path; no query, which may hold secrets.
    pub route: String,
    /// What went wrong.
    pub err: String,
    /// When the request came, UTC.
    pub request_start: Timestamp,
    /// Nanoseconds from then to the error.
    pub serve_duration: u64,
    /// App ID of the Defender.
    pub defender: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_named_as_the_schema_names_them() {
        let written = serde_json::to_value(MonitoringStats::default()).unwrap();
        for member in [
            "totalRequests",
            "forwardedRequests",
            "blockedRequests",
            "interstitialPages",
            "reCAPTCHAs",
            "responseCodeStats",
            "totalTimeouts",
            "totalErrs",
            "lastErrs",
            "parsingErrs",
            "inspectionLimitExceeded",
            "inspectedBodyBytes",
            "actionCounts",
            "attackTypeStats",
            "maxRequestInspectionDuration",
            "totalRequestInspectionDuration",
        ] {
            assert!(written.get(member).is_some(), "{member}");
        }
        assert_eq!(written["actionCounts"], json!({"alert": 0, "prevent": 0, "ban": 0, "reCAPTCHA": 0}));
        let codes = json!({"informational": 0, "successful": 0, "redirects": 0, "clientErrors": 0, "serverErrors": 0});
        assert_eq!(written["responseCodeStats"], codes);
        let types = json!({"sqlInjection": 0, "xss": 0, "cmdInjection": 0, "codeInjection": 0, "lfi": 0, "attackTools": 0,
            "waf": 0, "apiProtection": 0, "accessControl": 0, "bots": 0, "customRules": 0, "dos": 0});
        assert_eq!(written["attackTypeStats"], types);
        let read: MonitoringStats = serde_json::from_value(json!({"totalRequests": 3})).unwrap();
        assert_eq!((read.total_requests, read.attack_type_stats.sum()), (3, 0));
    }
}
