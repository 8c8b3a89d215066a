//! The examples with other ports, certificates and upstreams, each run by its real program.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use harness::daemon::free_port;
use harness::eventually;
use reqwest::{Method, StatusCode};
use tokio::process::{Child, Command};

use super::super::docker::{compose, tool};
use super::super::share;

/// The tenants' base domain in the examples.
pub(super) const BASE: &str = "bbb.example.org";
/// Who may see global figures in the examples.
pub(super) const OPERATORS: &str = "192.0.2.0/24";
/// What openssl makes keys of.
const KEY_TYPE: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Nginx,
    Haproxy,
    Caddy,
    Traefik,
}

/// A running proxy.
pub(super) struct Proxy {
    _child: Child,
    pub(super) http: SocketAddr,
    pub(super) https: SocketAddr,
    pub(super) folder: tempfile::TempDir,
}

/// A program that `tests/proxies/install` has unpacked, or of the machine.
fn program(name: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("proxies/root/usr");
    let unpacked = ["sbin", "bin"].map(|it| root.join(it).join(name)).into_iter().find(|it| it.exists());
    let mut command = Command::new(unpacked.unwrap_or_else(|| PathBuf::from(name)));
    let libraries = root.join("lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
    command.env("LD_LIBRARY_PATH", libraries).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

/// Replaces all of `from`, which has to be there.
fn replace(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in\n{text}");
    text.replace(from, to)
}

/// An example for the daemons: one, or two in the form for two machines.
fn example(path: &str, daemons: &[SocketAddr], operators: &str) -> String {
    let text = std::fs::read_to_string(share(path)).unwrap();
    let text = replace(&text, "127.0.0.1:8000", &daemons[0].to_string());
    let text = match daemons.get(1) {
        Some(second) => replace(&replace(&text, "#2 ", ""), "192.0.2.2:8000", &second.to_string()),
        None => text,
    };
    replace(&text, OPERATORS, operators)
}

impl Proxy {
    /// Starts an example. `operators` may see global figures.
    pub(super) async fn start(kind: Kind, daemons: &[SocketAddr], operators: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (http, https) = (free_port(), free_port());
        let mut command = match kind {
            Kind::Nginx => nginx(folder.path(), (http, https), daemons, operators).await,
            Kind::Haproxy => haproxy(folder.path(), (http, https), daemons, operators).await,
            Kind::Caddy => caddy(folder.path(), (http, https), daemons, operators),
            Kind::Traefik => traefik(folder.path(), (http, https), daemons, operators).await,
        };
        let log = std::fs::File::options().create(true).append(true).open(folder.path().join("log")).unwrap();
        let child = command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the proxies are there: tests/proxies/install");
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let proxy = Self { _child: child, http: local(http), https: local(https), folder };
        eventually(&format!("{kind:?} answers: {}", proxy.folder.path().display()), || async {
            let answer = proxy.ask(BASE, Method::GET, "/b3lb/ping").send().await.ok()?;
            (answer.status() == 200).then_some(())
        })
        .await;
        proxy
    }

    /// A request to a host, over TLS.
    pub(super) fn ask(&self, host: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        let client = reqwest::Client::builder()
            .resolve(host, self.https)
            .tls_danger_accept_invalid_certs(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        client.request(method, format!("https://{host}:{}{path}", self.https.port()))
    }

    pub(super) async fn get(&self, host: &str, path: &str) -> (StatusCode, String) {
        let answer = self.ask(host, Method::GET, path).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }
}

/// Makes `cert.pem` and `key.pem` for the base domain and the tenants.
async fn certificate(folder: &Path) {
    let names = format!("subjectAltName=DNS:{BASE},DNS:*.{BASE}");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=b3lb", "-addext", &names])
        .args(KEY_TYPE)
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status()
        .await
        .expect("openssl is there");
    assert!(made.success());
}

async fn nginx(folder: &Path, ports: (u16, u16), daemons: &[SocketAddr], operators: &str) -> Command {
    certificate(folder).await;
    let at = |name: &str| folder.join(name).display().to_string();
    let text = example("nginx/b3lb.conf", daemons, operators);
    let text = replace(&text, "listen 443 ", &format!("listen 127.0.0.1:{} ", ports.1));
    let text = replace(&text, "listen 80 ", &format!("listen 127.0.0.1:{} ", ports.0));
    let text = replace(&text, "/etc/ssl/b3lb/fullchain.pem", &at("cert.pem"));
    let text = replace(&text, "/etc/ssl/b3lb/privkey.pem", &at("key.pem"));
    let text = replace(&text, "/var/log/nginx/b3lb.log", &at("access.log"));
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|it| format!("{it}_temp_path {};\n", at(it)))
        .concat();
    let text = format!(
        "daemon off; pid {}; error_log stderr;\nevents {{}}\nhttp {{\n{temporary}{text}}}\n",
        at("pid")
    );
    std::fs::write(at("nginx.conf"), text).unwrap();
    let mut command = program("nginx");
    command.args(["-p", &at(""), "-e", "stderr", "-c", &at("nginx.conf")]);
    command
}

async fn haproxy(folder: &Path, ports: (u16, u16), daemons: &[SocketAddr], operators: &str) -> Command {
    certificate(folder).await;
    let at = |name: &str| folder.join(name).display().to_string();
    let text = example("haproxy/haproxy.cfg", daemons, operators);
    let text = replace(&text, "bind :443 ", &format!("bind 127.0.0.1:{} ", ports.1));
    let text = replace(&text, "bind :80\n", &format!("bind 127.0.0.1:{}\n", ports.0));
    let text = replace(&text, "/etc/haproxy/b3lb.pem", &at("both.pem"));
    let text = replace(&text, "log /dev/log local0", "log stdout format raw local0");
    let pem = ["cert.pem", "key.pem"].map(|it| std::fs::read_to_string(at(it)).unwrap()).concat();
    std::fs::write(at("both.pem"), pem).unwrap();
    std::fs::write(at("haproxy.cfg"), text).unwrap();
    let mut command = program("haproxy");
    command.args(["-f", &at("haproxy.cfg")]);
    command
}

/// With certificates of Caddy's own authority: Debian's has no module for DNS challenges.
fn caddy(folder: &Path, ports: (u16, u16), daemons: &[SocketAddr], operators: &str) -> Command {
    let text = example("caddy/Caddyfile", daemons, operators);
    let (before, rest) = text.split_once("\ttls {\n").unwrap();
    let (challenge, after) = rest.split_once("\n\t}\n").unwrap();
    assert!(challenge.contains("dns rfc2136 {"), "{challenge}");
    let options = format!(
        "\n{{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\thttp_port {}\n\thttps_port {}\n",
        ports.0, ports.1
    );
    let text = replace(&[before, after].concat(), "\n{\n", &options);
    std::fs::write(folder.join("Caddyfile"), text).unwrap();
    let mut command = program("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    command
}

/// What the compose files start, with the settings that they give it.
async fn traefik(folder: &Path, ports: (u16, u16), daemons: &[SocketAddr], operators: &str) -> Command {
    let files: &[&str] =
        if daemons.len() > 1 { &["compose.yml", "compose.replicas.yml"] } else { &["compose.yml"] };
    let service = compose(files).await["services"]["traefik"].clone();
    let at = |name: &str| folder.join(name).display().to_string();
    let mut command = Command::new(tool("traefik"));
    for argument in service["command"].as_array().unwrap() {
        let argument = argument.as_str().unwrap();
        command.arg(match argument.split_once('=').unwrap() {
            (name @ "--entryPoints.web.address", ":80") => format!("{name}=127.0.0.1:{}", ports.0),
            (name @ "--entryPoints.websecure.address", ":443") => format!("{name}=127.0.0.1:{}", ports.1),
            (name @ "--entryPoints.traefik.address", _) => format!("{name}=127.0.0.1:{}", free_port()),
            (name, path) if name.ends_with(".acme.storage") => {
                format!("{name}={}", at(&path.replace('/', "-")))
            }
            (name, path) if name == "--providers.file.filename" => {
                let file = path.strip_prefix("/etc/traefik/dynamic/").expect("the folder that is mounted");
                format!("{name}={}", share("docker/traefik").join(file).display())
            }
            _ => argument.to_owned(),
        });
    }
    for resolver in ["dns", "tls"] {
        command.arg(format!("--certificatesResolvers.{resolver}.acme.caServer=http://127.0.0.1:1/nobody"));
    }
    for (name, value) in service["environment"].as_object().unwrap() {
        command.env(name, value.as_str().unwrap());
    }
    let servers: Vec<_> = daemons.iter().map(|it| format!("http://{it}")).collect();
    let named = service["environment"]["B3LB_SERVERS"].as_str().unwrap();
    assert_eq!(named.split(',').count(), servers.len(), "{named}");
    command.env("B3LB_SERVERS", servers.join(",")).env("B3LB_MANAGEMENT", operators);
    command
}
