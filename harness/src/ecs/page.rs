//! A long answer in parts.

use super::ApiError;
use serde_json::{Map, Value, json};

/// Items of an answer at the most, and where a request says nothing (API model).
const MOST: i64 = 100;

/// Begins a token, so that another text is known to be none.
const TOKEN: &str = "after/";

/// How the answer is to be parted.
#[derive(Debug, Default, Clone)]
pub(super) struct Paging<'a> {
    /// `maxResults`.
    pub most: Option<i64>,
    /// `nextToken`.
    pub token: Option<&'a str>,
    /// Whether the last comes first.
    pub descending: bool,
}

/// The part of a list that was asked for: `member` with the ARNs, and `nextToken` if there are more. Items are (key, ARN), by
/// any order; their keys are unique, and sort as the answer does.
///
/// # Errors
/// `InvalidParameterException` for a size or a token that cannot be.
pub(super) fn page(
    member: &str,
    mut items: Vec<(String, String)>,
    paging: &Paging<'_>,
) -> Result<Value, ApiError> {
    let most = paging.most.unwrap_or(MOST);
    if !(1..=MOST).contains(&most) {
        return Err(ApiError::parameter(format!("maxResults is {most}, and must be between 1 and {MOST}")));
    }
    let after = match paging.token {
        None => None,
        Some(token) => {
            Some(token.strip_prefix(TOKEN).ok_or_else(|| ApiError::parameter("Invalid nextToken"))?)
        }
    };
    items.sort();
    if paging.descending {
        items.reverse();
    }
    let behind =
        |key: &str| after.is_none_or(|after| if paging.descending { key < after } else { key > after });
    items.retain(|(key, _)| behind(key));
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = items.len() > most;
    items.truncate(most);
    let mut answer = Map::new();
    if let Some((key, _)) = items.last().filter(|_| more) {
        answer.insert("nextToken".to_owned(), json!(format!("{TOKEN}{key}")));
    }
    let arns: Vec<_> = items.into_iter().map(|(_, arn)| arn).collect();
    answer.insert(member.to_owned(), json!(arns));
    Ok(Value::Object(answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_is_refused() {
        for most in [0, -1, 101] {
            assert!(page("arns", Vec::new(), &Paging { most: Some(most), ..Paging::default() }).is_err());
        }
        assert!(page("arns", Vec::new(), &Paging { token: Some("x"), ..Paging::default() }).is_err());
        assert_eq!(page("arns", Vec::new(), &Paging::default()), Ok(json!({"arns": []})));
    }

    proptest! {
        #[test]
        fn the_parts_are_the_whole(keys in prop::collection::btree_set("[a-z]{1,6}", 0..40), most in 1..9i64, descending: bool) {
            let mut whole: Vec<String> = keys.iter().cloned().collect();
            if descending {
                whole.reverse();
            }
            let (mut seen, mut token) = (Vec::new(), None::<String>);
            loop {
                let items = keys.iter().map(|key| (key.clone(), key.clone())).collect();
                let paging = Paging { most: Some(most), token: token.as_deref(), descending };
                let part = page("arns", items, &paging).unwrap();
                seen.extend(part["arns"].as_array().unwrap().iter().map(|arn| arn.as_str().unwrap().to_owned()));
                token = part["nextToken"].as_str().map(str::to_owned);
                if token.is_none() {
                    break;
                }
            }
            prop_assert_eq!(seen, whole);
        }
    }
}
