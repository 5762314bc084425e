//! Entry points of the fuzz targets in the folder `fuzz`, to what has no public name.

use crate::body::Fields;
use crate::policy::Active;
use crate::proxy;
use crate::request::RequestView;
use proofhouse_protocol::WaasPolicy;

/// What the HTTP library reads of a connection that brings these pieces, and then ends.
#[must_use]
pub fn passed(pieces: &[&[u8]], http2: bool, lenient_names: bool) -> Vec<u8> {
    proxy::passed(pieces, http2, lenient_names)
}

/// The address to which a request with this target goes; `None` if the library takes it for none.
#[must_use]
pub fn forwarded(target: &[u8], port: u16) -> Option<String> {
    proxy::forwarded(target, port)
}

/// The ports of a policy for the tasks of this app.
///
/// # Errors
/// What the firewall says of a policy that it cannot use.
pub fn compiled(policy: &WaasPolicy, app_id: &str) -> Result<usize, String> {
    Active::compile(policy, app_id).map(|active| active.ports().count()).map_err(|error| error.to_string())
}

/// How many names the body has in all its readings, and the bytes of these and of their values.
#[must_use]
pub fn names(request: &RequestView<'_>) -> (usize, usize) {
    let sizes: Vec<usize> = request.fields().iter().flat_map(sizes).collect();
    (sizes.len(), sizes.iter().sum())
}

fn sizes(fields: &Fields) -> Vec<usize> {
    match fields {
        Fields::Form(pairs) => pairs.iter().map(|(name, value)| name.len() + value.len()).collect(),
        Fields::Multipart(parts) => parts.iter().map(|part| part.name.len() + part.value.len()).collect(),
        Fields::Json(document) => {
            let members = document.members.iter().map(|(name, value)| name.len() + value.to_string().len());
            members.chain(document.other.as_ref().map(|other| other.to_string().len())).collect()
        }
        Fields::Xml(elements) => {
            let all = |pieces: &[Vec<u8>]| pieces.iter().map(Vec::len).sum::<usize>();
            elements.iter().map(|one| one.name.len() + all(&one.texts) + all(&one.items)).collect()
        }
    }
}
