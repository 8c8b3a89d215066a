//! The examples of `share/nginx` and `share/haproxy` in front of a daemon, as Debian packages both.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use harness::daemon::free_port;
use harness::{Client, Form, World, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A proxy in front of the daemon.
struct Proxy {
    name: &'static str,
    address: SocketAddr,
    _child: Child,
}

fn example(path: &str) -> String {
    let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("../share");
    std::fs::read_to_string(share.join(path)).unwrap()
}

/// Replaces what must be there.
fn replaced(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example has {from}");
        text.replace(from, to)
    })
}

/// A program as unpacked by `tests/proxies/install`.
fn program(name: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("proxies/root");
    let mut command = Command::new(root.join("usr/sbin").join(name));
    let libraries = root.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
    command.env("LD_LIBRARY_PATH", libraries);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    command
}

/// Both proxies without TLS, on ports of their own.
async fn start(world: &World) -> [Proxy; 2] {
    let daemon = world.daemon.address().to_string();
    let folder = world.folder().join("proxies");
    std::fs::create_dir(&folder).unwrap();
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let addresses = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));

    let server = replaced(
        &example("nginx/b3lb.conf"),
        &[
            ("server 127.0.0.1:8000;", &format!("server {daemon};")),
            ("bbb\\.example\\.org", "b3lb\\.test"),
            ("bbb.example.org", "b3lb.test"),
            ("    listen 80;\n    listen [::]:80;\n", &format!("    listen 127.0.0.1:{};\n", free_port())),
            (
                "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n",
                &format!("    listen {};\n", addresses[0]),
            ),
        ],
    );
    let server: String =
        server.lines().filter(|line| !line.trim().starts_with("ssl_")).flat_map(|it| [it, "\n"]).collect();
    let server = write("b3lb.conf", &server);
    let place = folder.display();
    let nginx = format!(
        "daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log stderr warn;\nevents {{}}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {place}/body;\nproxy_temp_path {place}/proxy;\nfastcgi_temp_path {place}/fastcgi;\n\
         uwsgi_temp_path {place}/uwsgi;\nscgi_temp_path {place}/scgi;\ninclude {};\n}}\n",
        server.display()
    );
    let nginx = write("nginx.conf", &nginx);
    let nginx = program("nginx").arg("-c").arg(nginx).arg("-p").arg(&folder).spawn().unwrap();

    let haproxy = replaced(
        &example("haproxy/haproxy.cfg"),
        &[
            ("127.0.0.1:8000", &daemon),
            ("    maxconn 10000\n", "    maxconn 100\n"),
            ("    bind :80\n", ""),
            (
                "    bind :443 ssl crt /etc/haproxy/bbb.example.org.pem alpn h2,http/1.1\n",
                &format!("    bind {}\n", addresses[1]),
            ),
            ("    http-request redirect scheme https code 301 unless { ssl_fc }\n", ""),
            ("bbb.example.org", "b3lb.test"),
        ],
    );
    let haproxy = program("haproxy").arg("-f").arg(write("haproxy.cfg", &haproxy)).spawn().unwrap();

    let [first, second] = addresses;
    let proxies = [
        Proxy { name: "nginx", address: first, _child: nginx },
        Proxy { name: "haproxy", address: second, _child: haproxy },
    ];
    for proxy in &proxies {
        let client = through(&world.foo, proxy);
        let ping = format!("http://{}/b3lb/ping", proxy.address);
        eventually(&format!("{} answers", proxy.name), || async {
            let answer = client.try_send(client.request("GET", &ping)).await.ok()?;
            (answer.body == "OK!").then_some(())
        })
        .await;
    }
    proxies
}

fn through(client: &Client, proxy: &Proxy) -> Client {
    client.at(proxy.address)
}

/// Status of a request for a global URL from this address.
async fn status_from(proxy: &Proxy, from: IpAddr, host: &str, path: &str) -> u16 {
    let http = reqwest::Client::builder().local_address(from).build().unwrap();
    let request = http.get(format!("http://{}{path}", proxy.address)).header("host", host);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn nginx_and_haproxy_pass_everything_on() {
    // The simulated node may take its time for large slides.
    let world = World::start_with(1, &[("NODE_REQUEST_TIMEOUT", "60"), ("NODE_CREATE_TIMEOUT", "60")]).await;
    let bar = world.add_tenant("BAR").await;
    for proxy in start(&world).await {
        let name = proxy.name;
        for form in [Form::Host, Form::Path] {
            let foo = through(&world.foo, &proxy).by(form);
            let id = format!("{name} {form:?}");
            assert!(foo.create(&id).await.ok());
            let joined = foo
                .get("join", &[("meetingID", &id), ("fullName", "Ada + Bob/ü%"), ("role", "VIEWER")])
                .await;
            assert_eq!(joined.status, 302, "{id}: {joined:?}");
            assert!(joined.location().contains("fullName=Ada+%2B+Bob%2F%C3%BC%25"), "{joined:?}");
            for call in ["isMeetingRunning", "getMeetingInfo", "end"] {
                assert!(foo.get(call, &[("meetingID", &id), ("password", "x")]).await.ok(), "{id} {call}");
            }
            assert!(foo.post_form("getMeetings", &[]).await.ok(), "{id}");
            assert!(foo.get("", &[]).await.body.contains("apiVersion"), "{id}: the index");
            // Slides inside the create, more than the default of any proxy.
            let slide = format!(
                "<modules><module name=\"presentation\"><document name=\"a.pdf\">{}</document></module></modules>",
                "QUJD".repeat(30 * 1024 * 1024 / 4)
            );
            let id = format!("large {id}");
            let large = foo.post_xml("create", &[("meetingID", &id), ("name", "A room")], &slide).await;
            assert!(large.ok(), "{id}: {large:?}");
        }
        // A client's own header names nobody: the proxy says which host was meant.
        let foo = through(&world.foo, &proxy).by(Form::Host);
        let url = foo.signed_url("getMeetings", &[]);
        let answer =
            foo.send(foo.request("GET", &url).header("x-forwarded-host", bar.by(Form::Host).host())).await;
        assert!(answer.ok(), "{name}: {answer:?}");

        for path in ["/b3lb/stats", "/b3lb/metrics", "//b3lb//metrics/"] {
            let own = status_from(&proxy, Ipv4Addr::LOCALHOST.into(), "b3lb.test", path).await;
            let stranger = status_from(&proxy, [127, 0, 0, 2].into(), "b3lb.test", path).await;
            let tenant = status_from(&proxy, [127, 0, 0, 2].into(), "foo.b3lb.test", path).await;
            assert_eq!((own, stranger), (200, 403), "{name} {path}");
            assert_eq!(tenant, 401, "{name} {path}: a tenant's own need its token");
        }
        slow_client(&proxy, &foo).await;
    }
}

/// A client that takes its time for a request is served.
async fn slow_client(proxy: &Proxy, foo: &Client) {
    let url = foo.signed_url("getMeetings", &[]);
    let target = format!("{}?{}", foo.path("getMeetings"), url.split_once('?').unwrap().1);
    let request = format!("GET {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", foo.host());
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    for piece in request.as_bytes().chunks(request.len() / 5) {
        stream.write_all(piece).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("SUCCESS"), "{}: {answer}", proxy.name);
}
