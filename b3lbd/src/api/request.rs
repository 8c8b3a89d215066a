//! From HTTP to a call that is believed: checksum first, then the body, then the parameters.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{Api, responses};
use crate::bbb::{Failure, Params, meeting_id, split_checksum, verify};
use crate::model::{Secret, SecretKey, Tenant, TenantLabel};
use crate::nodes::Body;

/// For reading a client's body.
const BODY_PATIENCE: Duration = Duration::from_mins(1);
/// Checked against when there is no such tenant, so that the refusal takes the same time.
const NOBODYS_KEY: &str = "000000000000000000000000000000000000000000";

/// A call whose checksum fits.
#[derive(Debug)]
pub(super) struct SignedRequest {
    pub(super) tenant: Arc<Tenant>,
    pub(super) secret: Arc<Secret>,
    /// The signed bytes, without the checksum.
    query: Vec<u8>,
    /// Where a body may still come from.
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    content_type: Option<String>,
    body: HttpBody,
    headers: HeaderMap,
}

/// The media type without its parameters, in lower case.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_form(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|it| essence(it) == "application/x-www-form-urlencoded")
}

impl SignedRequest {
    /// Verifies the checksum of `call`: over the query string, or over a form body in its place.
    pub(super) async fn verify(
        api: &Api,
        label: Option<TenantLabel>,
        call: &str,
        request: Request,
    ) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).map(str::to_owned);
        let raw_query = parts.uri.query().unwrap_or_default().as_bytes();
        let post = parts.method == Method::POST;
        let (raw, pending) = if post && raw_query.is_empty() && is_form(content_type.as_deref()) {
            (read(api, &parts.headers, body).await?, None)
        } else {
            let pending = post.then_some(Pending { content_type, body, headers: parts.headers });
            (Bytes::copy_from_slice(raw_query), pending)
        };
        let catalog = api.core.pool.catalog();
        let owner = label.and_then(|label| catalog.secret(&label));
        let keys: Vec<&str> = match owner {
            Some((_, secret)) => {
                std::iter::once(&secret.key).chain(&secret.second_key).map(SecretKey::reveal).collect()
            }
            None => vec![NOBODYS_KEY],
        };
        let (query, checksum) = split_checksum(&raw).unwrap_or_default();
        let fits = verify(&api.algorithms, call, &query, &keys, checksum);
        match owner {
            Some((tenant, secret)) if fits => {
                Ok(Self { tenant: Arc::clone(tenant), secret: Arc::clone(secret), query, pending })
            }
            _ => Err(responses::failed(&Failure::CHECKSUM)),
        }
    }

    /// The parameters, which are text.
    pub(super) fn params(&self) -> Result<Params, Failure> {
        Params::parse(&self.query).map_err(|_| Failure::VALIDATION)
    }

    /// Parameters, meeting id and body of a call about one meeting.
    pub(super) async fn about_meeting(
        &mut self,
        api: &Api,
    ) -> Result<(Params, Arc<str>, Option<Body>), Response> {
        let body = self.body(api).await?;
        let params = self.params().map_err(|failure| responses::failed(&failure))?;
        let id = meeting_id(&params).map_err(|failure| responses::failed(&failure))?;
        Ok((params, id, body))
    }

    /// Whether parameters and body are in order, for calls that make no use of them.
    pub(super) async fn check(&mut self, api: &Api) -> Result<(), Response> {
        self.params().map_err(|failure| responses::failed(&failure))?;
        self.body(api).await.map(|_| ())
    }

    /// The XML body of a POST, if there is one.
    pub(super) async fn body(&mut self, api: &Api) -> Result<Option<Body>, Response> {
        let Some(Pending { content_type, body, headers }) = self.pending.take() else { return Ok(None) };
        let bytes = read(api, &headers, body).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if is_form(content_type.as_deref()) {
            // Parameters that the checksum does not cover are never believed.
            return Err(responses::failed(&Failure::CHECKSUM));
        }
        match content_type.as_deref().map(essence).as_deref() {
            Some("application/xml" | "text/xml") => {
                Ok(Some(Body { content_type: content_type.unwrap_or_default(), bytes }))
            }
            None => Ok(Some(Body { content_type: "application/xml".to_owned(), bytes })),
            Some(_) => Err(responses::failed(&Failure::CONTENT_TYPE)),
        }
    }
}

async fn read(api: &Api, headers: &HeaderMap, body: HttpBody) -> Result<Bytes, Response> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > api.max_body) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    }
    match tokio::time::timeout(BODY_PATIENCE, Limited::new(body, api.max_body).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(StatusCode::PAYLOAD_TOO_LARGE.into_response())
        }
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST.into_response()),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT.into_response()),
    }
}
