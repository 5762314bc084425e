//! nginx as a plain proxy, and with ModSecurity on the same rules: configured as the images of `make bench` are, with one worker.

use crate::Error;
use crate::process::Process;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const NGINX: &str = "/usr/sbin/nginx";
const PLAIN: &str = include_str!("../../../../images/modsecurity/files/etc/nginx/plain.conf");
const PEER: &str = include_str!("../../../../images/modsecurity/files/etc/nginx/nginx.conf");
const RULES: &str = include_str!("../../../../images/modsecurity/files/etc/nginx/peer.conf");
const MODULE: &str = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so";

/// Those that are installed: name, process, whether it blocks attacks.
pub(crate) fn start(rules: &Path, app: u16) -> Result<Vec<(String, Process, bool)>, Error> {
    if !Path::new(NGINX).exists() {
        return Ok(Vec::new());
    }
    let mut peers = vec![("nginx".to_owned(), nginx(PLAIN, "8082", app, None)?, false)];
    if Path::new(MODULE).exists() {
        let setup = ["crs-setup.conf", "crs-setup.conf.example"].map(|name| rules.join(name));
        let setup = setup.iter().find(|path| path.exists()).ok_or("the rule set has no setup")?;
        let text = RULES
            .replace("/etc/modsecurity/crs/crs-setup.conf", &setup.to_string_lossy())
            .replace("/usr/share/modsecurity-crs/rules", &rules.join("rules").to_string_lossy());
        peers.push(("nginx + ModSecurity".to_owned(), nginx(PEER, "8081", app, Some(&text))?, true));
    }
    Ok(peers)
}

fn nginx(text: &str, listens: &str, app: u16, rules: Option<&str>) -> Result<Process, Error> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let folder = std::env::temp_dir().join(format!("proofhouse-throughput-{port}"));
    std::fs::create_dir_all(&folder)?;
    let mut text = text
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{app}"))
        .replace(&format!("listen {listens}"), &format!("listen 127.0.0.1:{port}"))
        .replace("/dev/shm", &folder.to_string_lossy())
        .replace("load_module modules/ngx_http_modsecurity_module.so", &format!("load_module {MODULE}"));
    if let Some(rules) = rules {
        let file = folder.join("peer.conf");
        std::fs::write(&file, rules)?;
        text = text.replace("/etc/nginx/peer.conf", &file.to_string_lossy());
    }
    let file = folder.join("nginx.conf");
    std::fs::write(&file, text)?;
    let mut command = Command::new(NGINX);
    command.arg("-c").arg(&file).args(["-g", "daemon off; master_process off;"]);
    let process = Process::foreign(&mut command, port)?;
    for _ in 0..100 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(process);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err("nginx does not listen".into())
}
