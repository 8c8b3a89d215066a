//! The examples for nginx and haproxy, in front of the real daemon: both have to do the same.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use harness::daemon::free_port;
use harness::world::soon;
use harness::{World, eventually};
use reqwest::{Method, StatusCode};
use tokio::process::{Child, Command};

use super::share;

/// The tenants' base domain in the examples.
const BASE: &str = "bbb.example.org";
/// What openssl makes keys of.
const KEY_TYPE: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Nginx,
    Haproxy,
}

/// A running proxy.
struct Proxy {
    _child: Child,
    http: SocketAddr,
    https: SocketAddr,
    folder: tempfile::TempDir,
}

/// A program that `tests/proxies/install` has unpacked, or of the machine.
fn program(name: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("proxies/root");
    let unpacked = root.join("usr/sbin").join(name);
    let mut command = Command::new(if unpacked.exists() { unpacked } else { PathBuf::from(name) });
    let libraries = root.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
    command.env("LD_LIBRARY_PATH", libraries).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

/// Replaces all of `from`, which has to be there.
fn replace(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in\n{text}");
    text.replace(from, to)
}

impl Proxy {
    /// Starts the example with other ports and certificates. `operator` is the address that may see global figures.
    async fn start(kind: Kind, daemon: SocketAddr, operator: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let names = format!("subjectAltName=DNS:{BASE},DNS:*.{BASE}");
        let made = Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=b3lb", "-addext", &names])
            .args(KEY_TYPE)
            .args(["-keyout", &at("key.pem"), "-out", &at("cert.pem")])
            .stderr(Stdio::null())
            .status()
            .await
            .expect("openssl is there");
        assert!(made.success());
        let (http, https) = (free_port(), free_port());
        let mut command = match kind {
            Kind::Nginx => {
                let text = std::fs::read_to_string(share("nginx/b3lb.conf")).unwrap();
                let text = replace(&text, "127.0.0.1:8000", &daemon.to_string());
                let text = replace(&text, "listen 443 ", &format!("listen 127.0.0.1:{https} "));
                let text = replace(&text, "listen 80 ", &format!("listen 127.0.0.1:{http} "));
                let text = replace(&text, "/etc/ssl/b3lb/fullchain.pem", &at("cert.pem"));
                let text = replace(&text, "/etc/ssl/b3lb/privkey.pem", &at("key.pem"));
                let text = replace(&text, "192.0.2.0/24", operator);
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
            Kind::Haproxy => {
                let text = std::fs::read_to_string(share("haproxy/haproxy.cfg")).unwrap();
                let text = replace(&text, "127.0.0.1:8000", &daemon.to_string());
                let text = replace(&text, "bind :443 ", &format!("bind 127.0.0.1:{https} "));
                let text = replace(&text, "bind :80\n", &format!("bind 127.0.0.1:{http}\n"));
                let text = replace(&text, "/etc/haproxy/b3lb.pem", &at("both.pem"));
                let text = replace(&text, "192.0.2.0/24", operator);
                let text = replace(&text, "log /dev/log local0", "log stdout format raw local0");
                let pem = ["cert.pem", "key.pem"].map(|it| std::fs::read_to_string(at(it)).unwrap()).concat();
                std::fs::write(at("both.pem"), pem).unwrap();
                std::fs::write(at("haproxy.cfg"), text).unwrap();
                let mut command = program("haproxy");
                command.args(["-f", &at("haproxy.cfg")]);
                command
            }
        };
        let log = std::fs::File::options().create(true).append(true).open(at("log")).unwrap();
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
    fn ask(&self, host: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        let client = reqwest::Client::builder()
            .resolve(host, self.https)
            .tls_danger_accept_invalid_certs(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        client.request(method, format!("https://{host}:{}{path}", self.https.port()))
    }

    async fn get(&self, host: &str, path: &str) -> (StatusCode, String) {
        let answer = self.ask(host, Method::GET, path).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }
}

/// A daemon for the domain of the examples.
async fn world() -> World {
    // A body of 30 MB takes its time on a busy machine.
    let patient = [("NODE_REQUEST_TIMEOUT", "60"), ("NODE_CREATE_TIMEOUT", "60")];
    World::start_with(1, &[("API_BASE_DOMAIN", BASE), patient[0], patient[1]]).await
}

#[tokio::test]
async fn nginx_serves_every_route() {
    every_route(Kind::Nginx).await;
}

#[tokio::test]
async fn haproxy_serves_every_route() {
    every_route(Kind::Haproxy).await;
}

async fn every_route(kind: Kind) {
    let world = world().await;
    let logo = rpc::AssetFile {
        kind: rpc::AssetKind::Logo,
        file_name: "logo.png".into(),
        base64: base64::engine::general_purpose::STANDARD.encode(PNG),
    };
    world.admin().await.asset_set(soon(), "FOO".into(), vec![logo]).await.unwrap().unwrap();
    let proxy = Proxy::start(kind, world.daemon.address(), "192.0.2.0/24").await;
    let tenant = format!("foo.{BASE}");

    // Tenant by host and by path; the checksum covers the query byte for byte.
    for (host, folder) in [
        (tenant.as_str(), "/bigbluebutton/api/"),
        (BASE, "/b3lb/t/foo/bbb/api/"),
        ("elsewhere.example.net", "/b3lb/t/foo/bbb/bigbluebutton/api/"),
    ] {
        let query = "meetingID=a%2Bb+c%20d&name=caf%C3%A9";
        let signed = |call: &str| {
            let checksum = world.foo.checksum(call, query);
            format!("{folder}{call}?{query}&checksum={checksum}")
        };
        let (status, text) = proxy.get(host, folder).await;
        assert!(status == 200 && text.contains("<version>2.0</version>"), "{kind:?} {host}: {text}");
        let (_, text) = proxy.get(host, &signed("create")).await;
        assert!(text.contains("SUCCESS"), "{kind:?} {host}: {text}");
        let (_, text) = proxy.get(host, &signed("isMeetingRunning")).await;
        assert!(text.contains("SUCCESS"), "{kind:?} {host}: {text}");
        let (_, text) = proxy.get(host, &signed("nonsense")).await;
        assert!(text.contains("unsupportedRequest"), "{kind:?} {host}: {text}");
    }
    let (status, _) = proxy.get(BASE, "/b3lb/t/foo/logo").await;
    assert_eq!(status, 200);
    for path in ["/b3lb/t/foo/stats", "/b3lb/t/foo/metrics"] {
        assert_eq!(proxy.get(BASE, path).await.0, 401, "{path}");
    }
    assert_eq!(proxy.get(&tenant, "/b3lb/stats").await.0, 401);
    let (status, _) = proxy.get(BASE, "/b3lb/b/meeting/end?nonce=1").await;
    assert_eq!(status, 204);
    let analytics =
        proxy.ask(BASE, Method::POST, "/b3lb/b/meeting/analytics").body("{}").send().await.unwrap();
    assert_eq!(analytics.status(), 204);

    // Plain HTTP is for redirects.
    let plain = format!("http://{}/bigbluebutton/api/?a=1", proxy.http);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(plain).header("Host", BASE).send().await.unwrap();
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"], format!("https://{BASE}/bigbluebutton/api/?a=1"));

    // A client's own forwarding headers have no effect.
    let query = "meetingID=spoof";
    let path = format!(
        "/bigbluebutton/api/isMeetingRunning?{query}&checksum={}",
        world.foo.checksum("isMeetingRunning", query)
    );
    let answer =
        proxy.ask(BASE, Method::GET, &path).header("X-Forwarded-Host", &tenant).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("checksumError"), "{kind:?} believes a client");

    // Large and slow requests.
    let query = format!("meetingID=long&name=long&welcome={}", "x".repeat(60_000));
    let path = format!("/bigbluebutton/api/create?{query}&checksum={}", world.foo.checksum("create", &query));
    let (_, text) = proxy.get(&tenant, &path).await;
    assert!(text.contains("SUCCESS"), "{kind:?}: {text}");
    large_and_slow_bodies(&proxy, &world, &tenant, kind).await;
    global_figures_are_refused(&proxy, &tenant, kind).await;
    eventually("the requests are logged, without queries", || async {
        let name = if matches!(kind, Kind::Nginx) { "access.log" } else { "log" };
        let log = std::fs::read_to_string(proxy.folder.path().join(name)).unwrap();
        assert!(!log.contains("checksum="), "{kind:?}: {log}");
        log.contains("/bigbluebutton/api/create").then_some(())
    })
    .await;
    drop(proxy);

    // Those who are named see them.
    let proxy = Proxy::start(kind, world.daemon.address(), "127.0.0.1/32").await;
    for path in ["/b3lb/stats", "/b3lb/metrics"] {
        assert_eq!(proxy.get(BASE, path).await.0, 200, "{kind:?} {path}");
    }
}

/// The smallest picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

async fn large_and_slow_bodies(proxy: &Proxy, world: &World, tenant: &str, kind: Kind) {
    let query = "meetingID=slides&name=slides";
    let path = format!("/bigbluebutton/api/create?{query}&checksum={}", world.foo.checksum("create", query));
    let slides = |size| {
        let document = "A".repeat(size);
        format!(
            "<modules><module name=\"presentation\"><document name=\"a.pdf\">{document}</document></module></modules>"
        )
    };
    let post = |body: reqwest::Body| {
        proxy.ask(tenant, Method::POST, &path).header("Content-Type", "application/xml").body(body).send()
    };
    let text = post(slides(30_000_000).into()).await.unwrap().text().await.unwrap();
    assert!(text.contains("SUCCESS"), "{kind:?}: {text}");
    // Who sends more than the limit may not get to read the answer, because the connection is closed early.
    if let Ok(answer) = post(slides(34_000_000).into()).await {
        assert_eq!(answer.status(), 413, "{kind:?}: more than the limit");
    }

    // A client that takes its time gets its answer, and keeps nobody waiting.
    let body = slides(2_000);
    let pieces: Vec<_> = body.as_bytes().chunks(500).map(bytes::Bytes::copy_from_slice).collect();
    let slow = futures::stream::unfold(pieces.into_iter(), |mut pieces| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        pieces.next().map(|piece| (Ok::<_, std::io::Error>(piece), pieces))
    });
    let (text, others) = tokio::join!(
        async { post(reqwest::Body::wrap_stream(slow)).await.unwrap().text().await.unwrap() },
        async { proxy.get(BASE, "/b3lb/ping").await.0 }
    );
    assert!(text.contains("SUCCESS"), "{kind:?}: {text}");
    assert_eq!(others, 200);
}

/// Figures of all tenants, under every name that reaches the daemon.
async fn global_figures_are_refused(proxy: &Proxy, tenant: &str, kind: Kind) {
    let dotted = format!("{BASE}.");
    for host in [BASE, &dotted, "elsewhere.example.net"] {
        for path in [
            "/b3lb/stats",
            "/b3lb/metrics",
            "/b3lb//metrics",
            "//b3lb/stats",
            "/b3lb/metrics/",
            "/b3lb/%6detrics",
        ] {
            let answer =
                proxy.ask(host, Method::GET, path).header("X-Forwarded-Host", tenant).send().await.unwrap();
            assert!(
                matches!(answer.status().as_u16(), 403 | 404),
                "{kind:?} {host}{path}: {}",
                answer.status()
            );
        }
    }
}
