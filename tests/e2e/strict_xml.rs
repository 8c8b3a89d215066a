//! Answers of the daemon under a strict parser, and that parser itself.

use b3lbd::bbb::is_element_name;
use harness::{CALLS, StrictXml, World};

#[test]
fn the_parser_tells_well_formed_documents_from_others() {
    let mut parser = StrictXml::start();
    let good = [
        "<a/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>äöü €😀 &lt;&amp;&#10;&#x1F600; ]] ></a>\n",
        "\u{feff}<a b='\"' c=\"'>\"><![CDATA[<&]]></a>",
        "<p:a xmlns:p='urn:p' p:b='1' b='2' xml:lang='de'><p:c/></p:a>",
        "<a>\u{9}\u{a}\u{d}\u{7f}\u{85}\u{fffd}\u{1fffe}</a>",
        "<ä-1._b/>",
    ];
    for document in good {
        assert_eq!(parser.check(document), Ok(()), "{document}");
    }
    let bad = [
        ("nothing", ""),
        ("text", "Not Found\n"),
        ("HTML", "<!DOCTYPE html><html><br></html>"),
        ("a document type", "<!DOCTYPE a><a/>"),
        ("two roots", "<a/><a/>"),
        ("text behind the root", "<a/>b"),
        ("an open element", "<a><b></b>"),
        ("crossed elements", "<a><b></a></b>"),
        ("a control character", "<a>\u{1}</a>"),
        ("an escape", "<a>\u{1b}[31m</a>"),
        ("a control character in an attribute", "<a b='\u{8}'/>"),
        ("a reference to a control character", "<a>&#1;</a>"),
        ("a reference to NUL", "<a>&#0;</a>"),
        ("a reference to a surrogate", "<a>&#xD800;</a>"),
        ("a reference beyond Unicode", "<a>&#x110000;</a>"),
        ("U+FFFE", "<a>\u{fffe}</a>"),
        ("U+FFFF", "<a>\u{ffff}</a>"),
        ("a reference to U+FFFE", "<a>&#xFFFE;</a>"),
        ("an undeclared prefix", "<p:a/>"),
        ("an undeclared prefix of an attribute", "<a p:b='1'/>"),
        ("a prefix declared too late", "<a><p:b/><c xmlns:p='urn:p'/></a>"),
        ("]]> in text", "<a>]]></a>"),
        ("< in an attribute", "<a b='<'/>"),
        ("& alone", "<a>a & b</a>"),
        ("an undeclared entity", "<a>&nbsp;</a>"),
        ("a duplicate attribute", "<a b='1' b='2'/>"),
        ("a duplicate attribute by two prefixes", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>"),
        ("attributes without a space", "<a b='1'c='2'/>"),
        ("an attribute without quotes", "<a b=1/>"),
        ("an attribute without a value", "<a b/>"),
        ("a name with a space", "<show chat>yes</show chat>"),
        ("a name that begins with a digit", "<2fa>yes</2fa>"),
        ("a name with a slash", "<a/>yes</a/>"),
        ("a name with a &", "<a&b>yes</a&b>"),
        ("an empty name", "<>yes</>"),
        ("-- in a comment", "<a><!-- a -- b --></a>"),
        ("an XML declaration behind white space", " <?xml version='1.0'?><a/>"),
        ("an unknown encoding", "<?xml version='1.0' encoding='no-such'?><a/>"),
    ];
    for (what, document) in bad {
        assert!(parser.check(document).is_err(), "{what}: {document}");
    }
    for bytes in
        [&b"<a>\xff</a>"[..], b"<a>\xc0\x80</a>", b"<a>\xed\xa0\x80</a>", b"<a>\xe2\x82</a>", b"<a>\0</a>"]
    {
        assert!(parser.check(bytes).is_err(), "{}", bytes.escape_ascii());
    }
    // It goes on after large documents, and after all those errors.
    let large = format!("<a>{}</a>", "<b>äöü</b>".repeat(200_000));
    assert_eq!(parser.check(large), Ok(()));
    assert_eq!(parser.check("<a/>"), Ok(()));
}

#[test]
fn names_that_we_take_are_names_for_others() {
    let mut parser = StrictXml::start();
    let characters: Vec<char> = (0..=0x0010_ffff).filter_map(char::from_u32).collect();
    let elements = |name: &dyn Fn(char) -> String| -> Vec<String> {
        let names = characters.iter().map(|c| name(*c)).filter(|it| is_element_name(it));
        names.map(|it| format!("<{it}/>")).collect()
    };
    let first = elements(&|c| c.to_string());
    let later = elements(&|c| format!("a{c}"));
    assert!(first.len() > 30_000 && later.len() > first.len());
    for part in first.chunks(1000).chain(later.chunks(1000)) {
        assert_eq!(parser.check(format!("<a>{}</a>", part.concat())), Ok(()));
    }
}

/// Makes all calls with these values, known meeting or not, signed or not, and has their answers parsed.
async fn all_answers_parse(world: &World, value: &str) {
    let mut parser = StrictXml::start();
    let params = [
        ("meetingID", "room & <1>"),
        ("name", value),
        ("meta_a", value),
        ("welcome", value),
        ("moderatorPW", "mp"),
        ("fullName", value),
        ("password", "mp"),
        ("redirect", "false"),
        ("userdata-bbb_x", value),
        ("message", value),
        ("recordID", value),
        ("publish", "true"),
    ];
    let foreign = world.foo.with_key("x");
    let json = ["getRecordingTextTracks", "putRecordingTextTrack", "getJoinUrl", "learningDashboard"];
    let calls = ["", "no-such-call"].into_iter().chain(CALLS).filter(|call| !json.contains(call));
    for call in calls {
        for (what, answer) in [
            ("a known meeting", world.foo.get(call, &params).await),
            (
                "an unknown meeting",
                world.foo.get(call, &[&[("meetingID", value)], &params[1..]].concat()).await,
            ),
            ("no parameters", world.foo.get(call, &[]).await),
            ("a wrong checksum", foreign.get(call, &params).await),
        ] {
            assert_eq!(parser.check(&answer.body), Ok(()), "{call} with {what}: {answer:?}");
        }
        if ["create", "join", "end"].contains(&call) {
            let poll = world.foo.get("getMeetings", &[]).await;
            assert_eq!(parser.check(&poll.body), Ok(()), "getMeetings after {call}: {poll:?}");
        }
    }
}

#[tokio::test]
async fn answers_are_well_formed_whatever_characters_values_have() {
    let world = World::start(1).await;
    all_answers_parse(&world, "<&>\"' äöü €😀 &amp; ]]> <!-- --> <![CDATA[ \u{7f}\u{85}\u{200b}\r\n\t").await;
}

/// Characters that XML cannot hold, not even by number, are taken out of values, as BBB does.
#[tokio::test]
async fn answers_are_well_formed_whatever_xml_cannot_hold() {
    for value in ["a\u{fffe}b", "a\u{ffff}b", "a\u{1}\u{8}\u{b}\u{1b}[31mb"] {
        let world = World::start(1).await;
        all_answers_parse(&world, value).await;
    }
}
