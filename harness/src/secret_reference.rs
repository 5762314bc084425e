//! What `valueFrom` names: the texts that mean the same secret are one value (`fargate.md` 1.3, T104).

use std::fmt;

/// The stage that a secret has where none is asked for.
const CURRENT: &str = "AWSCURRENT";

/// What `valueFrom` names, in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretReference {
    /// A parameter of Parameter Store, by its name without a slash in front: as a name and as an ARN it is the same.
    Parameter(String),
    /// A secret of Secrets Manager. Parts behind the name that are empty or left out mean the whole secret, its current stage and
    /// the version of that stage.
    Secret {
        /// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`.
        arn: String,
        /// Key of a member, where the secret is JSON.
        key: Option<String>,
        /// Stage other than the current one.
        stage: Option<String>,
        /// Version.
        version: Option<String>,
    },
}

impl SecretReference {
    /// Reads a `valueFrom`. Every text is one; what is no ARN is the name of a parameter.
    #[must_use]
    pub fn parse(value_from: &str) -> Self {
        let parts: Vec<_> = value_from.split(':').collect();
        match parts.as_slice() {
            [_, _, "secretsmanager", _, _, "secret", _, rest @ ..] if rest.len() <= 3 => {
                let part = |index: usize| rest.get(index).filter(|part| !part.is_empty());
                let version = part(2).map(|version| (*version).to_owned());
                // The version decides; beside none, the current stage is what is taken anyway.
                let stage = part(1).filter(|stage| version.is_some() || **stage != CURRENT);
                Self::Secret {
                    arn: parts[..7].join(":"),
                    key: part(0).map(|key| (*key).to_owned()),
                    stage: stage.map(|stage| (*stage).to_owned()),
                    version,
                }
            }
            [_, _, "ssm", _, _, _, ..] => {
                let name = parts[5..].join(":");
                Self::parameter(name.strip_prefix("parameter").unwrap_or(&name))
            }
            _ => Self::parameter(value_from),
        }
    }

    fn parameter(name: &str) -> Self {
        Self::Parameter(name.trim_start_matches('/').to_owned())
    }

    /// The whole secret that a key is looked up in, and the key.
    #[must_use]
    pub fn whole(&self) -> Option<(Self, &str)> {
        match self {
            Self::Secret { arn, key: Some(key), stage, version } => {
                let whole = Self::Secret {
                    arn: arn.clone(),
                    key: None,
                    stage: stage.clone(),
                    version: version.clone(),
                };
                Some((whole, key))
            }
            _ => None,
        }
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => f.write_str(name),
            Self::Secret { arn, key, stage, version } => {
                let parts = [key, stage, version].map(|part| part.as_deref().unwrap_or_default());
                let behind = parts.join(":");
                let behind = behind.trim_end_matches(':');
                write!(f, "{arn}{}{behind}", if behind.is_empty() { "" } else { ":" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

    #[test]
    fn all_spellings_of_one_secret_are_equal() {
        for same in [
            &["", ":", "::", ":::", "::AWSCURRENT", "::AWSCURRENT:"][..],
            &[":user", ":user:", ":user::", ":user:AWSCURRENT:", ":user:AWSCURRENT"],
            &[":user:AWSPREVIOUS:", ":user:AWSPREVIOUS"],
            &["::AWSPREVIOUS:", "::AWSPREVIOUS"],
            &[":user::0001"],
            &[":user:AWSCURRENT:0001"],
        ] {
            let all: Vec<_> =
                same.iter().map(|behind| SecretReference::parse(&format!("{ARN}{behind}"))).collect();
            assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
        }
        let parse = SecretReference::parse;
        assert_ne!(parse(&format!("{ARN}:user::")), parse(&format!("{ARN}:password::")));
        assert_ne!(parse(&format!("{ARN}:user:AWSPREVIOUS:")), parse(&format!("{ARN}:user::")));
        assert_ne!(parse(ARN), parse(&format!("{ARN}x")));
        let by_arn = parse("arn:aws:ssm:us-east-1:123456789012:parameter/shop/token");
        assert_eq!((by_arn, parse("shop/token")), (parse("/shop/token"), parse("/shop/token")));
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(value_from in "(arn:aws:(secretsmanager|ssm):[a-z0-9-]{0,3}:[0-9]{0,3}:(secret:[a-z]{1,5}|parameter/[a-z/]{0,5})(:[A-Z]{0,2}){0,4}|[a-zA-Z/:.-]{0,12})") {
            let parsed = SecretReference::parse(&value_from);
            prop_assert_eq!(SecretReference::parse(&parsed.to_string()), parsed);
        }

        #[test]
        fn empty_parts_behind_and_the_current_stage_say_nothing(
            key in prop::option::of("[a-z]{1,6}"),
            colons in 0usize..3,
            staged in any::<bool>(),
        ) {
            let plain = format!("{ARN}{}", key.as_ref().map(|key| format!(":{key}")).unwrap_or_default());
            let key = key.unwrap_or_default();
            let other = if staged {
                format!("{ARN}:{key}:AWSCURRENT{}", ":".repeat(colons.min(1)))
            } else if key.is_empty() {
                format!("{ARN}{}", ":".repeat(colons + 1))
            } else {
                format!("{ARN}:{key}{}", ":".repeat(colons))
            };
            prop_assert_eq!(SecretReference::parse(&other), SecretReference::parse(&plain), "{}", other);
        }

        #[test]
        fn any_text_is_read(value_from in ".*") {
            let _ = SecretReference::parse(&value_from).to_string();
        }
    }
}
