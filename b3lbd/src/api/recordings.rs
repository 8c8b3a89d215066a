//! Recordings are not offered: there are none.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::Call;

/// `getRecordings` and `getRecordingTextTracks`.
pub(super) async fn answer(api: &Api, call: Call, mut request: SignedRequest) -> Response {
    match request.check(api).await {
        Err(refusal) => refusal,
        Ok(()) if call == Call::GetRecordingTextTracks => no_text_tracks(),
        Ok(()) => none(),
    }
}

/// The answer of `getRecordings`.
fn none() -> Response {
    responses::xml(
        "<response><returncode>SUCCESS</returncode><recordings/><messageKey>noRecordings</messageKey>\
         <message>There are no recordings for the meeting(s).</message></response>",
    )
}

/// The answer of `getRecordingTextTracks`, the only call that answers in JSON.
fn no_text_tracks() -> Response {
    let json =
        r#"{"response":{"returncode":"FAILED","messageKey":"noRecordings","message":"No recording found"}}"#;
    ([(CONTENT_TYPE, "application/json;charset=utf-8")], json).into_response()
}
