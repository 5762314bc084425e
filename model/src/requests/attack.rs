//! The protections of the app firewall.

use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, Protection};
use serde::{Deserialize, Serialize};

/// What an attack is (section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Attack {
    /// SQL injection.
    Sqli,
    /// Cross-site scripting.
    Xss,
    /// Operating system commands.
    Cmdi,
    /// Code injection.
    CodeInjection,
    /// Local file inclusion.
    Lfi,
    /// Attack tools.
    AttackTools,
    /// Shellshock.
    Shellshock,
    /// A request that is none.
    MalformedReq,
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sqli,
        Self::Xss,
        Self::Cmdi,
        Self::CodeInjection,
        Self::Lfi,
        Self::AttackTools,
        Self::Shellshock,
        Self::MalformedReq,
    ];

    /// The member of an app with its settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sqli => "sqli",
            Self::Xss => "xss",
            Self::Cmdi => "cmdi",
            Self::CodeInjection => "codeInjection",
            Self::Lfi => "lfi",
            Self::AttackTools => "attackTools",
            Self::Shellshock => "shellshock",
            Self::MalformedReq => "malformedReq",
        }
    }

    /// `type` of its audits (section 1.5).
    #[must_use]
    pub fn audit_type(self) -> &'static str {
        match self {
            Self::MalformedReq => "malformedRequest",
            other => other.word(),
        }
    }

    /// Its settings in an app.
    #[must_use]
    pub fn settings(self, app: &ApplicationSpec) -> &Protection {
        match self {
            Self::Sqli => &app.sqli,
            Self::Xss => &app.xss,
            Self::Cmdi => &app.cmdi,
            Self::CodeInjection => &app.code_injection,
            Self::Lfi => &app.lfi,
            Self::AttackTools => &app.attack_tools,
            Self::Shellshock => &app.shellshock,
            Self::MalformedReq => &app.malformed_req,
        }
    }

    /// The same, to be changed.
    pub fn settings_mut(self, app: &mut ApplicationSpec) -> &mut Protection {
        match self {
            Self::Sqli => &mut app.sqli,
            Self::Xss => &mut app.xss,
            Self::Cmdi => &mut app.cmdi,
            Self::CodeInjection => &mut app.code_injection,
            Self::Lfi => &mut app.lfi,
            Self::AttackTools => &mut app.attack_tools,
            Self::Shellshock => &mut app.shellshock,
            Self::MalformedReq => &mut app.malformed_req,
        }
    }

    /// What an app wants done. Section 1.4: the others are no effects of the app firewall.
    pub(super) fn effect(self, app: &ApplicationSpec) -> WaasEffect {
        match self.settings(app).effect {
            WaasEffect::Allow | WaasEffect::ReCaptcha => WaasEffect::Disable,
            effect => effect,
        }
    }
}
