//! Images: there or not, pulled, imported, loaded, listed, removed.

use super::DockerEngine;
use super::failure::tolerate;
use crate::engine::{EngineError, ImageImport, ImageListing};
use bollard::query_parameters::{
    CreateImageOptionsBuilder, ImportImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
};
use bytes::Bytes;
use futures_util::TryStreamExt;
use std::collections::HashMap;
use std::time::Duration;

/// A pull or a load may carry gigabytes.
const TRANSFER: Duration = Duration::from_secs(900);

impl DockerEngine {
    pub(super) async fn has_image(&self, reference: &str) -> Result<bool, EngineError> {
        let what = format!("looking for image `{reference}`");
        match self.within(&what, self.docker.inspect_image(reference)).await {
            Ok(_) => Ok(true),
            Err(EngineError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn pull_image(&self, reference: &str) -> Result<(), EngineError> {
        let (name, tag) = split_reference(reference);
        let options = CreateImageOptionsBuilder::new().from_image(name).tag(tag).build();
        let pull =
            self.docker.create_image(Some(options), None, None).try_for_each(|_| std::future::ready(Ok(())));
        match self.within_for("pulling", TRANSFER, pull).await {
            Ok(()) => Ok(()),
            Err(error @ EngineError::Unreachable { .. }) => Err(error),
            Err(EngineError::Failed { message, .. } | EngineError::NotFound { message, .. }) => {
                Err(EngineError::NoImage { image: reference.to_owned(), why: message })
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn import_image(&self, image: &ImageImport) -> Result<(), EngineError> {
        let options = CreateImageOptionsBuilder::new()
            .from_src("-")
            .repo(&image.repository)
            .tag(&image.tag)
            .changes(image.changes.clone())
            .build();
        let what = format!("importing image `{}:{}`", image.repository, image.tag);
        let root = bollard::body_full(image.root.clone());
        let import = self
            .docker
            .create_image(Some(options), Some(root), None)
            .try_for_each(|_| std::future::ready(Ok(())));
        self.within_for(&what, TRANSFER, import).await
    }

    pub(super) async fn load_images(&self, archive: Bytes) -> Result<Vec<String>, EngineError> {
        let options = ImportImageOptionsBuilder::new().quiet(false).build();
        let load =
            self.docker.import_image(options, bollard::body_full(archive), None).try_collect::<Vec<_>>();
        let answers = self.within_for("loading an image archive", TRANSFER, load).await?;
        let lines = answers.into_iter().filter_map(|answer| answer.stream);
        Ok(lines.filter_map(|line| line.trim().strip_prefix("Loaded image: ").map(str::to_owned)).collect())
    }

    pub(super) async fn images(&self, labels: &[String]) -> Result<Vec<ImageListing>, EngineError> {
        let filters = HashMap::from([("label".to_owned(), labels.to_vec())]);
        let options = ListImagesOptionsBuilder::new().filters(&filters).build();
        let images = self.within("listing images", self.docker.list_images(Some(options))).await?;
        Ok(images
            .into_iter()
            .map(|image| ImageListing {
                id: image.id,
                tags: image.repo_tags,
                labels: image.labels.into_iter().collect(),
            })
            .collect())
    }

    pub(super) async fn delete_image(&self, reference: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptionsBuilder::new().force(true).build();
        let what = format!("removing image `{reference}`");
        let removed = self.within(&what, self.docker.remove_image(reference, Some(options), None)).await;
        tolerate(removed.map(|_| ()), &[404])
    }
}

/// `name:tag` or `name@digest` as the API wants it: a digest goes where the tag goes.
fn split_reference(reference: &str) -> (&str, &str) {
    if let Some((name, digest)) = reference.split_once('@') {
        return (name, digest);
    }
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::split_reference;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(split_reference("nginx:1.25"), ("nginx", "1.25"));
        assert_eq!(split_reference("nginx"), ("nginx", "latest"));
        assert_eq!(split_reference("127.0.0.1:9/a/b"), ("127.0.0.1:9/a/b", "latest"));
        assert_eq!(split_reference("127.0.0.1:9/a:1"), ("127.0.0.1:9/a", "1"));
        assert_eq!(split_reference("a@sha256:00"), ("a", "sha256:00"));
    }
}
