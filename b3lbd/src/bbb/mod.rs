//! The BigBlueButton API as text: calls, parameters, checksums and answers. No I/O.
//!
//! Source: "API Reference" in BBB's documentation, version 3.0.

mod call;
mod checksum;
mod create_answer;
mod fetches;
mod fields;
mod form;
mod layouts;
mod marker_xml;
mod meetings_xml;
mod modules_xml;
mod new_meeting;
mod node_meeting;
mod parameters;
mod query;
mod reply;
mod sessions;
mod token;
mod xml_rules;
mod xml_text;

pub use call::{Call, Handling};
pub use checksum::{Algorithm, Allowed, sign, verify};
pub use create_answer::{CreateAnswer, kept_answer, passwords_agree};
pub use fetches::fetches;
pub use fields::{meeting_id, meeting_name, new_meeting_id, user_data_name, wants_breakout};
pub use form::{signed_form, signed_query};
pub use layouts::is_foreign_layout;
pub use marker_xml::{PARAMETER as MARKER_PARAMETER, without_marker};
pub use meetings_xml::{MAX_MEETINGS, NodeList, ParseError, parse_get_meetings};
pub use modules_xml::{Document, with_presentation};
pub use new_meeting::fragment_of_new_meeting;
pub use node_meeting::NodeMeeting;
pub use parameters::{Kind, Parameter, parameter};
pub use query::{BadQuery, Params, split_checksum};
pub use reply::{Failure, MeetingList, flat_answer, is_json, is_response, is_success, running};
pub use sessions::SessionList;
pub use token::{TokenAlgorithm, sign_token, verify_token};
pub use xml_rules::is_element_name;
pub use xml_text::flat_response;
