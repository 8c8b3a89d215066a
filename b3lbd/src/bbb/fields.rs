//! Validation of single parameters.

use std::sync::Arc;

use super::{Failure, Params};

/// The meeting that a call is about: `meetingID` without surrounding whitespace.
pub fn meeting_id(params: &Params) -> Result<Arc<str>, Failure> {
    let id = params.get("meetingID").unwrap_or_default().trim();
    if id.is_empty() {
        return Err(Failure::NO_MEETING_ID);
    }
    if id.contains(char::is_control) {
        return Err(Failure::VALIDATION);
    }
    Ok(id.into())
}

/// The meeting id of a `create`, which follows stricter rules.
pub fn new_meeting_id(params: &Params) -> Result<Arc<str>, Failure> {
    let id = meeting_id(params)?;
    if id.contains(',') {
        return Err(Failure::ID_COMMA);
    }
    if !(2..=256).contains(&id.chars().count()) {
        return Err(Failure::ID_SIZE);
    }
    Ok(id)
}

/// The `name` of a new meeting.
pub fn meeting_name(params: &Params) -> Result<&str, Failure> {
    let name = params.get("name").unwrap_or_default();
    if name.contains(char::is_control) {
        return Err(Failure::VALIDATION);
    }
    if !(2..=256).contains(&name.chars().count()) {
        return Err(Failure::NAME_SIZE);
    }
    Ok(name)
}

/// The part of a `join` parameter's name that BBB uses as the name of user data.
pub fn user_data_name(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked("userdata-".len())?;
    prefix.eq_ignore_ascii_case("userdata-").then_some(rest)
}

/// Whether a `create` requests a breakout room.
pub fn wants_breakout(params: &Params) -> bool {
    params.get_filled("isBreakout").is_some_and(|value| !value.trim().eq_ignore_ascii_case("false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::parse(query.as_bytes()).unwrap()
    }

    #[test]
    fn ids_are_trimmed_and_checked() {
        assert_eq!(&*new_meeting_id(&params("meetingID=+ab%0a")).unwrap(), "ab");
        assert_eq!(new_meeting_id(&params("meetingid=ab")), Err(Failure::NO_MEETING_ID));
        assert_eq!(new_meeting_id(&params("meetingID=+")), Err(Failure::NO_MEETING_ID));
        assert_eq!(new_meeting_id(&params("meetingID=a%09b")), Err(Failure::VALIDATION));
        assert_eq!(new_meeting_id(&params("meetingID=a,b")), Err(Failure::ID_COMMA));
        assert_eq!(new_meeting_id(&params("meetingID=a")), Err(Failure::ID_SIZE));
        let long = |n: usize| params(&format!("meetingID={}", "%C3%A4".repeat(n)));
        assert!(new_meeting_id(&long(256)).is_ok(), "characters count, not bytes");
        assert_eq!(new_meeting_id(&long(257)), Err(Failure::ID_SIZE));
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(meeting_name(&params("name=A+room")), Ok("A room"));
        assert_eq!(meeting_name(&params("x=y")), Err(Failure::NAME_SIZE));
        assert_eq!(meeting_name(&params("name=a%0Ab")), Err(Failure::VALIDATION));
    }

    #[test]
    fn anything_but_false_wants_a_breakout() {
        assert!(wants_breakout(&params("isBreakout=TRUE")) && wants_breakout(&params("isBreakout=1")));
        assert!(!wants_breakout(&params("isBreakout=False")) && !wants_breakout(&params("isBreakout=")));
    }
}
