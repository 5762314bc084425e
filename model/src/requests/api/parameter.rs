//! One parameter: where its values stand, and whether they are as declared (W64, W65, W70).

use super::super::{Sent, Spot};
use super::document::Given;
use super::resource::decoded;
use super::value::{Fit, of_json, of_text};
use crate::Trail;
use proofhouse_protocol::waas_policy::{ApplicationSpec, Param, ParamLocation, ParamStyle};

/// A request, as the API of its app sees it.
pub(super) struct Seen<'a> {
    pub app: &'a ApplicationSpec,
    pub sent: &'a Sent,
    /// Values of the templates of its path.
    pub captured: &'a [(&'a str, String)],
}

/// W64, W65: whether a parameter is as declared.
pub(super) fn fit(param: &Param, seen: &Seen<'_>, trail: &mut Trail) -> Fit {
    let Some(values) = values(param, seen, trail) else { return Fit::Unclear };
    if values.is_empty() {
        if param.required && param.location != ParamLocation::Path {
            return Fit::Wrong("request.api-missing");
        }
        trail.through("request.api-optional");
        return Fit::Fine;
    }
    if values.len() > 1 {
        trail.through("request.api-several");
    }
    let fit = Fit::of_all(values.iter().map(|value| of_value(param, value, trail)));
    if fit == Fit::Fine {
        trail.through("request.api-fine");
    }
    fit
}

/// All that a request has under the name of a parameter; nothing where nobody says. A name in another case is another name for some readers,
/// and the same for others.
fn values(param: &Param, seen: &Seen<'_>, trail: &mut Trail) -> Option<Vec<Given>> {
    let Seen { sent, captured, .. } = seen;
    let text = |(name, value): (&str, String)| (name.to_owned(), Given::Text(value));
    let all: Vec<(String, Given)> = match param.location {
        ParamLocation::Path => {
            trail.through("request.api-template");
            captured.iter().map(|(name, value)| text((name, value.clone()))).collect()
        }
        ParamLocation::Query => {
            let each = sent.parameters().into_iter();
            each.map(|(name, value)| text((&decoded(name, true), decoded(value, true)))).collect()
        }
        ParamLocation::Header => {
            let own = sent.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&param.name));
            own.map(|(_, value)| text((&param.name, value.trim().to_owned()))).collect()
        }
        ParamLocation::Cookie => {
            sent.cookies().into_iter().map(|(name, value)| text((name, decoded(value, false)))).collect()
        }
        ParamLocation::FormData => of_body(Spot::FormBody, seen, trail)?,
        ParamLocation::Multipart => of_body(Spot::MultipartBody, seen, trail)?,
        ParamLocation::Json => of_body(Spot::JsonBody, seen, trail)?,
        ParamLocation::Xml => of_body(Spot::XmlBody, seen, trail)?,
        // What a body as a whole must be is not documented.
        ParamLocation::Body => return None,
    };
    let other_case = |name: &String| *name != param.name && name.eq_ignore_ascii_case(&param.name);
    if all.iter().any(|(name, _)| other_case(name)) {
        return None;
    }
    Some(all.into_iter().filter(|(name, _)| *name == param.name).map(|(_, given)| given).collect())
}

/// Of a body of that kind. W59 to W61: what is not inspected to its end, or of another kind, is for nobody to say.
fn of_body(kind: Spot, seen: &Seen<'_>, trail: &mut Trail) -> Option<Vec<(String, Given)>> {
    let Seen { app, sent, .. } = seen;
    if app.body.skip || sent.body.len() > app.body.inspection_size_bytes {
        trail.through("request.api-of-uninspected-body");
        return None;
    }
    match &sent.document {
        _ if sent.body.is_empty() => Some(Vec::new()),
        Some(document) if document.kind == kind => {
            let members = document.members.iter();
            Some(members.map(|member| (member.name.clone(), member.given.clone())).collect())
        }
        _ => None,
    }
}

/// One value, or several that are written as one (W70).
fn of_value(param: &Param, value: &Given, trail: &mut Trail) -> Fit {
    match (param.location, value) {
        (ParamLocation::Json, Given::List(items)) if param.array => {
            trail.through("request.api-list");
            // A list with a gap.
            let gap = |item: &Given| *item == Given::Null || *item == Given::Text(String::new());
            Fit::of_all(items.iter().map(|item| if gap(item) { Fit::Unclear } else { of_json(param, item) }))
        }
        (ParamLocation::Json, Given::Text(text)) if param.array && text.is_empty() => Fit::Unclear,
        (ParamLocation::Json, Given::Null) => of_json(param, value),
        (ParamLocation::Json, _) if param.array => Fit::Wrong("request.api-type"),
        (ParamLocation::Json, _) => of_json(param, value),
        (_, Given::Text(text)) if param.array && !text.is_empty() => of_list(param, text, trail),
        // Whether an element without a type may be empty is not documented.
        (ParamLocation::Xml, Given::Text(text)) if param.kind.is_none() && text.is_empty() => Fit::Unclear,
        (_, Given::Text(text)) => of_text(param, text),
        _ => Fit::Unclear,
    }
}

/// W70: what is exploded has one value in each place of its name; else a mark stands between them.
fn of_list(param: &Param, text: &str, trail: &mut Trail) -> Fit {
    let in_pairs = matches!(param.location, ParamLocation::Query | ParamLocation::FormData);
    let between = match param.style {
        None | Some(ParamStyle::Simple | ParamStyle::Form) => ',',
        Some(ParamStyle::PipeDelimited) => '|',
        Some(ParamStyle::SpaceDelimited) => ' ',
        Some(ParamStyle::TabDelimited) => '\t',
        Some(ParamStyle::Matrix | ParamStyle::Label) => return Fit::Unclear,
    };
    trail.through("request.api-list");
    if param.explode && in_pairs {
        return of_text(param, text);
    }
    let parts = text.split(between).map(|part| if in_pairs { part } else { part.trim() });
    Fit::of_all(parts.map(|part| match part {
        // A list with a gap.
        "" => Fit::Unclear,
        part => of_text(param, part),
    }))
}
