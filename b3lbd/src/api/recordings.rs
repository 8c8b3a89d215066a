//! Calls about recordings, which are not offered: the answer is always that there are none. Also legacy
//! calls.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, Failure};

/// Answers like BBB without recordings. An error status would raise an exception in most clients, so that
/// rooms with old recordings could not even be deleted.
pub(super) async fn answer(api: &Api, call: Call, mut request: SignedRequest) -> Response {
    match call {
        // The body of this call is a file.
        Call::PutRecordingTextTrack => {
            request.skip_body().await;
            no_text_tracks()
        }
        Call::GetDefaultConfigXml => {
            request.skip_body().await;
            responses::failed_with(StatusCode::FORBIDDEN, &Failure::UNSUPPORTED)
        }
        _ => match request.check(api).await {
            Err(refusal) => refusal,
            Ok(()) => match call {
                Call::GetRecordings => none(),
                Call::GetRecordingTextTracks => no_text_tracks(),
                _ => responses::failed(&Failure::NO_RECORDINGS),
            },
        },
    }
}

/// The answer to `getRecordings`.
fn none() -> Response {
    responses::xml(
        "<response><returncode>SUCCESS</returncode><recordings/><messageKey>noRecordings</messageKey>\
         <message>There are no recordings for the meeting(s).</message></response>",
    )
}

/// The answer to the calls about text tracks, in JSON.
fn no_text_tracks() -> Response {
    let json =
        r#"{"response":{"returncode":"FAILED","messageKey":"noRecordings","message":"No recording found"}}"#;
    ([(CONTENT_TYPE, "application/json;charset=utf-8")], json).into_response()
}
