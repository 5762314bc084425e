//! What a schema says of a value, as far as a parameter can say it.

use crate::bounds::{bounds, number, pick};
use crate::document::Version;
use crate::error::ImportError;
use crate::kind::kind;
use crate::limits::DEEPEST;
use crate::node::Node;
use proofhouse_protocol::waas_policy::{Param, ParamType};

/// What is known of a value. Nothing is known of what is not said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts<'d> {
    pub(crate) kind: Option<ParamType>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) nullable: bool,
    /// Whether a text may be empty.
    pub(crate) may_be_empty: bool,
    /// Whether clients never send it.
    pub(crate) read_only: bool,
    /// Whether it is a file.
    pub(crate) file: bool,
    /// Of an object; one may stand here several times, where schemas are put together.
    pub(crate) properties: Vec<(&'d str, Node<'d>)>,
    /// Names of properties that must be there.
    pub(crate) required: Vec<&'d str>,
    /// Of a list: what its items are, and where that is said.
    items: Option<Node<'d>>,
}

impl<'d> Facts<'d> {
    /// Nothing is said.
    pub(crate) fn open() -> Self {
        Self { may_be_empty: true, ..Self::default() }
    }

    /// Everything that a schema says, with what it refers to.
    ///
    /// # Errors
    /// When it is no schema.
    pub(crate) fn of(schema: &Node<'d>) -> Result<Self, ImportError> {
        Self::at(schema, DEEPEST)
    }

    fn at(schema: &Node<'d>, depth: usize) -> Result<Self, ImportError> {
        schema.document.step(&schema.place)?;
        let Some(depth) = depth.checked_sub(1) else {
            return Err(
                schema.wrong("the schema leads around, or is put together too deeply", "take a part out")
            );
        };
        if schema.value.is_boolean() {
            return Ok(Self::open());
        }
        schema.object()?;
        let target = schema.clone().resolved()?;
        let mut facts = Self::own(&target)?;
        if !std::ptr::eq(target.value, schema.value) && schema.document.version == Version::OpenApi31 {
            // What stands beside a reference counts too.
            facts.join(Self::own(schema)?);
            facts.combine(schema, depth)?;
        }
        facts.combine(&target, depth)?;
        Ok(facts)
    }

    /// What is said of the value itself.
    fn own(schema: &Node<'d>) -> Result<Self, ImportError> {
        if schema.value.is_boolean() {
            return Ok(Self::open());
        }
        schema.object()?;
        let (kind, null) = kind(schema)?;
        let nullable = schema.flag("nullable")?.or(schema.flag("x-nullable")?).unwrap_or(false);
        let format = schema.text_of("format")?.unwrap_or_default();
        let is_file = schema.member("type").is_some_and(|kind| kind.value == "file");
        let (min, max) = bounds(schema, kind, format)?;
        let properties = schema.member("properties").map(|properties| properties.members()).transpose()?;
        // In parameters of Swagger 2, `required` is a flag.
        let lists = schema.member("required").is_some_and(|required| required.value.is_array());
        Ok(Self {
            kind,
            min,
            max,
            nullable: nullable || null,
            may_be_empty: number(schema, "minLength")?.is_none_or(|length| length < 1.0),
            read_only: schema.flag("readOnly")?.unwrap_or(false),
            file: is_file || format == "binary",
            properties: properties.unwrap_or_default(),
            required: if lists { schema.texts_of("required")? } else { Vec::new() },
            items: schema.member("items").filter(|items| !items.value.is_array()),
        })
    }

    /// Adds all of `allOf`, and what stands beside `null` in alternatives; other alternatives leave everything open.
    fn combine(&mut self, schema: &Node<'d>, depth: usize) -> Result<(), ImportError> {
        for part in schema.member("allOf").map(|parts| parts.items()).transpose()?.unwrap_or_default() {
            self.join(Self::at(&part, depth)?);
        }
        for name in ["oneOf", "anyOf"] {
            let Some(alternatives) = schema.member(name) else { continue };
            let alternatives = alternatives.items()?;
            let is_null = |part: &&Node<'_>| part.value.get("type").is_some_and(|kind| kind == "null");
            let others: Vec<_> = alternatives.iter().filter(|part| !is_null(part)).collect();
            if let ([other], true) = (others.as_slice(), others.len() < alternatives.len()) {
                let nullable = Self { nullable: true, ..Self::at(other, depth)? };
                self.join(nullable);
            }
        }
        Ok(())
    }

