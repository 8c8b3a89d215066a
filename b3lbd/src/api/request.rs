//! From an HTTP request to an authenticated call: checksum first, then body, then parameters.

use std::sync::Arc;

use axum::body::Body as HttpBody;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;

use super::Api;
use super::bodies::drain;
use super::responses::Refusal;
use crate::bbb::{Failure, Params, meeting_id, signed_query, split_checksum, verify};
use crate::model::{Secret, SecretKey, Tenant, TenantLabel};
use crate::nodes::Body;

const FORM: &str = "application/x-www-form-urlencoded";
const XML: &str = "application/xml";
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// Used if the tenant does not exist, so that the refusal takes the same time.
const NOBODYS_KEY: &str = "000000000000000000000000000000000000000000";

/// A call with a valid checksum.
#[derive(Debug)]
pub(super) struct SignedRequest {
    pub(super) tenant: Arc<Tenant>,
    pub(super) secret: Arc<Secret>,
    /// The signed bytes of the query, without the checksum.
    query: Vec<u8>,
    body: Pending,
}

/// The body of a request.
#[derive(Debug)]
enum Pending {
    /// No body.
    None,
    /// A form with the parameters, already read.
    Form,
    /// A body that has not been read.
    Unread { content_type: Option<String>, body: HttpBody, headers: HeaderMap },
}

/// The media type in lower case, without its parameters.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_form(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|it| essence(it) == FORM)
}

/// Whether the query of a call is signed by the tenant with this label.
pub(super) fn is_signed(api: &Api, label: Option<&TenantLabel>, call: &str, query: &[u8]) -> bool {
    let catalog = api.core.pool.catalog();
    let Some((_, secret)) = label.and_then(|label| catalog.secret(label)) else { return false };
    let keys = std::iter::once(&secret.key).chain(&secret.second_key).map(SecretKey::reveal);
    let (query, checksum) = split_checksum(query).unwrap_or_default();
    verify(&api.algorithms, call, &query, keys, checksum)
}

impl SignedRequest {
    /// Verifies the checksum of a call, over the query string or over a form body.
    pub(super) async fn verify(
        api: &Api,
        label: Option<&TenantLabel>,
        call: &str,
        request: Request,
    ) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let form: Bytes;
        let (raw, pending) = if parts.method == Method::POST {
            let content_type = parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
            if query.is_empty() && is_form(content_type) {
                form = api.bodies.form(&parts.headers, body).await?;
                (&*form, Pending::Form)
            } else {
                let content_type = content_type.map(str::to_owned);
                (query, Pending::Unread { content_type, body, headers: parts.headers })
            }
        } else {
            (query, Pending::None)
        };
        let catalog = api.core.pool.catalog();
        let owner = label.and_then(|label| catalog.secret(label));
        let (first, second) = match owner {
            Some((_, secret)) => (secret.key.reveal(), secret.second_key.as_ref().map(SecretKey::reveal)),
            None => (NOBODYS_KEY, None),
        };
        let keys = std::iter::once(first).chain(second);
        let (query, checksum) = split_checksum(raw).unwrap_or_default();
        let mut fits = verify(&api.algorithms, call, &query, keys.clone(), checksum);
        if matches!(pending, Pending::Form) {
            // Compute both signatures in any case, so that the time reveals nothing.
            let signed = signed_query(&query);
            fits |= verify(&api.algorithms, call, signed.as_bytes(), keys, checksum);
        }
        match owner {
            Some((tenant, secret)) if fits => {
                Ok(Self { tenant: Arc::clone(tenant), secret: Arc::clone(secret), query, body: pending })
            }
            _ => {
                if let Pending::Unread { body, .. } = pending {
                    drain(body).await;
                }
                Err(Failure::CHECKSUM.into())
            }
        }
    }

    /// The parameters, decoded as text.
    pub(super) fn params(&self) -> Result<Params, Failure> {
        Params::parse(&self.query).map_err(|_| Failure::VALIDATION)
    }

    /// Skips the body, but reads enough of it for the client to see the answer.
    pub(super) async fn skip_body(&mut self) {
        if let Pending::Unread { body, .. } = std::mem::replace(&mut self.body, Pending::None) {
            drain(body).await;
        }
    }

    /// Parameters, meeting id and body of a call about a meeting.
    pub(super) async fn about_meeting(
        &mut self,
        api: &Api,
    ) -> Result<(Params, Arc<str>, Option<Body>), Refusal> {
        let body = self.body(api).await?;
        let params = self.params()?;
        let id = meeting_id(&params)?;
        Ok((params, id, body))
    }

    /// Whether parameters and body are in order, for calls that make no use of them.
    pub(super) async fn check(&mut self, api: &Api) -> Result<(), Refusal> {
        self.params()?;
        self.body(api).await.map(|_| ())
    }

    /// What a POST has in its body.
    pub(super) async fn body(&mut self, api: &Api) -> Result<Option<Body>, Refusal> {
        let (content_type, body, headers) = match std::mem::replace(&mut self.body, Pending::None) {
            Pending::None => return Ok(None),
            Pending::Form => return Ok(Some(Body::Form)),
            Pending::Unread { content_type, body, headers } => (content_type, body, headers),
        };
        let bytes = api.bodies.any(&headers, body).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let is_xml = bytes.trim_ascii_start().first() == Some(&b'<') || bytes.starts_with(BYTE_ORDER_MARK);
        match content_type.as_deref().map(essence).as_deref() {
            Some("application/xml" | "text/xml") => {
                Ok(Some(Body::Xml { content_type: content_type.unwrap_or_default(), bytes }))
            }
            None => Ok(Some(Body::Xml { content_type: XML.to_owned(), bytes })),
            // BBB's own Java client sends XML with this content type.
            Some(FORM) if is_xml => Ok(Some(Body::Xml { content_type: XML.to_owned(), bytes })),
            // Parameters that the checksum does not cover are never believed.
            Some(FORM) => Err(Failure::CHECKSUM.into()),
            Some(_) => Err(Failure::CONTENT_TYPE.into()),
        }
    }
}
