//! Which tenant a host name or a path means.

use harness::{Client, Form, World};

/// `messageKey` of a signed `getMeetings` with these headers.
async fn key(client: &Client, headers: &[(&str, &str)]) -> String {
    let request = client.request("GET", &client.by(Form::Host).signed_url("getMeetings", &[]));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    client.by(Form::Path).send(request).await.key()
}

#[tokio::test]
async fn the_whole_label_of_the_host_must_match() {
    let world = World::start(0).await;
    let sub = world.add_secret("FOO", 12).await;
    let cases = [
        (&world.foo, &["foo.b3lb.test", "FOO.B3LB.TEST", "Foo.b3lb.test:8443", "foo-000.b3lb.test"][..]),
        (&sub, &["foo-012.b3lb.test", "FOO-012.B3lb.Test:80"]),
    ];
    for (client, hosts) in cases {
        for host in hosts {
            assert_eq!(key(client, &[("host", host)]).await, "noMeetings", "{} as {host}", client.label);
        }
    }
    let nobody = [
        "b3lb.test",
        "evil-foo.b3lb.test",
        "foo.b3lb.test.example.net",
        "evil-foo.b3lb.test.example.net",
        "x.foo.b3lb.test",
        "foob3lb.test",
        "foo-12.b3lb.test",
        "foo-0012.b3lb.test",
        "foo-013.b3lb.test",
        "bar.b3lb.test",
        "foo.b3lb.test..",
        "127.0.0.1",
        "[::1]:80",
        "",
    ];
    for client in [&world.foo, &sub] {
        for host in nobody {
            assert_eq!(key(client, &[("host", host)]).await, "checksumError", "{} as {host:?}", client.label);
        }
    }
    assert_eq!(key(&world.foo, &[("host", "foo-012.b3lb.test")]).await, "checksumError", "another's key");
}

#[tokio::test]
async fn the_path_works_on_any_host_and_wins() {
    let world = World::start(0).await;
    let bar = world.add_tenant("BAR").await;
    let ask = |client: Client, host: &'static str| async move {
        let url = client.signed_url("getMeetings", &[]);
        client.send(client.request("GET", &url).header("host", host)).await.key()
    };
    for host in ["b3lb.test", "bar.b3lb.test", "foo.b3lb.test", "elsewhere.example"] {
        for label in ["foo", "FOO", "foo-000"] {
            assert_eq!(ask(world.foo.under(label), host).await, "noMeetings", "{label} at {host}");
        }
        for label in ["bar", "foo-012", "foo-00", "evil.foo", "foo%2f", "%66oo-1"] {
            assert_eq!(ask(world.foo.under(label), host).await, "checksumError", "{label} at {host}");
        }
        assert_eq!(ask(bar.clone(), host).await, "noMeetings", "bar at {host}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_host() {
    let world = World::start(0).await;
    let (foo, proxy) = ("foo.b3lb.test", "lb.example");
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("host", proxy), ("x-forwarded-host", foo)], "noMeetings"),
        (&[("host", proxy), ("x-forwarded-host", "FOO.b3lb.test:443, bar.b3lb.test")], "noMeetings"),
        (&[("host", proxy), ("x-forwarded-host", " foo.b3lb.test ,x")], "noMeetings"),
        (&[("host", foo), ("x-forwarded-host", "bar.b3lb.test, foo.b3lb.test")], "checksumError"),
        (&[("host", foo), ("x-forwarded-host", "")], "noMeetings"),
        (&[("host", foo), ("x-forwarded-host", ", bar.b3lb.test")], "noMeetings"),
        (&[("host", proxy), ("x-forwarded-host", "x, foo.b3lb.test")], "checksumError"),
    ];
    for (headers, expected) in cases {
        assert_eq!(key(&world.foo, headers).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_peer_that_is_no_proxy_is_not_believed() {
    let world = World::start_with(0, &[("TRUSTED_PROXIES", "192.0.2.0/24")]).await;
    let (foo, proxy) = ("foo.b3lb.test", "lb.example");
    assert_eq!(key(&world.foo, &[("host", proxy), ("x-forwarded-host", foo)]).await, "checksumError");
    assert_eq!(key(&world.foo, &[("host", foo), ("x-forwarded-host", proxy)]).await, "noMeetings");
}