    /// Puts together what two schemas say of one value.
    pub(crate) fn join(&mut self, other: Self) {
        self.kind = match (self.kind, other.kind) {
            (None, kind) | (kind, None) => kind,
            (Some(mine), Some(theirs)) if mine == theirs => Some(mine),
            (Some(ParamType::Integer), Some(ParamType::Number))
            | (Some(ParamType::Number), Some(ParamType::Integer)) => Some(ParamType::Integer),
            // No value is of both.
            _ => None,
        };
        self.min = pick(self.min, other.min, f64::max);
        self.max = pick(self.max, other.max, f64::min);
        self.nullable |= other.nullable;
        self.may_be_empty &= other.may_be_empty;
        self.read_only |= other.read_only;
        self.file |= other.file;
        self.properties.extend(other.properties);
        self.required.extend(other.required);
        self.items = self.items.take().or(other.items);
    }

    /// What the items of a list are; nothing is known of items of items.
    pub(crate) fn items(&self) -> Result<Facts<'d>, ImportError> {
        self.items.as_ref().map_or_else(|| Ok(Facts::open()), Self::of)
    }

    /// Where the items of a list are described.
    pub(crate) fn items_schema(&self) -> Option<Node<'d>> {
        self.items.clone()
    }

    /// The names of properties, each once, in order; the policy has no parameter without one.
    pub(crate) fn names(&self) -> Vec<&'d str> {
        let mut names: Vec<&'d str> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let all = self.properties.iter().map(|(name, _)| *name).filter(|name| !name.is_empty());
        names.extend(all.filter(|name| seen.insert(*name)));
        names
    }

    /// Tells a parameter the type and the bounds; of a list, those of its items.
    pub(crate) fn tell(&self, param: &mut Param) -> Result<(), ImportError> {
        let items;
        let facts = if self.kind == Some(ParamType::Array) {
            param.array = true;
            items = self.items()?;
            &items
        } else {
            self
        };
        // Of items that may be `null` the policy cannot say so.
        param.kind = facts.kind.filter(|_| !param.array || !facts.nullable);
        if matches!(param.kind, Some(ParamType::Integer | ParamType::Number)) {
            (param.min, param.max) = (facts.min, facts.max);
            if let (Some(min), Some(max)) = (facts.min, facts.max)
                && min > max
            {
                // No value fits; the policy has no way to say so.
                (param.min, param.max) = (None, None);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use serde_json::{Value, json};

    /// Type, list, least and greatest of a parameter with that schema.
    fn told(version: &str, schema: Value) -> Result<(String, bool, Option<f64>, Option<f64>), ImportError> {
        let tree = json!({"openapi": version, "schema": schema, "int": {"type": "integer", "maximum": 9},
            "loop": {"allOf": [{"$ref": "#/loop"}]}, "tree": {"type": "array", "items": {"$ref": "#/tree"}}});
        let document = Document::of(tree).unwrap();
        let mut param = Param::new("p", proofhouse_protocol::waas_policy::ParamLocation::Query);
        Facts::of(&document.root().member("schema").unwrap())?.tell(&mut param)?;
        let kind = param.kind.map(|kind| kind.word().to_owned()).unwrap_or_default();
        Ok((kind, param.array, param.min, param.max))
    }

    #[test]
    fn types_and_bounds() {
        for (version, schema, kind, array, min, max) in [
            ("3.0.0", json!({}), "", false, None, None),
            ("3.1.0", json!(true), "", false, None, None),
            (
                "3.0.0",
                json!({"type": "number", "minimum": 1, "maximum": 2.5}),
                "number",
                false,
                Some(1.0),
                Some(2.5),
            ),
            ("3.0.0", json!({"type": "string", "minimum": 1}), "string", false, None, None),
            ("3.0.0", json!({"minimum": 1}), "", false, None, None),
            (
                "3.0.0",
                json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true, "maximum": 9.5, "exclusiveMaximum": true}),
                "integer",
                false,
                Some(2.0),
                Some(9.0),
            ),
            (
                "3.0.0",
                json!({"type": "integer", "minimum": 1, "exclusiveMinimum": false}),
                "integer",
                false,
                Some(1.0),
                None,
            ),
            (
                "3.0.0",
                json!({"type": "number", "minimum": 1, "exclusiveMinimum": true}),
                "number",
                false,
                Some(1.0),
                None,
            ),
            (
                "3.1.0",
                json!({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10, "maximum": 5}),
                "integer",
                false,
                Some(1.0),
                Some(5.0),
            ),
            ("3.1.0", json!({"type": "number", "exclusiveMaximum": 10}), "number", false, None, Some(10.0)),
            (
                "3.0.0",
                json!({"type": "integer", "format": "uint8"}),
                "integer",
                false,
                Some(0.0),
                Some(255.0),
            ),
            ("3.0.0", json!({"type": "integer", "format": "int64"}), "integer", false, None, None),
            ("3.0.0", json!({"type": "integer", "minimum": 5, "maximum": 1}), "integer", false, None, None),
            ("3.0.0", json!({"type": "array", "items": {"$ref": "#/int"}}), "integer", true, None, Some(9.0)),
            (
                "3.0.0",
                json!({"type": "array", "items": {"type": "integer", "minimum": 1, "nullable": true}}),
                "",
                true,
                None,
                None,
            ),
            ("3.0.0", json!({"type": "array"}), "", true, None, None),
            ("3.0.0", json!({"$ref": "#/tree"}), "array", true, None, None),
            ("3.1.0", json!({"type": ["integer", "null"]}), "integer", false, None, None),
            ("3.1.0", json!({"type": ["number", "integer"]}), "number", false, None, None),
            ("3.1.0", json!({"type": ["string", "integer"]}), "", false, None, None),
            ("3.1.0", json!({"type": "null"}), "", false, None, None),
        ] {
            let expected = (kind.to_owned(), array, min, max);
            assert_eq!(told(version, schema.clone()), Ok(expected), "{schema}");
        }
    }

    #[test]
    fn schemas_are_put_together() {
        for (version, schema, kind, min, max) in [
            (
                "3.0.0",
                json!({"allOf": [{"$ref": "#/int"}, {"type": "number", "minimum": 2, "maximum": 20}]}),
                "integer",
                Some(2.0),
                Some(9.0),
            ),
            ("3.0.0", json!({"allOf": [{"type": "string"}, {"type": "integer"}]}), "", None, None),
            (
                "3.0.0",
                json!({"type": "integer", "oneOf": [{"maximum": 1}, {"minimum": 5}]}),
                "integer",
                None,
                None,
            ),
            ("3.1.0", json!({"anyOf": [{"$ref": "#/int"}, {"type": "null"}]}), "integer", None, Some(9.0)),
            (
                "3.1.0",
                json!({"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
                "",
                None,
                None,
            ),
            ("3.0.0", json!({"$ref": "#/int", "minimum": 3}), "integer", None, Some(9.0)),
            (
                "3.1.0",
                json!({"$ref": "#/int", "minimum": 3, "type": "integer"}),
                "integer",
                Some(3.0),
                Some(9.0),
            ),
        ] {
            let expected = (kind.to_owned(), false, min, max);
            assert_eq!(told(version, schema.clone()), Ok(expected), "{schema}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        for (schema, message) in [
            (json!(7), "`#/schema`: it is 7: give an object"),
            (
                json!({"type": "int"}),
                "`#/schema/type`: it is `int`: use one of integer, number, string, boolean, array and object",
            ),
            (
                json!({"type": ["int"]}),
                "`#/schema/type/0`: it is `int`: use one of integer, number, string, boolean, array and object",
            ),
            (json!({"type": {}}), "`#/schema/type`: it is an object: give a type, or a list of types"),
            (json!({"minimum": "1"}), "`#/schema/minimum`: it is `1`: give a number"),
            (json!({"exclusiveMinimum": "1"}), "`#/schema/exclusiveMinimum`: it is `1`: give a number"),
            (json!({"allOf": {}}), "`#/schema/allOf`: it is an object: give a list"),
            (json!({"properties": []}), "`#/schema/properties`: it is a list: give an object"),
            (json!({"nullable": "yes"}), "`#/schema/nullable`: it is `yes`: give `true` or `false`"),
            (
                json!({"$ref": "#/loop"}),
                "`#/loop/allOf/0`: the schema leads around, or is put together too deeply: take a part out",
            ),
        ] {
            let found = told("3.0.0", schema.clone()).unwrap_err();
            assert_eq!(found.to_string(), message, "{schema}");
        }
    }
}
