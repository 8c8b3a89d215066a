//! What must hold for any input whatever. Each returns whether the input was accepted, so that a run can tell how much
//! of it got behind the first check.

use std::collections::HashSet;

use b3lbd::bbb::{
    Algorithm, Allowed, CreateAnswer, Document, MAX_MEETINGS, MeetingList, Params, flat_response,
    fragment_of_new_meeting, parse_get_meetings, sign, signed_form, signed_query, split_checksum, verify,
    with_presentation,
};
use b3lbd::nodes::parse_load;
use bytes::Bytes;
use strum::VariantArray;

/// A strict parser of others: whether a document is well-formed, or why not.
pub type Strict<'a> = dyn FnMut(&[u8]) -> Result<(), String> + 'a;

/// A query or form of a client.
///
/// # Panics
/// If something does not hold.
pub fn query(data: &[u8]) -> bool {
    match split_checksum(data) {
        Some((rest, sum)) => {
            assert!(rest.len() + sum.len() < data.len(), "nothing is added");
            assert_eq!(split_checksum(&rest), None, "no second checksum is left");
        }
        None => a_checksum_is_found_again(data),
    }
    let Ok(params) = Params::parse(data) else { return false };
    let pairs: Vec<_> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert_eq!(pairs, decoded_by_others(data));

    let encoded = params.encode();
    assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"*-._+%=&".contains(&b)), "{encoded}");
    assert_eq!(Params::parse(encoded.as_bytes()).as_ref(), Ok(&params), "what is encoded is decoded again");

    if params.get("checksum").is_none() {
        let form = signed_form(Algorithm::Sha256, "create", &params, "key");
        let (rest, sum) = split_checksum(form.as_bytes()).expect("a form that is signed has a checksum");
        let allowed = Allowed::new(Algorithm::VARIANTS.to_vec());
        let signed = signed_query(&rest);
        assert!(verify(&allowed, "create", signed.as_bytes(), ["key"], sum), "{form}");
        assert_eq!(sign(Algorithm::Sha256, "create", signed.as_bytes(), "key").as_bytes(), sum);
    }
    true
}

/// A query without a checksum, or with two, gets one.
fn a_checksum_is_found_again(data: &[u8]) {
    for (raw, at_the_end) in
        [([data, b"&checksum=ab"].concat(), true), ([b"checksum=ab&", data].concat(), false)]
    {
        if let Some(found) = split_checksum(&raw) {
            assert_eq!(found, (data.to_vec(), &b"ab"[..]), "at the end: {at_the_end}");
        }
    }
}

/// The parameters as another decoder reads them; without what XML cannot hold, and of a repeated one the first.
fn decoded_by_others(data: &[u8]) -> Vec<(String, String)> {
    let mut seen = HashSet::new();
    let mut list = Vec::new();
    for (name, value) in form_urlencoded::parse(data) {
        let clean = |text: &str| text.chars().filter(|c| is_xml(*c)).collect::<String>();
        let (name, value) = (clean(&name), clean(&value));
        if seen.insert(name.clone()) {
            list.push((name, value));
        }
    }
    list
}

/// The production `Char` of XML 1.0.
fn is_xml(c: char) -> bool {
    matches!(u32::from(c), 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x10000..)
}

/// A node's answer to `getMeetings`: what is accepted of it is what a strict parser accepts, each meeting by itself and
/// all of them in the answer that a tenant gets.
///
/// # Panics
/// If something does not hold.
pub fn lists(data: &[u8], strict: &mut Strict<'_>) -> bool {
    let body = Bytes::copy_from_slice(data);
    let Ok(list) = parse_get_meetings(&body) else { return false };
    assert!(list.meetings.len() + list.left_out.len() <= MAX_MEETINGS);
    let mut answer = MeetingList::default();
    let mut from = body.as_ptr();
    for meeting in &list.meetings {
        assert!(!meeting.id.is_empty(), "a meeting has an id");
        assert!(meeting.fragment.as_ptr() >= from, "meetings are parts of the list, in its order");
        from = meeting.fragment.as_ptr_range().end;
        well_formed(strict, "a meeting", &meeting.fragment);
        well_formed(strict, "the create answer of a poll", meeting.create_answer().as_bytes());
        answer.push(&meeting.fragment);
    }
    assert!(body.as_ptr_range().end >= from);
    let answer = answer.finish();
    well_formed(strict, "the tenant's list", &answer);
    let again = parse_get_meetings(&answer).expect("what is sent can be read");
    assert_eq!((again.meetings, again.left_out), (list.meetings, Vec::new()), "and says the same");
    true
}

