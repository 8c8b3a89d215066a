//! The examples of reverse proxies, in front of the real daemon: all have to do the same.

mod proxy;
mod two_machines;

use std::time::Duration;

use base64::Engine as _;
use harness::world::soon;
use harness::{World, eventually};
use proxy::{BASE, Kind, OPERATORS, Proxy};
use reqwest::Method;

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

#[tokio::test]
async fn caddy_serves_every_route() {
    every_route(Kind::Caddy).await;
}

#[tokio::test]
async fn traefik_serves_every_route() {
    every_route(Kind::Traefik).await;
}

async fn every_route(kind: Kind) {
    let world = world().await;
    let logo = rpc::AssetFile {
        kind: rpc::AssetKind::Logo,
        file_name: "logo.png".into(),
        base64: base64::engine::general_purpose::STANDARD.encode(PNG),
    };
    world.admin().await.asset_set(soon(), "FOO".into(), vec![logo]).await.unwrap().unwrap();
    let proxy = Proxy::start(kind, &[world.daemon.address()], OPERATORS).await;
    let tenant = format!("foo.{BASE}");

    // Tenant by host and by path; the checksum covers the query byte for byte.
    for (host, folder) in [
        (tenant.as_str(), "/bigbluebutton/api/"),
        (BASE, "/b3lb/t/foo/bbb/api/"),
        ("elsewhere.example.net", "/b3lb/t/foo/bbb/bigbluebutton/api/"),
    ] {
        if kind == Kind::Caddy && host == "elsewhere.example.net" {
            // It has no certificate for that.
            continue;
        }
        // traefik makes `&` of a `;`, which clients encode.
        let more = if kind == Kind::Traefik { "" } else { ";x" };
        let query = &format!("meetingID=a%2Bb+c%20d&name=caf%C3%A9{more}&&welcome=1%2f2");
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
    let logo = proxy.ask(BASE, Method::GET, "/b3lb/t/foo/logo").send().await.unwrap();
    assert_eq!(logo.status(), 200);
    if kind == Kind::Traefik {
        let headers = logo.headers();
        assert_eq!(headers["x-robots-tag"], "noindex, nofollow");
        assert!(headers.contains_key("strict-transport-security"), "{headers:?}");
    }
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
    assert!(answer.status() == 308 || kind == Kind::Traefik && answer.status() == 301, "{}", answer.status());
    let location = answer.headers()["location"].to_str().unwrap();
    let location = location.replace(&format!(":{}/", proxy.https.port()), "/");
    assert_eq!(location, format!("https://{BASE}/bigbluebutton/api/?a=1"));

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
        let logged = if kind == Kind::Traefik { "\"RouterName\":" } else { "/bigbluebutton/api/create" };
        log.contains(logged).then_some(())
    })
    .await;
    drop(proxy);

    // Those who are named see them.
    let proxy = Proxy::start(kind, &[world.daemon.address()], "127.0.0.1/32").await;
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
        // To these two an early close looks like a failure.
        let early = matches!(kind, Kind::Caddy | Kind::Traefik) && answer.status() == 502;
        assert!(answer.status() == 413 || early, "{kind:?}: {}", answer.status());
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
    // For other hosts Caddy has no certificate.
    let elsewhere = if kind == Kind::Caddy { BASE } else { "elsewhere.example.net" };
    for host in [BASE, &dotted, elsewhere] {
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
            let status = answer.status();
            // To a host that it does not know, Caddy answers nothing.
            let nothing = kind == Kind::Caddy && answer.content_length() == Some(0);
            let refused = matches!(status.as_u16(), 403 | 404);
            assert!(refused || nothing, "{kind:?} {host}{path}: {status}");
        }
    }
}
