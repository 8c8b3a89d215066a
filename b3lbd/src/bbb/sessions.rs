//! Merges the nodes' `getSessions` answers.
//!
//! Source: the template `get-sessions.ftlx` in bigbluebutton-web, which writes a `<meeting>` with the
//! internal id for each session.

use super::ParseError;
use super::flat_answer;
use super::reply::push_element;
use super::xml_rules::text_of;
use super::xml_text::{Visitor, after_declaration, walk};

/// Sessions of one secret.
#[derive(Debug, Default)]
pub struct SessionList(String);

impl SessionList {
    /// Adds the sessions of a node's answer whose meeting, given by internal id, is one of ours.
    pub fn add(&mut self, answer: &[u8], is_own: impl Fn(&str) -> bool) {
        let (text, _) = text_of(answer);
        let mut reader = Reader::default();
        // An invalid answer is ignored as a whole.
        if walk(after_declaration(&text), &mut reader).is_err() {
            return;
        }
        for [meeting, name, user] in reader.sessions.iter().filter(|it| is_own(&it[0])) {
            self.0.push_str("<meeting>");
            for (element, text) in [("meetingID", meeting), ("meetingName", name), ("userName", user)] {
                push_element(&mut self.0, element, text);
            }
            self.0.push_str("</meeting>");
        }
    }

    /// The complete answer.
    pub fn finish(self) -> String {
        if self.0.is_empty() {
            let none = [
                ("sessions", ""),
                ("messageKey", "noSessions"),
                ("message", "no sessions were found on this server"),
            ];
            return flat_answer("SUCCESS", &none).replace("<sessions></sessions>", "<sessions/>");
        }
        format!("<response><returncode>SUCCESS</returncode><sessions>{}</sessions></response>", self.0)
    }
}

/// Internal id, meeting name and user name of each session.
#[derive(Default)]
struct Reader {
    sessions: Vec<[String; 3]>,
    field: Option<usize>,
    in_sessions: bool,
}

impl Visitor for Reader {
    fn open(&mut self, depth: usize, name: &str) -> Result<(), ParseError> {
        match depth {
            2 => self.in_sessions = name == "sessions",
            3 if self.in_sessions => self.sessions.push(Default::default()),
            _ => {}
        }
        self.field = match name {
            "meetingID" if depth == 4 => Some(0),
            "meetingName" if depth == 4 => Some(1),
            "userName" if depth == 4 => Some(2),
            _ => None,
        };
        Ok(())
    }

    fn text(&mut self, _depth: usize, text: &str) {
        if let (Some(field), Some(session)) = (self.field, self.sessions.last_mut()) {
            session[field].push_str(text);
        }
    }

    fn close(&mut self, _depth: usize) -> Result<(), ParseError> {
        self.field = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_sessions_are_taken() {
        let answer = |rest: &str| {
            format!("<response><returncode>SUCCESS</returncode><sessions>{rest}</sessions></response>")
        };
        let session = |id: &str| {
            format!(
                "<meeting><meetingID>{id}</meetingID><meetingName>A &amp; B</meetingName><userName>C</userName></meeting>"
            )
        };
        let mut list = SessionList::default();
        list.add(answer(&(session("own") + &session("other"))).as_bytes(), |id| id == "own");
        list.add(answer("<broken>").as_bytes(), |_| true);
        assert_eq!(list.finish(), answer(&session("own")));
        assert!(SessionList::default().finish().contains("<sessions/><messageKey>noSessions"));
    }
}
