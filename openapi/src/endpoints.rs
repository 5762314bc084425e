//! Servers as endpoints.

use crate::document::Version;
use crate::error::ImportError;
use crate::limits::MOST_ENDPOINTS;
use crate::node::Node;
use crate::place::Place;
use proofhouse_protocol::waas_policy::Endpoint;
use serde_json::Map;

/// Every endpoint of a document, each once.
pub(crate) fn endpoints(root: &Node<'_>) -> Result<Vec<Endpoint>, ImportError> {
    let all = match root.document.version {
        Version::Swagger2 => of_host(root)?,
        _ => of_servers(root)?,
    };
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for endpoint in all {
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    }
    Ok(endpoints)
}

fn of_servers(root: &Node<'_>) -> Result<Vec<Endpoint>, ImportError> {
    let servers = root.member("servers").map(|servers| servers.items()).transpose()?.unwrap_or_default();
    if servers.len() > MOST_ENDPOINTS {
        return Err(too_many(&root.place));
    }
    if servers.is_empty() {
        return Ok(vec![endpoint("*", None, "", false)]);
    }
    servers.iter().map(of_server).collect()
}

fn of_server(server: &Node<'_>) -> Result<Endpoint, ImportError> {
    server.object()?;
    let Some(url) = server.member("url") else {
        return Err(server
            .wrong("it has no `url`", "give the address of the server, such as `https://shop.test/api`"));
    };
    let text = filled(server, &url)?;
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => match text.strip_prefix("//") {
            Some(rest) => (None, rest),
            // A path, seen from where the document is.
            None => return Ok(endpoint("*", None, &text, false)),
        },
    };
    let tls = match scheme.as_deref() {
        None => false,
        Some(scheme) => is_tls(scheme).ok_or_else(|| {
            url.wrong(&format!("`{text}` has the scheme `{scheme}`"), "use one of http, https, ws and wss")
        })?,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = authority_of(authority).ok_or_else(|| {
        url.wrong(
            &format!("`{text}` has no host and port that can be read"),
            "give `scheme://host:port/path`",
        )
    })?;
    Ok(endpoint(host, port, path, tls))
}

/// The address with the defaults of its variables.
fn filled(server: &Node<'_>, url: &Node<'_>) -> Result<String, ImportError> {
    let mut text = String::new();
    let mut rest = url.text()?;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, next)) = behind.split_once('}') else { break };
        let variable = server.member("variables").and_then(|variables| variables.member(name));
        let default = variable.map(|variable| variable.text_of("default")).transpose()?.flatten();
        let Some(default) = default else {
            let what = format!("the variable `{name}` has no default");
            return Err(url.wrong(&what, "give it one under `variables`"));
        };
        text.push_str(before);
        text.push_str(default);
        rest = next;
    }
    text.push_str(rest);
    Ok(text)
}

fn of_host(root: &Node<'_>) -> Result<Vec<Endpoint>, ImportError> {
    let (host, port) = match root.member("host") {
        None => ("*", None),
        Some(node) => {
            let text = node.text()?;
            let read = authority_of(text).filter(|_| !text.contains(['/', '{']));
            read.ok_or_else(|| node.wrong(&format!("it is `{text}`"), "give a host, with a port or without"))?
        }
    };
    let path = root.text_of("basePath")?.unwrap_or_default();
    let schemes = root.texts_of("schemes")?;
    if schemes.is_empty() {
        return Ok(vec![endpoint(host, port, path, false)]);
    }
    if schemes.len() > MOST_ENDPOINTS {
        return Err(too_many(&root.place));
    }
    let of_scheme = |scheme: &&str| {
        let tls = is_tls(&scheme.to_ascii_lowercase()).ok_or_else(|| {
            let node = root.member("schemes").unwrap_or_else(|| root.clone());
            node.wrong(&format!("`{scheme}` is one of them"), "use only http, https, ws and wss")
        })?;
        Ok(endpoint(host, port, path, tls))
    };
    schemes.iter().map(of_scheme).collect()
}

fn is_tls(scheme: &str) -> Option<bool> {
    match scheme {
        "http" | "ws" => Some(false),
        "https" | "wss" => Some(true),
        _ => None,
    }
}

/// Host and port of `user@host:port`; an address of IPv6 keeps its brackets.
fn authority_of(authority: &str) -> Option<(&str, Option<u16>)> {
    let place = authority.rsplit('@').next().unwrap_or(authority);
    let bracket = place.rfind(']').unwrap_or(0);
    let (host, port) = match place[bracket..].find(':').map(|at| bracket + at) {
        Some(at) => (&place[..at], Some(&place[at + 1..])),
        None => (place, None),
    };
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(port.parse().ok().filter(|port| *port > 0)?),
    };
    (!host.is_empty() && !host.contains(char::is_whitespace)).then_some((host, port))
}

fn endpoint(host: &str, port: Option<u16>, path: &str, tls: bool) -> Endpoint {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches('.').trim_matches('/');
    Endpoint {
        host: host.to_owned(),
        base_path: if path.is_empty() { "*".to_owned() } else { format!("/{path}/*") },
        exposed_port: port.unwrap_or(if tls { 443 } else { 80 }),
        internal_port: 0,
        tls,
        http2: false,
        grpc: false,
        extra: Map::new(),
    }
}

