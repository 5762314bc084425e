//! Who a `User-Agent` says it is. The product's lists are not published; these are our own, of names that their makers document.

use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{BotProtectionSpec, KnownBots, UnknownBots};

/// A kind of client.
#[derive(Debug)]
pub(super) struct Class {
    /// `type` of its audits.
    pub(super) kind: &'static str,
    /// In messages.
    pub(super) name: &'static str,
    /// Its effect.
    pub(super) effect: fn(&BotProtectionSpec) -> WaasEffect,
    /// Parts of the header, in lower case.
    words: &'static [&'static str],
    /// Whether it says who it is.
    pub(super) known: bool,
}

macro_rules! known {
    ($kind:literal, $name:literal, $member:ident, [$($word:literal),*]) => {
        Class {
            kind: $kind,
            name: $name,
            effect: |spec| {
                let KnownBots { $member: effect, .. } = spec.known_bot_protections_spec;
                effect
            },
            words: &[$($word),*],
            known: true,
        }
    };
}

macro_rules! unknown {
    ($kind:literal, $name:literal, $member:ident, [$($word:literal),*]) => {
        Class {
            kind: $kind,
            name: $name,
            effect: |spec| {
                let UnknownBots { $member: effect, .. } = spec.unknown_bot_protection_spec;
                effect
            },
            words: &[$($word),*],
            known: false,
        }
    };
}

/// First match decides: the narrow before the wide.
const CLASSES: [Class; 14] = [
    known!(
        "newsBot",
        "News Bot",
        news,
        ["googlebot-news", "newsblur", "bloglovin", "feedfetcher-news", "google-read-aloud"]
    ),
    known!(
        "mediaSearchBot",
        "Media Search Bot",
        media_search,
        [
            "googlebot-image",
            "googlebot-video",
            "bingvideopreview",
            "yandeximages",
            "yandexvideo",
            "pinterestbot"
        ]
    ),
    known!(
        "contentFeedClient",
        "Content Feed Client",
        content_feed_clients,
        ["feedly", "feedfetcher", "feedburner", "inoreader", "tiny tiny rss", "flipboardproxy", "simplepie"]
    ),
    known!(
        "archivingBot",
        "Archiving Bot",
        archiving,
        ["ia_archiver", "archive.org_bot", "archivebot", "heritrix", "ccbot"]
    ),
    known!(
        "businessAnalyticsBot",
        "Business Analytics Bot",
        business_analytics,
        [
            "ahrefsbot",
            "semrushbot",
            "mj12bot",
            "dotbot",
            "rogerbot",
            "dataforseobot",
            "blexbot",
            "screaming frog seo spider",
            "serpstatbot"
        ]
    ),
    known!(
        "careerSearchBot",
        "Career Search Bot",
        career_search,
        ["indeedbot", "jobboersebot", "trovitbot", "jooblebot"]
    ),
    known!(
        "educationalBot",
        "Educational Bot",
        educational,
        ["turnitinbot", "semanticscholarbot", "citeseerxbot"]
    ),
    known!(
        "financialBot",
        "Financial Bot",
        financial,
        ["yahooseeker-finance", "bloombergbot", "barkrowler-finance", "factset_spyderbot"]
    ),
    known!(
        "searchEngineCrawler",
        "Search Engine Crawler",
        search_engine_crawlers,
        [
            "googlebot",
            "bingbot",
            "slurp",
            "duckduckbot",
            "baiduspider",
            "yandexbot",
            "applebot",
            "seznambot",
            "petalbot",
            "sogou web spider"
        ]
    ),
    unknown!(
        "webAutomationTool",
        "Web Automation Tool",
        web_automation_tools,
        [
            "headlesschrome",
            "phantomjs",
            "selenium",
            "puppeteer",
            "playwright",
            "electron/",
            "slimerjs",
            "casperjs"
        ]
    ),
    unknown!(
        "webScraper",
        "Web Scraper",
        web_scrapers,
        [
            "scrapy",
            "httrack",
            "webcopier",
            "teleport pro",
            "webzip",
            "offline explorer",
            "sitesucker",
            "grab.py",
            "colly",
            "apify"
        ]
    ),
    unknown!(
        "apiLibrary",
        "API Library",
        api_libraries,
        [
            "postmanruntime",
            "insomnia/",
            "axios/",
            "node-fetch",
            "restsharp",
            "swagger-codegen",
            "openapi-generator",
            "grpc-",
            "apollo",
            "aws-sdk",
            "boto"
        ]
    ),
    unknown!(
        "httpLibrary",
        "HTTP Library",
        http_libraries,
        [
            "curl/",
            "wget/",
            "python-requests",
            "python-urllib",
            "aiohttp",
            "python-httpx",
            "go-http-client",
            "okhttp",
            "java/",
            "apache-httpclient",
            "libwww-perl",
            "ruby",
            "guzzlehttp",
            "reqwest/",
            "undici",
            "httpie/"
        ]
    ),
    unknown!("genericBot", "Generic Bot", generic, ["bot", "crawler", "spider", "fetcher", "scan"]),
];

/// Whether any class has an effect.
pub(super) fn count(spec: &BotProtectionSpec) -> bool {
    CLASSES.iter().any(|class| (class.effect)(spec) != WaasEffect::Disable)
}

/// What a header says.
pub(super) fn of(user_agent: &str) -> Option<&'static Class> {
    let text = user_agent.to_ascii_lowercase();
    CLASSES.iter().find(|class| class.words.iter().any(|word| text.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrow_goes_before_the_wide() {
        for (header, kind) in [
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                "searchEngineCrawler",
            ),
            ("Googlebot-News", "newsBot"),
            ("Googlebot-Image/1.0", "mediaSearchBot"),
            ("curl/7.88.1", "httpLibrary"),
            ("python-requests/2.31", "httpLibrary"),
            ("PostmanRuntime/7.32", "apiLibrary"),
            ("Mozilla/5.0 (X11) AppleWebKit/537.36 HeadlessChrome/119.0 Safari/537.36", "webAutomationTool"),
            ("Scrapy/2.11 (+https://scrapy.org)", "webScraper"),
            ("SomeBot/1", "genericBot"),
        ] {
            assert_eq!(of(header).map(|class| class.kind), Some(kind), "{header}");
        }
        for header in ["", "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"] {
            assert!(of(header).is_none(), "{header}");
        }
    }

    #[test]
    fn each_class_has_an_effect_of_its_own() {
        for class in &CLASSES {
            let set = CLASSES.iter().filter(|other| std::ptr::fn_addr_eq(other.effect, class.effect));
            assert_eq!(set.count(), 1, "{}", class.kind);
            assert!(class.words.iter().all(|word| *word == word.to_ascii_lowercase()));
        }
    }
}
