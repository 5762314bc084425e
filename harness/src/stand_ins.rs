//! What stands in for Secrets Manager, Parameter Store and S3: values that the user gives (`fargate.md` 1.3).

use crate::secret_reference::SecretReference;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Values of secrets and texts of environment files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandIns {
    secrets: BTreeMap<SecretReference, String>,
    files: BTreeMap<String, String>,
}

/// A file of stand-ins that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StandInError {
    /// A file that cannot be read.
    #[error("could not read \"{}\": {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another shape.
    #[error("\"{}\" is no file of stand-ins: {source}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    #[serde(default)]
    secrets: BTreeMap<String, Value>,
    #[serde(default)]
    environment_files: BTreeMap<String, PathBuf>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl StandIns {
    /// Reads `{"secrets": {VALUE_FROM: VALUE}, "environmentFiles": {ARN: PATH}}`. The value of a secret is a text, or an object
    /// whose members are asked for by JSON key; a path counts from the folder of the file.
    ///
    /// # Errors
    /// The file, or one that it names, cannot be read or has another shape.
    pub fn load(path: &Path) -> Result<Self, StandInError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .map_err(|source| StandInError::Unreadable { path: path.to_owned(), source })
        };
        let document: Document = serde_json::from_str(&read(path)?)
            .map_err(|source| StandInError::Shape { path: path.to_owned(), source })?;
        let mut stand_ins = Self::default();
        for (name, value) in document.secrets {
            stand_ins.set_secret(&name, &plain(&value));
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        for (arn, file) in document.environment_files {
            stand_ins.set_environment_file(&arn, &read(&folder.join(file))?);
        }
        Ok(stand_ins)
    }

    /// Gives a secret: the ARN or name of a parameter, or the ARN of a secret.
    pub fn set_secret(&mut self, name: &str, value: &str) {
        self.secrets.insert(SecretReference::parse(name), value.to_owned());
    }

    /// Gives an environment file.
    pub fn set_environment_file(&mut self, arn: &str, text: &str) {
        self.files.insert(arn.to_owned(), text.to_owned());
    }

    /// The value for a `valueFrom`: of what means the same ([`SecretReference`]); else, for Secrets Manager, the member that its
    /// JSON key names of the secret in front, of the same stage and version.
    ///
    /// # Errors
    /// Nothing stands in for it, in words.
    pub fn secret(&self, value_from: &str) -> Result<String, String> {
        let reference = SecretReference::parse(value_from);
        if let Some(value) = self.secrets.get(&reference) {
            return Ok(value.clone());
        }
        let Some((whole, key)) = reference.whole() else {
            return Err(format!("nothing stands in for `{value_from}`"));
        };
        let text = self.secrets.get(&whole).ok_or_else(|| format!("nothing stands in for `{whole}`"))?;
        let member = serde_json::from_str::<Value>(text).ok().and_then(|value| value.get(key).map(plain));
        member.ok_or_else(|| format!("what stands in for `{whole}` has no member `{key}`"))
    }

    /// The text of an environment file, if it is given.
    #[must_use]
    pub fn environment_file(&self, arn: &str) -> Option<&str> {
        self.files.get(arn).map(String::as_str)
    }
}

/// A text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

    fn given() -> StandIns {
        let mut stand_ins = StandIns::default();
        stand_ins.set_secret(SECRET, r#"{"user": "web", "port": 5432}"#);
        stand_ins.set_secret("/shop/token", "t0ken");
        stand_ins.set_secret("arn:aws:ssm:us-east-1:123456789012:parameter/plain", "p");
        stand_ins
    }

    #[test]
    fn a_secret_is_found_whole_and_by_its_json_key() {
        let given = given();
        assert_eq!(given.secret(SECRET).unwrap(), r#"{"user": "web", "port": 5432}"#);
        assert_eq!(given.secret(&format!("{SECRET}:user::")).unwrap(), "web");
        assert_eq!(given.secret(&format!("{SECRET}:port")).unwrap(), "5432");
        let error = given.secret(&format!("{SECRET}:password::")).unwrap_err();
        assert_eq!(error, format!("what stands in for `{SECRET}` has no member `password`"));
    }

    #[test]
    fn a_stage_or_a_version_must_be_given_exactly() {
        assert!(given().secret(&format!("{SECRET}:user:AWSPREVIOUS:")).is_err());
        let mut with = given();
        with.set_secret(&format!("{SECRET}:user:AWSPREVIOUS:"), "old");
        assert_eq!(with.secret(&format!("{SECRET}:user:AWSPREVIOUS:")).unwrap(), "old");
        with.set_secret(&format!("{SECRET}::AWSPENDING"), r#"{"user": "next"}"#);
        assert_eq!(with.secret(&format!("{SECRET}:user:AWSPENDING:")).unwrap(), "next");
        assert!(with.secret(&format!("{SECRET}:user:AWSPENDING:0001")).is_err());
    }

    #[test]
    fn every_spelling_of_a_secret_finds_it() {
        for given in ["", ":::", "::AWSCURRENT:"] {
            let mut with = StandIns::default();
            with.set_secret(&format!("{SECRET}{given}"), r#"{"user": "web"}"#);
            for asked in ["", ":", "::", ":::", "::AWSCURRENT:"] {
                assert_eq!(with.secret(&format!("{SECRET}{asked}")).unwrap(), r#"{"user": "web"}"#);
            }
            for asked in [":user", ":user:", ":user::", ":user:AWSCURRENT", ":user:AWSCURRENT:"] {
                assert_eq!(with.secret(&format!("{SECRET}{asked}")).unwrap(), "web");
            }
        }
    }

    #[test]
    fn a_parameter_is_found_by_name_and_by_arn() {
        let given = given();
        let arn = "arn:aws:ssm:us-east-1:123456789012:parameter/shop/token";
        assert_eq!(
            (given.secret("/shop/token").unwrap(), given.secret(arn).unwrap()),
            ("t0ken".into(), "t0ken".into())
        );
        assert_eq!(given.secret("plain").unwrap(), "p");
        assert!(given.secret("other").unwrap_err().contains("`other`"));
    }

    #[test]
    fn a_file_names_secrets_and_environment_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stand-ins.json");
        std::fs::write(folder.path().join("web.env"), "A=1\n").unwrap();
        std::fs::write(
            &file,
            r#"{"secrets": {"token": "x", "json": {"k": 1}}, "environmentFiles": {"arn:aws:s3:::b/web.env": "web.env"}}"#,
        )
        .unwrap();
        let loaded = StandIns::load(&file).unwrap();
        assert_eq!(
            (loaded.secret("token").unwrap().as_str(), loaded.secret("json").unwrap().as_str()),
            ("x", r#"{"k":1}"#)
        );
        assert_eq!(loaded.environment_file("arn:aws:s3:::b/web.env"), Some("A=1\n"));
        std::fs::write(&file, r#"{"secret": {}}"#).unwrap();
        assert!(StandIns::load(&file).unwrap_err().to_string().contains("is no file of stand-ins"));
    }

    proptest! {
        #[test]
        fn any_value_from_is_answered(value_from in ".*") {
            let _ = given().secret(&value_from);
        }
    }
}
