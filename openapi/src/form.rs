//! Forms of Swagger 2, whose fields are parameters one by one.

use crate::body::location;
use proofhouse_protocol::waas_policy::{Param, ParamLocation};

/// Fields of a form of Swagger 2: with each kind of form that the operation takes.
pub(crate) fn fields(fields: Vec<(Param, bool)>, consumes: &[&str]) -> Vec<Param> {
    let takes = |wanted| consumes.iter().any(|media| location(media) == wanted);
    let mut locations: Vec<ParamLocation> = [ParamLocation::FormData, ParamLocation::Multipart]
        .into_iter()
        .filter(|place| takes(*place))
        .collect();
    if locations.is_empty() {
        let file = fields.iter().any(|(_, file)| *file);
        locations.push(if file { ParamLocation::Multipart } else { ParamLocation::FormData });
    }
    let sole = locations.len() == 1 && consumes.len() <= 1;
    let each = |location| {
        let at = move |(param, _): &(Param, bool)| Param {
            location,
            required: param.required && sole,
            ..param.clone()
        };
        fields.iter().map(at).collect::<Vec<_>>()
    };
    locations.iter().copied().flat_map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::FORM;
    use crate::body::tests::short;

    #[test]
    fn forms_of_swagger() {
        let field = |file| {
            let mut param = Param::new("f", ParamLocation::FormData);
            param.required = true;
            vec![(param, file)]
        };
        let multipart = "multipart/form-data";
        for (file, consumes, expected) in [
            (false, &[][..], &["formData f any required"][..]),
            (true, &[], &["multipart f any required"]),
            (false, &[multipart], &["multipart f any required"]),
            (false, &[FORM], &["formData f any required"]),
            (false, &[FORM, multipart], &["formData f any", "multipart f any"]),
            (false, &["application/json"], &["formData f any required"]),
        ] {
            assert_eq!(short(&fields(field(file), consumes)), expected);
        }
    }
}
