//! The whole way.

use crate::document::Document;
use crate::error::ImportError;
use crate::node::Node;
use crate::{endpoints, paths, text};
use proofhouse_protocol::waas_policy::ApiSpec;

/// The API that a document describes: OpenAPI 3 or Swagger 2, YAML or JSON. Its effects are `disable`.
///
/// # Errors
/// What is wrong with the document, where in it, and what to do.
pub fn import(text: &[u8]) -> Result<ApiSpec, ImportError> {
    let document = Document::of(text::read(text)?)?;
    let root = document.root();
    Ok(ApiSpec {
        description: description(&root)?,
        endpoints: endpoints::endpoints(&root)?,
        paths: paths::paths(&root)?,
        ..ApiSpec::default()
    })
}

/// What the document says of itself; its title if that is all.
fn description(root: &Node<'_>) -> Result<String, ImportError> {
    let Some(info) = root.member("info") else { return Ok(String::new()) };
    info.object()?;
    let text = match info.text_of("description")?.map(str::trim).filter(|text| !text.is_empty()) {
        Some(description) => Some(description),
        None => info.text_of("title")?,
    };
    Ok(text.unwrap_or_default().to_owned())
}
