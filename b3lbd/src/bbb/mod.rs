//! The BigBlueButton API as text: calls, parameters, checksums, answers. No I/O.
//!
//! Source of the protocol: "API Reference" in BBB's own documentation, version 3.0.

mod call;
mod checksum;
mod create_answer;
mod fields;
mod meetings_xml;
mod modules_xml;
mod parameters;
mod query;
mod reply;
mod xml_text;

pub use call::{Call, Handling};
pub use checksum::{Algorithm, Allowed, sign, verify};
pub use create_answer::{CreateAnswer, passwords_agree};
pub use fields::{meeting_id, meeting_name, new_meeting_id, wants_breakout};
pub use meetings_xml::{NodeMeeting, ParseError, fragment_of_new_meeting, parse_get_meetings};
pub use modules_xml::{Document, with_presentation};
pub use parameters::{Kind, Parameter, parameter};
pub use query::{BadQuery, Params, split_checksum};
pub use reply::{Failure, MeetingList, flat_answer, running};
pub use xml_text::flat_response;