/// A node's answer to `create`, which goes to the client as it is, into the tenant's list as a meeting, and is told
/// again when the client repeats the call.
///
/// # Panics
/// If something does not hold.
pub fn create_answer(data: &[u8], strict: &mut Strict<'_>) -> bool {
    if flat_response(data).is_ok() {
        well_formed(strict, "a node's answer", data);
    }
    let Ok(CreateAnswer::Created {
        create_time, internal_id, external_id, attendee_pw, moderator_pw, ..
    }) = CreateAnswer::parse(data)
    else {
        return false;
    };
    let repeated = CreateAnswer::repeated(data).expect("an answer that was read can be repeated");
    well_formed(strict, "a repeated answer", repeated.as_bytes());
    let expected = CreateAnswer::Created {
        create_time,
        internal_id,
        external_id,
        attendee_pw,
        moderator_pw,
        duplicate: true,
    };
    assert_eq!(CreateAnswer::parse(repeated.as_bytes()), Ok(expected));

    let sent = b"name=A+%26+B%ef%bf%be%01&meta_a=%3c]]>&meta_%3c=x&meta_A=y&isBreakout=true&sequence=%3c";
    let sent = Params::parse(sent).expect("a good query");
    let meeting = fragment_of_new_meeting(data, &sent).expect("an answer that was read is a meeting's");
    well_formed(strict, "a new meeting", &meeting.fragment);
    true
}

/// The XML body of a `create`: it gets one module more, and nothing else of it changes.
///
/// # Panics
/// If something does not hold.
pub fn modules(data: &[u8], strict: &mut Strict<'_>) -> bool {
    const MODULE: &str =
        "<module name=\"presentation\"><document name=\"&lt;a&amp;.pdf\">QUJD</document></module>";
    let document = Document::Inline { name: "<a&.pdf", base64: "QUJD" };
    let Some(made) = with_presentation(Some(data), document) else { return false };
    let at = made.find(MODULE).expect("the module is in it");
    let (before, after) = (&made.as_bytes()[..at], &made.as_bytes()[at + MODULE.len()..]);
    assert_eq!(made.matches(MODULE).count(), data_matches(data, MODULE) + 1, "one module more");
    if [before, after].concat() != data {
        // `<modules/>` had to be opened.
        let open = before.strip_suffix(b">").expect("the module is behind a tag");
        let rest = after.strip_prefix(b"</modules>").expect("that is closed again");
        let inside = data.strip_prefix(open).and_then(|it| it.strip_suffix(rest));
        let inside = inside.unwrap_or_else(|| panic!("the rest has changed: {made}"));
        assert_eq!(inside.trim_ascii(), b"/>", "{made}");
    }
    assert_eq!(with_presentation(Some(made.as_bytes()), document), None, "there is one now");
    if strict(data).is_ok() {
        well_formed(strict, "a body with one module more", made.as_bytes());
    }
    true
}

fn data_matches(data: &[u8], text: &str) -> usize {
    data.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

/// A node's load answer.
///
/// # Panics
/// If something does not hold.
pub fn load(data: &[u8]) -> bool {
    let Some(figure) = parse_load(data) else { return false };
    assert!(figure <= 10_000);
    let line = data.split(|byte| *byte == b'\n').next().expect("there is a first line");
    let line = std::str::from_utf8(line).expect("a number is text").trim();
    assert_eq!(
        line.trim_start_matches('+').trim_start_matches('0'),
        figure.to_string().trim_start_matches('0')
    );
    true
}

fn well_formed(strict: &mut Strict<'_>, what: &str, document: &[u8]) {
    if let Err(error) = strict(document) {
        panic!("{what} is not well-formed: {error}: {}", document.escape_ascii());
    }
}
