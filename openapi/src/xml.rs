//! What properties are called in XML.

use crate::error::ImportError;
use crate::node::Node;
use crate::schema::Facts;
use proofhouse_protocol::waas_policy::ParamType;

/// The name of the element, or with `@` of the attribute, that a property is in XML.
pub(crate) fn xml_name(schema: &Node<'_>, facts: &Facts<'_>, name: &str) -> Result<String, ImportError> {
    let xml = schema.clone().resolved()?.member("xml");
    let flag = |flag: &str| {
        xml.as_ref().map(|xml| xml.flag(flag)).transpose().map(|set| set.flatten() == Some(true))
    };
    let named = |xml: &Option<Node<'_>>| -> Result<Option<String>, ImportError> {
        let name = xml.as_ref().map(|xml| xml.text_of("name")).transpose()?.flatten();
        Ok(name.map(str::to_owned))
    };
    if facts.kind == Some(ParamType::Array) && !flag("wrapped")? {
        let items =
            facts.items_schema().map(Node::resolved).transpose()?.and_then(|items| items.member("xml"));
        return Ok(named(&items)?.unwrap_or_else(|| name.to_owned()));
    }
    let name = named(&xml)?.unwrap_or_else(|| name.to_owned());
    Ok(if flag("attribute")? { format!("@{name}") } else { name })
}
