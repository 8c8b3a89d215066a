//! The calls of the API, one by one, as clients make them.

mod answers;
mod assets;
mod breakouts;
mod create;
mod ended;
mod hosts;
mod join;
mod limits;
mod meetings;
mod strangers;

/// Calls that the meeting's node answers.
const PASSED_THROUGH: [&str; 5] =
    ["getMeetingInfo", "sendChatMessage", "setConfigXML", "insertDocument", "end"];

/// Calls that change recordings, or are long gone: no node hears of them.
const BLOCKED: [&str; 5] = [
    "publishRecordings",
    "deleteRecordings",
    "updateRecordings",
    "putRecordingTextTrack",
    "getDefaultConfigXML",
];

/// Content type of B3LB's own answers.
const XML: &str = "text/xml; charset=utf-8";

/// A presentation by URL.
const SLIDES: &str = "<modules><module name=\"presentation\">\
    <document url=\"https://slides.example/a.pdf\" filename=\"a.pdf\"/></module></modules>";
