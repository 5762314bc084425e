//! Floods, bots and sessions of an app.

use super::super::mistake::Mistakes;
use super::super::shape::{Shape, check_shapes, told};
use super::super::spot::Spot;
use super::access::is_token;

/// What a Defender reads of it, beside effects.
const SHAPES: [(&str, Shape); 33] = [
    ("dosConfig", Shape::Object),
    ("dosConfig.enabled", Shape::Flag),
    ("dosConfig.alert", Shape::Object),
    ("dosConfig.alert.burst", Shape::Rate),
    ("dosConfig.alert.average", Shape::Rate),
    ("dosConfig.ban", Shape::Object),
    ("dosConfig.ban.burst", Shape::Rate),
    ("dosConfig.ban.average", Shape::Rate),
    ("dosConfig.excludedNetworkLists", Shape::Texts),
    ("dosConfig.trackSession", Shape::Flag),
    ("dosConfig.matchConditions", Shape::List),
    ("dosConfig.matchConditions.*", Shape::Object),
    ("dosConfig.matchConditions.*.methods", Shape::Texts),
    ("dosConfig.matchConditions.*.fileTypes", Shape::Texts),
    ("dosConfig.matchConditions.*.responseCodeRanges", Shape::List),
    ("dosConfig.matchConditions.*.responseCodeRanges.*", Shape::Object),
    ("dosConfig.matchConditions.*.responseCodeRanges.*.start", Shape::Short),
    ("dosConfig.matchConditions.*.responseCodeRanges.*.end", Shape::Short),
    ("botProtectionSpec", Shape::Object),
    ("botProtectionSpec.interstitialPage", Shape::Flag),
    ("botProtectionSpec.knownBotProtectionsSpec", Shape::Object),
    ("botProtectionSpec.unknownBotProtectionSpec", Shape::Object),
    ("botProtectionSpec.unknownBotProtectionSpec.requestAnomalies", Shape::Object),
    ("botProtectionSpec.userDefinedBots", Shape::List),
    ("botProtectionSpec.userDefinedBots.*", Shape::Object),
    ("botProtectionSpec.userDefinedBots.*.name", Shape::Text),
    ("botProtectionSpec.userDefinedBots.*.headerName", Shape::Text),
    ("botProtectionSpec.userDefinedBots.*.headerValues", Shape::Texts),
    ("botProtectionSpec.userDefinedBots.*.subnets", Shape::Texts),
    ("sessionCookieEnabled", Shape::Flag),
    ("sessionCookieBan", Shape::Flag),
    ("sessionCookieSecure", Shape::Flag),
    ("sessionCookieSameSite", Shape::Text),
];

pub(super) fn check(application: &Spot<'_>, label: &str, found: &mut Mistakes) {
    check_shapes(application, &SHAPES, label, found);
    let anomalies = "botProtectionSpec.unknownBotProtectionSpec.requestAnomalies.threshold";
    for threshold in application.along(anomalies) {
        if !threshold.value.as_u64().is_some_and(|number| [3, 6, 9].contains(&number)) {
            let message = format!("{label}: {}", told(&threshold.path, Some(threshold.value)));
            found.add(threshold.path, message, "use 3 (strict), 6 (moderate) or 9 (lax)");
        }
    }
    for same_site in application.along("sessionCookieSameSite") {
        if same_site.text().is_some_and(|text| !["", "Lax", "Strict", "None"].contains(&text)) {
            let message = format!("{label}: {}", told(&same_site.path, Some(same_site.value)));
            found.add(same_site.path, message, "use one of Lax, Strict, None");
        }
    }
    for range in application.along("dosConfig.matchConditions.*.responseCodeRanges.*") {
        let number = |name: &str| range.member(name).and_then(|number| number.value.as_u64());
        let (start, end) = (number("start"), number("end").filter(|end| *end > 0));
        if range.value.is_object() && !start.is_some_and(|start| end.is_none_or(|end| end >= start)) {
            let message = format!("{label}: a range of response codes has no start, or ends before it");
            found.add(range.path, message, "give the first code as `start`, and the last as `end`");
        }
    }
    for name in application.along("botProtectionSpec.userDefinedBots.*.headerName") {
        if name.text().is_some_and(|text| !text.is_empty() && !is_token(text)) {
            let message = format!("{label}: {}", told(&name.path, Some(name.value)));
            found.add(name.path, message, "give the name of a header, such as 'X-Api-Key', or none");
        }
    }
}
