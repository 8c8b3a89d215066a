//! Calls about recordings, which are not offered: the answer is always that there are none. Also legacy
//! calls.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::Api;
use super::request::SignedRequest;
use super::responses::{self, Answer, Refusal};
use crate::bbb::{Call, Failure};

/// What BBB says when it has none. A status that is an error would be an exception in most clients, so that rooms
/// with old recordings could not even be deleted.
pub(super) async fn answer(api: &Api, call: Call, mut request: SignedRequest) -> Answer {
    match call {
        // The body of this call is a file.
        Call::PutRecordingTextTrack => {
            request.skip_body().await;
            Ok(no_text_tracks())
        }
        Call::GetDefaultConfigXml => {
            request.skip_body().await;
            Err(Refusal::of(responses::failed_with(StatusCode::FORBIDDEN, &Failure::UNSUPPORTED)))
        }
        _ => {
            request.check(api).await?;
            match call {
                Call::GetRecordings => Ok(none()),
                Call::GetRecordingTextTracks => Ok(no_text_tracks()),
                _ => Err(Failure::NO_RECORDINGS.into()),
            }
        }
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