fn too_many(place: &Place<'_>) -> ImportError {
    ImportError::TooMany { place: place.to_string(), what: "endpoints", limit: MOST_ENDPOINTS }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use serde_json::{Value, json};

    /// Host, base path, port and TLS.
    fn read(tree: Value) -> Result<Vec<(String, String, u16, bool)>, String> {
        let document = Document::of(tree).unwrap();
        let found = endpoints(&document.root()).map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|one| (one.host, one.base_path, one.exposed_port, one.tls)).collect())
    }

    fn server(url: &str) -> Result<Vec<(String, String, u16, bool)>, String> {
        read(json!({"openapi": "3.0.0", "servers": [{"url": url, "variables": {
            "env": {"default": "live", "enum": ["live", "test"]}, "port": {"default": "8443"}, "none": {}}}]}))
    }

    fn one(host: &str, path: &str, port: u16, tls: bool) -> Result<Vec<(String, String, u16, bool)>, String> {
        Ok(vec![(host.to_owned(), path.to_owned(), port, tls)])
    }

    #[test]
    fn servers() {
        for (url, expected) in [
            ("https://shop.test", one("shop.test", "*", 443, true)),
            ("http://shop.test/", one("shop.test", "*", 80, false)),
            ("HTTPS://shop.test:8443/api/v2/", one("shop.test", "/api/v2/*", 8443, true)),
            ("wss://shop.test/feed?x=1", one("shop.test", "/feed/*", 443, true)),
            ("https://user@shop.test:/api#x", one("shop.test", "/api/*", 443, true)),
            ("http://[::1]:8080/api", one("[::1]", "/api/*", 8080, false)),
            ("//shop.test/api", one("shop.test", "/api/*", 80, false)),
            ("/api/v2", one("*", "/api/v2/*", 80, false)),
            ("v2", one("*", "/v2/*", 80, false)),
            ("./v2", one("*", "/v2/*", 80, false)),
            ("/", one("*", "*", 80, false)),
            ("", one("*", "*", 80, false)),
            ("https://{env}.shop.test:{port}/api", one("live.shop.test", "/api/*", 8443, true)),
        ] {
            assert_eq!(server(url), expected, "{url}");
        }
        assert_eq!(read(json!({"openapi": "3.0.0"})), one("*", "*", 80, false));
        let twice =
            json!({"openapi": "3.1.0", "servers": [{"url": "/a"}, {"url": "https://h/b"}, {"url": "/a/"}]});
        let found = read(twice).unwrap();
        assert_eq!(found.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(), ["/a/*", "/b/*"]);
    }

    #[test]
    fn hosts() {
        let host = |more: Value| {
            let mut tree = json!({"swagger": "2.0"});
            tree.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(tree)
        };
        let found =
            host(json!({"host": "shop.test", "basePath": "/v2", "schemes": ["https", "http"]})).unwrap();
        let expected = [("shop.test", "/v2/*", 443, true), ("shop.test", "/v2/*", 80, false)];
        assert_eq!(
            found,
            expected.map(|(host, path, port, tls)| (host.to_owned(), path.to_owned(), port, tls))
        );
        assert_eq!(host(json!({"host": "shop.test:8080"})), one("shop.test", "*", 8080, false));
        assert_eq!(host(json!({"basePath": "/"})), one("*", "*", 80, false));
    }

    #[test]
    fn mistakes_have_a_place() {
        for (found, message) in [
            (
                server("ftp://shop.test"),
                "`#/servers/0/url`: `ftp://shop.test` has the scheme `ftp`: use one of http, https, ws and wss",
            ),
            (
                server("https://shop.test:0/"),
                "`#/servers/0/url`: `https://shop.test:0/` has no host and port that can be read: give `scheme://host:port/path`",
            ),
            (
                server("https:///api"),
                "`#/servers/0/url`: `https:///api` has no host and port that can be read: give `scheme://host:port/path`",
            ),
            (
                server("https://{none}.test"),
                "`#/servers/0/url`: the variable `none` has no default: give it one under `variables`",
            ),
            (
                read(json!({"openapi": "3.0.0", "servers": [{}]})),
                "`#/servers/0`: it has no `url`: give the address of the server, such as `https://shop.test/api`",
            ),
            (read(json!({"openapi": "3.0.0", "servers": {}})), "`#/servers`: it is an object: give a list"),
            (
                read(json!({"swagger": "2.0", "host": "https://shop.test"})),
                "`#/host`: it is `https://shop.test`: give a host, with a port or without",
            ),
            (
                read(json!({"swagger": "2.0", "schemes": ["https", "gopher"]})),
                "`#/schemes`: `gopher` is one of them: use only http, https, ws and wss",
            ),
            (
                read(json!({"openapi": "3.0.0", "servers": vec![json!({"url": "/"}); MOST_ENDPOINTS + 1]})),
                "`#`: there are more than 100 endpoints: split the document",
            ),
        ] {
            assert_eq!(found, Err(message.to_owned()));
        }
    }
}
