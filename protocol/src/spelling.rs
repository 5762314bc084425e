//! The two spellings of a task definition's members: the ECS API's `networkMode`, CloudFormation's `NetworkMode`.

/// Names that are not the API's with a capital letter: CloudFormation, API.
const IRREGULAR: [(&str, &str); 6] = [
    ("EFSVolumeConfiguration", "efsVolumeConfiguration"),
    ("FSxWindowsFileServerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"),
    ("FilesystemId", "fileSystemId"),
    ("IAM", "iam"),
    ("ProxyConfigurationProperties", "properties"),
    ("S3FilesVolumeConfiguration", "s3filesVolumeConfiguration"),
];

/// How the API spells a name of CloudFormation.
#[must_use]
pub fn of_the_api(written: &str) -> String {
    if let Some((_, api)) = IRREGULAR.iter().find(|(theirs, _)| *theirs == written) {
        return (*api).to_owned();
    }
    let mut letters = written.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// How CloudFormation spells a name of the API.
#[must_use]
pub fn of_cloudformation(api: &str) -> String {
    // A file system has this name in one of two places only; the regular one is accepted as well.
    if let Some((theirs, _)) = IRREGULAR.iter().find(|(_, ours)| *ours == api && *ours != "fileSystemId") {
        return (*theirs).to_owned();
    }
    let mut letters = api.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_go_there_and_back() {
        for (api, theirs) in [
            ("networkMode", "NetworkMode"),
            ("efsVolumeConfiguration", "EFSVolumeConfiguration"),
            ("fsxWindowsFileServerVolumeConfiguration", "FSxWindowsFileServerVolumeConfiguration"),
            ("sizeInGiB", "SizeInGiB"),
            ("iam", "IAM"),
            ("properties", "ProxyConfigurationProperties"),
        ] {
            assert_eq!(of_cloudformation(api), theirs);
            assert_eq!(of_the_api(theirs), api);
        }
        assert_eq!(of_the_api("FilesystemId"), "fileSystemId");
        assert_eq!(of_the_api("FileSystemId"), "fileSystemId");
        assert_eq!((of_the_api("").as_str(), of_cloudformation("").as_str()), ("", ""));
    }

    proptest! {
        #[test]
        fn any_name_of_the_api_comes_back(name in "[a-z][a-zA-Z0-9]{0,20}") {
            prop_assert_eq!(of_the_api(&of_cloudformation(&name)), name);
        }
    }
}
