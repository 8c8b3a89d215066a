//! `isMeetingRunning` and `getMeetingInfo`.

use crate::http::Reply;
use crate::shared::Shared;
use crate::{Request, xml};

use super::answer::{not_found, success};
use super::{known_meeting, meeting_id};

pub(super) fn is_meeting_running(node: &Shared, request: &Request) -> Reply {
    let id = match meeting_id(request) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let world = node.world.lock();
    let running = world.find(id).and_then(|id| world.get(id)).is_some_and(crate::MeetingState::running);
    success(|out| xml::boolean(out, "running", running))
}

pub(super) fn get_meeting_info(node: &Shared, request: &Request) -> Reply {
    let id = match known_meeting(node, request) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let Some(elements) = node.world.lock().elements(&id) else { return not_found() };
    let begin: &[u8] = b"<response>\n<returncode>SUCCESS</returncode>\n";
    Reply::xml([begin, &elements, b"</response>\n"].concat())
}
