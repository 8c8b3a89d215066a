//! `join`: a redirect from memory, or the node's XML.

use form_urlencoded::parse;
use harness::{Answer, Client, Form, World};

use super::XML;

const FORMS: [Form; 2] = [Form::Host, Form::Path];

type Params<'a> = &'a [(&'a str, &'a str)];

/// Follows a redirect to a node, whose name only B3LB can resolve.
async fn follow(client: &Client, location: &str) -> Answer {
    let (scheme, rest) = location.split_once("://").expect("a URL");
    let (host, path) = rest.split_once('/').expect("a path");
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    client.send(client.request("GET", &format!("{scheme}://127.0.0.1:{port}/{path}"))).await
}

#[tokio::test]
async fn people_are_sent_to_the_node_of_their_meeting() {
    let world = World::start(3).await;
    world.foo.create("room").await;
    let n = world.hosts_of("room")[0];
    let node = &world.nodes[n - 1];
    let mut people = 0;
    for form in FORMS {
        for redirect in [None, Some("true"), Some(""), Some("no")] {
            let foo = world.foo.by(form);
            let mut params = vec![("meetingID", "room"), ("fullName", "Ada & Bob"), ("role", "VIEWER")];
            params.extend(redirect.map(|it| ("redirect", it)));
            let joined = foo.get("join", &params).await;
            let case = format!("{form:?} {redirect:?}: {joined:?}");
            assert_eq!((joined.status, joined.body.as_str()), (302, ""), "{case}");
            let base = format!("http://n{n}.localhost:{}/bigbluebutton/api/join?", node.port());
            assert!(joined.location().starts_with(&base), "{case}");
            assert_eq!(joined.header("set-cookie"), None, "{case}");
            assert_eq!(node.count("join"), people, "{case}: the node is not asked");

            let entered = follow(&foo, &joined.location()).await;
            assert_eq!(entered.status, 302, "{case}: the node believes the signature: {entered:?}");
            people += 1;
            assert_eq!(node.meeting("room").map(|it| it.attendees.len()), Some(people), "{case}");
        }
    }
    assert!(node.meeting("room").is_some_and(|it| it.attendees.iter().all(|one| one.name == "Ada & Bob")));
}

#[tokio::test]
async fn without_redirect_the_nodes_xml_comes_back() {
    let world = World::start(2).await;
    world.foo.create("room").await;
    let node = world.host_of("room");
    let direct = World::without_b3lb(node);
    for form in FORMS {
        let foo = world.foo.by(form);
        for redirect in ["false", "FALSE"] {
            let with = |name, role| {
                [
                    ("meetingID", "room"),
                    ("fullName", name),
                    ("role", role),
                    ("redirect", redirect),
                    ("errorRedirectUrl", "http://lms.example/"),
                ]
            };
            let joined = foo.get("join", &with("Ada", "MODERATOR")).await;
            assert!(joined.ok() && joined.key() == "successfullyJoined", "{form:?}: {joined:?}");
            assert_eq!(joined.header("content-type"), Some("text/xml;charset=utf-8"), "as the node says it");
            let cookie = joined.header("set-cookie").unwrap_or_default();
            assert!(
                cookie.starts_with("JSESSIONID="),
                "finding 26: the session's cookie comes along: {joined:?}"
            );
            assert!(joined.text("url").is_some_and(|it| it.contains(&node.port().to_string())), "{joined:?}");
            for (name, role, key) in
                [("", "VIEWER", "missingParamFullName"), ("Ada", "king", "invalidPassword")]
            {
                let refused = foo.get("join", &with(name, role)).await;
                assert_eq!(refused.key(), key, "{form:?}");
                assert_eq!(refused.essence(), direct.get("join", &with(name, role)).await.essence());
            }
        }
    }
}

#[tokio::test]
async fn a_join_into_nowhere_is_refused_as_bbb_does_it() {
    let world = World::start(1).await;
    let target = "https://lms.example/room?id=7&name=%C3%A4";
    // Extra parameters, and where the refusal goes.
    let cases: [(Params<'_>, Option<&str>); 9] = [
        (&[], None),
        (&[("redirect", "false")], None),
        (&[("redirect", "false"), ("errorRedirectUrl", target)], None),
        (&[("errorRedirectUrl", "")], None),
        (&[("errorRedirectUrl", "javascript:alert(1)")], None),
        (&[("errorRedirectUrl", "/relative")], None),
        (&[("errorRedirectUrl", target)], Some("https://lms.example/room?id=7&name=%C3%A4&errors=")),
        (
            &[("errorRedirectUrl", target), ("redirect", "true")],
            Some("https://lms.example/room?id=7&name=%C3%A4&errors="),
        ),
        (&[("errorRedirectUrl", "http://lms.example/room")], Some("http://lms.example/room?errors=")),
    ];
    let message = "The meeting ID that you supplied did not match any existing meetings";
    for form in FORMS {
        for (extra, redirected) in cases {
            let params =
                [&[("meetingID", "nowhere"), ("fullName", "Ada"), ("role", "VIEWER")], extra].concat();
            let refused = world.foo.by(form).get("join", &params).await;
            let case = format!("{form:?} {extra:?}: {refused:?}");
            if let Some(begin) = redirected {
                assert_eq!((refused.status, refused.body.as_str()), (302, ""), "{case}");
                let location = refused.location();
                let errors = location.strip_prefix(begin).expect("the client's own URL");
                let (_, errors) =
                    parse(format!("errors={errors}").as_bytes()).into_owned().next().expect("errors");
                let expected = format!(r#"[{{"message":"{message}","key":"invalidMeetingIdentifier"}}]"#);
                assert_eq!(errors, expected, "{case}");
            } else {
                assert_eq!((refused.status, refused.returncode().as_str()), (200, "FAILED"), "{case}");
                assert_eq!(
                    (refused.key().as_str(), refused.header("content-type")),
                    ("invalidMeetingIdentifier", Some(XML)),
                    "{case}"
                );
                assert_eq!(refused.text("message").as_deref(), Some(message), "{case}");
            }
        }
    }
    assert_eq!(world.nodes[0].count("join"), 0, "no node is asked");
    let nameless = world.foo.get("join", &[("errorRedirectUrl", target)]).await;
    assert!(nameless.status == 302 && nameless.location().contains("missingParamMeetingID"), "{nameless:?}");
}

#[tokio::test]
async fn a_silent_node_hinders_no_redirect() {
    let world = World::start_with(1, &[("NODE_REQUEST_TIMEOUT", "0.5")]).await;
    world.foo.create("room").await;
    let params = [("meetingID", "room"), ("fullName", "Ada"), ("role", "VIEWER")];
    world.nodes[0].refuse().await;
    for state in [rpc::NodeState::Suspect, rpc::NodeState::Down] {
        world.node_state(1, state).await;
        assert_eq!(world.foo.get("join", &params).await.status, 302, "{state:?}");
    }
    let asked = world.foo.get("join", &[&params[..], &[("redirect", "false")]].concat()).await;
    assert_eq!((asked.status, asked.key().as_str()), (200, "internalError"));
}
