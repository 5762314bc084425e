//! Who calls, by the `Authorization` header of Signature Version 4. The signature itself is not verified: any credentials are
//! as good as any other, but there must be some (decision 10).

use super::{ApiError, ErrorKind};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who calls, as the header says and nobody has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Id of the access key.
    pub access_key: String,
    /// Region that the request was signed for.
    pub region: String,
}

impl Caller {
    /// Reads the header. `dated` is whether the request has `X-Amz-Date` or `Date`.
    ///
    /// # Errors
    /// `MissingAuthenticationTokenException` without a header, `IncompleteSignatureException` when a part is missing or is not
    /// of the form that AWS documents.
    pub fn of(header: Option<&str>, dated: bool) -> Result<Self, ApiError> {
        let header = header.map(str::trim).filter(|header| !header.is_empty()).ok_or_else(|| {
            ApiError::new(ErrorKind::MissingAuthenticationToken, "Missing Authentication Token")
        })?;
        let parameters =
            header.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' ')).unwrap_or_default();
        let parameter = |name: &str| {
            parameters
                .split(',')
                .find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))
                .unwrap_or_default()
        };
        let credential = credential(parameter("Credential"));
        let signed = !parameter("SignedHeaders").is_empty();
        let signature = parameter("Signature");
        let is_signature = signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
        let missing = [
            (credential.is_none(), "Authorization header requires 'Credential' parameter."),
            (!is_signature, "Authorization header requires 'Signature' parameter."),
            (!signed, "Authorization header requires 'SignedHeaders' parameter."),
            (!dated, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."),
        ];
        let missing: Vec<_> =
            missing.into_iter().filter_map(|(missing, words)| missing.then_some(words)).collect();
        match credential {
            Some(caller) if missing.is_empty() => Ok(caller),
            _ => Err(ApiError::new(ErrorKind::IncompleteSignature, missing.join(" "))),
        }
    }
}

/// `<access key>/<yyyymmdd>/<region>/<service>/aws4_request`.
fn credential(text: &str) -> Option<Caller> {
    // An access key may hold a slash, the rest may not.
    let mut parts = text.rsplitn(5, '/');
    let (end, service, region) = (parts.next()?, parts.next()?, parts.next()?);
    let (day, access_key) = (parts.next()?, parts.next()?);
    let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    let whole =
        end == "aws4_request" && is_day && [service, region, access_key].iter().all(|part| !part.is_empty());
    whole.then(|| Caller { access_key: access_key.to_owned(), region: region.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(access_key: &str, region: &str) -> String {
        let signature = "0f".repeat(32);
        format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/20261126/{region}/ecs/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={signature}"
        )
    }

    fn refused(header: Option<&str>, dated: bool) -> ApiError {
        Caller::of(header, dated).unwrap_err()
    }

    #[test]
    fn nobody_is_refused() {
        for none in [None, Some(""), Some("  ")] {
            assert_eq!(refused(none, true).kind, ErrorKind::MissingAuthenticationToken);
        }
    }

    #[test]
    fn each_missing_part_is_told() {
        let whole = header("test", "us-east-1");
        assert!(Caller::of(Some(&whole), true).is_ok());
        for (broken, words) in [
            (whole.replace("Credential=", "Credentials="), "'Credential'"),
            (whole.replace("/aws4_request", ""), "'Credential'"),
            (whole.replace("/20261126/", "/today/"), "'Credential'"),
            (
                whole.replace("SignedHeaders=content-type;host;x-amz-date;x-amz-target", "SignedHeaders="),
                "'SignedHeaders'",
            ),
            (whole.replace("0f0f", "0fxy"), "'Signature'"),
            (whole.replace("AWS4-HMAC-SHA256", "Bearer"), "'Credential'"),
        ] {
            let error = refused(Some(&broken), true);
            assert_eq!(error.kind, ErrorKind::IncompleteSignature, "{broken}");
            assert!(error.message.contains(words), "{broken}: {error}");
        }
        assert!(refused(Some(&whole), false).message.contains("X-Amz-Date"));
    }

    proptest! {
        #[test]
        fn the_caller_comes_back(access_key in "[A-Za-z0-9/+=]{1,40}", region in "[a-z0-9-]{1,20}") {
            let caller = Caller::of(Some(&header(&access_key, &region)), true);
            prop_assert_eq!(caller, Ok(Caller { access_key, region }));
        }

        #[test]
        fn any_text_is_refused_or_a_caller(text in "\\PC*") {
            if let Ok(caller) = Caller::of(Some(&text), true) {
                prop_assert!(text.contains(&caller.access_key));
            }
        }
    }
}
