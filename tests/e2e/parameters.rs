//! Parameters on their way to the nodes: untouched, but for what B3LB says it changes.

use b3lbd::bbb::{is_element_name, user_data_name};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use form_urlencoded::parse;
use harness::client::encode;
use harness::{Answer, Client, Form, World, world::soon};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use rpc::{AssetFile, AssetKind, ParamMode, ParamOn, ParamSpec};
use simnode::{Request, SimNode};
use tokio::runtime::Handle;

type Pairs = Vec<(String, String)>;

/// What `create` adds or replaces.
const ADDED: [&str; 5] =
    ["record", "autoStartRecording", "allowStartStopRecording", "meetingEndedURL", "meta_b3lb-marker"];

/// Parameters that mean something to B3LB or to the node.
const MEANT: [&str; 16] = [
    "checksum",
    "meetingID",
    "name",
    "fullName",
    "role",
    "redirect",
    "createTime",
    "password",
    "attendeePW",
    "moderatorPW",
    "voiceBridge",
    "dialNumber",
    "isBreakout",
    "parentMeetingID",
    "maxParticipants",
    "userID",
];

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn owned(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn decoded(query: &str) -> Pairs {
    parse(query.as_bytes()).into_owned().filter(|(name, _)| name != "checksum").collect()
}

/// The newest request of a call that has reached the node.
fn newest(node: &SimNode, call: &str) -> Request {
    node.requests().into_iter().rfind(|it| it.call == call).expect("the node was asked")
}

fn characters() -> impl Strategy<Value = char> {
    let plain = prop::sample::select("abcXYZ019".chars().collect::<Vec<_>>());
    let special = prop::sample::select(
        "+*~%&=#?;:/\\ '\"<>()[]{}|^`$@!,-._äöüßéñ€漢字😀👩‍🏫".chars().collect::<Vec<_>>(),
    );
    prop_oneof![2 => plain, 4 => special, 1 => any::<char>().prop_filter("no control", |it| !it.is_control())]
}

fn value() -> impl Strategy<Value = String> {
    let breaks = prop::sample::select(vec!['\n', '\r', '\t']);
    let mixed = prop_oneof![9 => characters(), 1 => breaks];
    prop::collection::vec(mixed, 0..40).prop_map(String::from_iter)
}

fn name() -> impl Strategy<Value = String> {
    let tail = prop::collection::vec(characters(), 0..8).prop_map(String::from_iter);
    let head = prop::sample::select(vec!["", "welcome", "meta_", "meta_Key-", "userdata-", "x"]);
    (head, tail).prop_map(|(head, tail): (&str, String)| format!("{head}{tail}"))
}

/// Parameters with names of their own.
fn pairs() -> impl Strategy<Value = Pairs> {
    prop::collection::vec((name(), value()), 0..10).prop_map(|mut pairs| {
        let mut seen: HashSet<String> = MEANT.iter().chain(&ADDED).map(|it| (*it).to_owned()).collect();
        pairs.retain(|(name, _)| seen.insert(name.clone()));
        pairs
    })
}

/// Ways in which clients write the same text.
#[derive(Clone, Copy, Debug)]
enum Spelling {
    /// Space as `+`, little escaped.
    Form,
    /// Space as `%20`, all but letters and digits escaped, hex in lower case.
    Percent,
    /// Everything escaped.
    Everything,
}

impl Spelling {
    fn query(self, pairs: &[(String, String)]) -> String {
        let text = |text: &str| match self {
            Self::Form => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            Self::Percent | Self::Everything => text.bytes().map(|it| self.byte(it)).collect::<String>(),
        };
        pairs
            .iter()
            .map(|(name, value)| format!("{}={}", text(name), text(value)))
            .collect::<Vec<_>>()
            .join("&")
    }

    fn byte(self, byte: u8) -> String {
        match self {
            Self::Percent if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            Self::Percent => format!("%{byte:02x}"),
            _ => format!("%{byte:02X}"),
        }
    }
}

/// A signed call with the parameters in the query, or in a form body.
async fn send(
    client: &Client,
    call: &str,
    (pairs, spelling, post): (&[(String, String)], Spelling, bool),
) -> Answer {
    let query = spelling.query(pairs);
    let query = format!("{query}&checksum={}", client.checksum(call, &query));
    if !post {
        return client.get_raw(call, &query).await;
    }
    let request = client.request("POST", &client.url(call)).body(query);
    client.send(request.header("content-type", "application/x-www-form-urlencoded")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_text_reaches_the_node_unchanged() {
    let world = World::start(1).await;
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let spelling = prop::sample::select(vec![Spelling::Form, Spelling::Percent, Spelling::Everything]);
    // BBB wants at least two characters, without the spaces around them.
    let room = prop::collection::vec(characters(), 2..40).prop_map(String::from_iter);
    let room = room.prop_filter("a name that BBB takes", |it: &String| it.trim().chars().count() >= 2);
    let all = (room, pairs(), spelling, any::<bool>());
    let run = |(room, extra, spelling, post)| {
        Handle::current().block_on(survives(&world, room, extra, spelling, post))
    };
    let result = tokio::task::block_in_place(|| TestRunner::new(config).run(&all, run));
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

async fn survives(
    world: &World,
    room: String,
    extra: Pairs,
    spelling: Spelling,
    post: bool,
) -> TestCaseResult {
    static CASES: AtomicUsize = AtomicUsize::new(0);
    let node = &world.nodes[0];
    node.clear_requests();
    let id = format!("room {} ä+%&", CASES.fetch_add(1, Ordering::Relaxed));
    let with = |first: &[(&str, &str)]| [owned(first), extra.clone()].concat();

    let sent = with(&[("meetingID", &id), ("name", &room)]);
    let answer = send(&world.foo, "create", (&sent, spelling, post)).await;
    prop_assert!(answer.ok(), "create: {answer:?}");
    let mut received = newest(node, "create").params;
    received.retain(|(name, _)| !ADDED.contains(&name.as_str()));
    prop_assert_eq!(&received, &sent, "create");

    let sent = with(&[("meetingID", &id)]);
    let answer = send(&world.foo, "getMeetingInfo", (&sent, spelling, post)).await;
    prop_assert!(answer.ok(), "getMeetingInfo: {answer:?}");
    let request = newest(node, "getMeetingInfo");
    let internal = node.meeting(&id).map(|it| it.internal_id).unwrap_or_default();
    let sent = with(&[("meetingID", &internal)]);
    prop_assert_eq!(&request.params, &sent, "getMeetingInfo");
    let expected = format!("{}&checksum=", encode(&borrowed(&sent)));
    let spelt = if post { String::from_utf8_lossy(&request.body).into_owned() } else { request.query };
    prop_assert!(spelt.starts_with(&expected), "spelt as BBB does it: {spelt}");

    let sent = with(&[("meetingID", &id), ("fullName", "Ada"), ("role", "VIEWER")]);
    let answer = send(&world.foo, "join", (&sent, spelling, false)).await;
    prop_assert_eq!(answer.status, 302, "join: {:?}", answer);
    let location = answer.location();
    let (_, query) = location.split_once('?').unwrap_or_default();
    let mut sent = with(&[("meetingID", &internal), ("fullName", "Ada"), ("role", "VIEWER")]);
    // What a node could not write into its lists stays behind.
    sent.retain(|(name, _)| user_data_name(name).is_none_or(is_element_name));
    prop_assert_eq!(decoded(query), sent, "join");
    let direct = World::without_b3lb(node);
    prop_assert_eq!(direct.get_raw("join", query).await.status, 302, "the node believes the signature");
    node.forget_all();
    Ok(())
}

#[tokio::test]
async fn create_changes_what_it_says_and_nothing_else() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    let own_url = "http://127.0.0.1:9/of-the-client?a=1&b=%2F";
    let kept = [
        ("welcome", "Line one\nline \"two\" <b>&amp;</b>\r\n\t+~*%"),
        ("meta_endCallbackUrl", "http://127.0.0.1:9/end?x=%20&y=ä"),
        ("meta_bbb-origin", "Lern*plattform"),
        ("META_x", ""),
        ("Record", "true"),
        ("recordFullDurationMedia", "true"),
        ("VoiceBridge", "1"),
        ("logoutURL", "https://lms.example/?a=b&c"),
    ];
    let changed = [
        ("record", "true"),
        ("autoStartRecording", "true"),
        ("allowStartStopRecording", "true"),
        ("meetingEndedURL", own_url),
        ("voiceBridge", "71234"),
        ("dialNumber", "+49 30 1234"),
    ];
    for (n, extra) in [&[][..], &changed].into_iter().enumerate() {
        for body in [None, Some("<modules/>")] {
            let id = format!("room {n} {body:?}");
            let params = [&[("meetingID", id.as_str()), ("name", "A room")], &kept[..], extra].concat();
            let answer = match body {
                None => world.foo.post_form("create", &params).await,
                Some(xml) => world.foo.post_xml("create", &params, xml).await,
            };
            assert!(answer.ok(), "{id}: {answer:?}");
            let request = newest(node, "create");
            for (name, value) in &kept {
                assert_eq!(request.param(name), Some(*value), "{id}: {name} is untouched");
            }
            for name in ["record", "autoStartRecording", "allowStartStopRecording"] {
                assert_eq!(request.param(name), Some("false"), "{id}: {name}");
            }
            assert_eq!((request.param("voiceBridge"), request.param("dialNumber")), (None, None), "{id}");
            let ended = request.param("meetingEndedURL").expect("our own callback");
            assert!(
                ended.starts_with(&format!("http://{}/b3lb/b/meeting/end?nonce=", world.foo.address)),
                "{id}: {ended}"
            );
            assert!(
                !request.params.iter().any(|(_, value)| value.contains("of-the-client")),
                "{id}: {request:?}"
            );
            let names: HashSet<_> = request.params.iter().map(|(name, _)| name).collect();
            assert_eq!(names.len(), request.params.len(), "{id}: each once");
            assert_eq!(names.len(), 2 + kept.len() + ADDED.len(), "{id}: and no more");
        }
    }
}

#[tokio::test]
async fn of_a_repeated_parameter_the_first_counts_and_is_passed_on_alone() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    for id in ["other", "room"] {
        world.foo.create(id).await;
    }
    let repeated = "meetingID=room&%6deetingID=other&meetingID=&a=1&a=2&%61=3&fullName=Ada&fullName=Eve\
                    &role=VIEWER&role=MODERATOR&name=A+room&name=B";
    let internal = node.meeting("room").expect("it lives").internal_id;
    let firsts = |id: &str| {
        owned(&[("meetingID", id), ("a", "1"), ("fullName", "Ada"), ("role", "VIEWER"), ("name", "A room")])
    };
    for (call, post) in [
        ("create", false),
        ("create", true),
        ("isMeetingRunning", false),
        ("getMeetingInfo", true),
        ("setConfigXML", false),
    ] {
        let query = format!("{repeated}&checksum={}", world.foo.checksum(call, repeated));
        if post {
            let request = world.foo.request("POST", &world.foo.url(call)).body(query);
            world.foo.send(request.header("content-type", "application/x-www-form-urlencoded")).await;
        } else {
            world.foo.get_raw(call, &query).await;
        }
        let mut received = newest(node, call).params;
        received.retain(|(name, _)| !ADDED.contains(&name.as_str()));
        let id = if call == "create" { "room" } else { &internal };
        assert_eq!(received, firsts(id), "{call}, POST: {post}");
    }
    let query = format!("{repeated}&checksum={}", world.foo.checksum("join", repeated));
    let location = world.foo.get_raw("join", &query).await.location();
    assert_eq!(decoded(location.split_once('?').expect("a query").1), firsts(&internal), "join");
}

/// What the node sees of `create` and `join`.
async fn seen(world: &World, id: &str, params: &[(&str, &str)]) -> (Pairs, Pairs) {
    let create = [&[("meetingID", id), ("name", "A room")], params].concat();
    assert!(world.foo.by(Form::Host).get("create", &create).await.ok(), "{id}");
    let join = [&[("meetingID", id), ("fullName", "Ada"), ("role", "VIEWER")], params].concat();
    let location = world.foo.get("join", &join).await.location();
    (newest(&world.nodes[0], "create").params, decoded(location.split_once('?').expect("a query").1))
}

fn value_of<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn rules_count_from_the_next_request_on() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    let rule = async |mode, name: &str, value: Option<&str>, on| {
        let spec =
            ParamSpec { tenant: "FOO".into(), name: name.into(), mode, value: value.map(Into::into), on };
        admin.param_set(soon(), spec).await.unwrap().unwrap();
    };
    let (none, given) = (&[][..], &[("welcome", "mine"), ("guest", "mine"), ("other", "mine")][..]);
    // What create and join send of each, without and with a value of the client.
    let check = async |when: &str, expected: [(&str, [Option<&str>; 4]); 3]| {
        let without = seen(&world, &format!("{when}: without"), none).await;
        let with = seen(&world, &format!("{when}: with"), given).await;
        for (name, expected) in expected {
            let found = [&without.0, &without.1, &with.0, &with.1].map(|pairs| value_of(pairs, name));
            assert_eq!(found, expected, "{when}: {name} of create and join without, create and join with");
        }
    };
    let untouched = [None, None, Some("mine"), Some("mine")];
    check("no rule", [("welcome", untouched), ("guest", untouched), ("other", untouched)]).await;

    rule(ParamMode::Set, "welcome", Some("Grüße & <b>\n"), Some(ParamOn::Create)).await;
    rule(ParamMode::Override, "guest", Some("true"), Some(ParamOn::Join)).await;
    rule(ParamMode::Block, "other", None, Some(ParamOn::Both)).await;
    let set = [Some("Grüße & <b>\n"), None, Some("mine"), Some("mine")];
    let overridden = [None, Some("true"), Some("mine"), Some("true")];
    check("three rules", [("welcome", set), ("guest", overridden), ("other", [None; 4])]).await;

    rule(ParamMode::Override, "welcome", Some(""), Some(ParamOn::Create)).await;
    admin.param_clear(soon(), "FOO".into(), "guest".into()).await.unwrap().unwrap();
    let emptied = [Some(""), None, Some(""), Some("mine")];
    check("changed rules", [("welcome", emptied), ("guest", untouched), ("other", [None; 4])]).await;

    let bar = world.add_tenant("BAR").await;
    assert!(bar.get("create", &[("meetingID", "of bar"), ("name", "A room"), ("other", "mine")]).await.ok());
    assert_eq!(
        newest(&world.nodes[0], "create").param("other"),
        Some("mine"),
        "another tenant's rules are its own"
    );
}

#[tokio::test]
async fn logo_and_style_are_the_tenants_unless_given() {
    let world = World::start(1).await;
    let file = |kind, file_name: &str, base64: &str| AssetFile {
        kind,
        file_name: file_name.into(),
        base64: base64.into(),
    };
    let names = ["logo", "userdata-bbb_custom_style_url"];
    let found = |(create, join): (Pairs, Pairs)| {
        [value_of(&create, names[0]), value_of(&join, names[1])].map(|it| it.map(str::to_owned))
    };
    assert_eq!(found(seen(&world, "no assets", &[]).await), [None, None]);
    let files =
        vec![file(AssetKind::Logo, "logo.svg", "PHN2Zy8+"), file(AssetKind::Css, "own.css", "Ym9keSB7fQo=")];
    world.admin().await.asset_set(soon(), "FOO".into(), files).await.unwrap().unwrap();
    let url = |kind: &str| Some(format!("http://{}/b3lb/t/foo/{kind}", world.foo.address));
    assert_eq!(found(seen(&world, "assets", &[]).await), [url("logo"), url("css")]);
    let own =
        [("logo", "https://own.example/logo"), ("userdata-bbb_custom_style_url", "https://own.example/css")];
    assert_eq!(found(seen(&world, "own", &own).await), own.map(|(_, url)| Some(url.to_owned())));
}
