//! The form for two machines: joins outlive the primary, and creates go to the primary where the proxy checks who it is.

use harness::eventually;
use reqwest::Method;

use super::proxy::{BASE, Kind, OPERATORS, Proxy};
use crate::pair::{Pair, promote};

#[tokio::test]
async fn nginx_goes_on_without_the_primary() {
    goes_on(Kind::Nginx).await;
}

#[tokio::test]
async fn haproxy_goes_on_without_the_primary() {
    goes_on(Kind::Haproxy).await;
}

#[tokio::test]
async fn caddy_goes_on_without_the_primary() {
    goes_on(Kind::Caddy).await;
}

#[tokio::test]
async fn traefik_goes_on_without_the_primary() {
    goes_on(Kind::Traefik).await;
}

async fn goes_on(kind: Kind) {
    let mut pair = Pair::start_with(&[("API_BASE_DOMAIN", BASE)]).await;
    let proxy = Proxy::start(kind, &[pair.world.daemon.address(), pair.other.address()], OPERATORS).await;
    let foo = pair.world.foo.clone();
    let host = format!("foo.{BASE}");
    let ask = async |method: Method, call: &str, query: &str| {
        let path = format!("/bigbluebutton/api/{call}?{query}&checksum={}", foo.checksum(call, query));
        let answer = proxy.ask(&host, method, &path).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let create =
        async |method: Method, id: &str| ask(method, "create", &format!("meetingID={id}&name=A+room")).await;
    let creates = |log: &str| log.lines().filter(|it| it.contains("\"call\":\"create\"")).count();

    // The first checks may not be over.
    if kind != Kind::Nginx {
        eventually("creates go to the primary", || async {
            let before = creates(&pair.other.log());
            for n in 0..4 {
                create(Method::GET, &format!("first-{n}")).await;
            }
            (creates(&pair.other.log()) == before).then_some(())
        })
        .await;
    }
    for n in 0..10 {
        let method = if n % 2 == 0 { Method::GET } else { Method::POST };
        let (_, text) = create(method, &format!("room-{n}")).await;
        assert!(text.contains("SUCCESS"), "{kind:?}: {text}");
    }
    eventually("the replica has the copy", || async {
        let answer = pair.other(&foo).get("getMeetings", &[]).await;
        answer.body.contains("room-9").then_some(())
    })
    .await;
    pair.world.daemon.kill().await;
    for n in 0..10 {
        let query = format!("meetingID=room-{n}&fullName=Ada&role=VIEWER");
        let (status, text) = ask(Method::GET, "join", &query).await;
        assert_eq!(status, 302, "{kind:?}: {text}");
    }
    // As soon as the proxy's check has failed, the replica tells clients that there is no primary.
    eventually("a create is refused in XML", || async {
        let (_, text) = create(Method::GET, "new").await;
        text.contains("primaryUnavailable").then_some(())
    })
    .await;
    promote(&pair.other).await;
    let (_, text) = create(Method::POST, "new").await;
    assert!(text.contains("SUCCESS"), "{kind:?}: {text}");
}
