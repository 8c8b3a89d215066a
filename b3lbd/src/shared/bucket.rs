//! A path in an S3 bucket.

use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig,
    UpdateVersion,
};

use super::{S3Url, SharedError, Version, Written};
use crate::tls::use_ring;

/// Time for a connection.
const CONNECT: Duration = Duration::from_secs(4);

#[derive(Debug)]
pub(super) struct Bucket {
    client: Arc<AmazonS3>,
    name: String,
    path: String,
}

impl Bucket {
    pub(super) fn new(url: &S3Url, variable: impl Fn(&str) -> Option<String>) -> Result<Self, SharedError> {
        use_ring();
        // A repeated write whose first answer was lost would be refused because of itself.
        let once =
            RetryConfig { max_retries: 0, retry_timeout: super::PATIENCE, backoff: BackoffConfig::default() };
        let options = ClientOptions::new()
            .with_connect_timeout(CONNECT)
            .with_timeout(super::PATIENCE)
            .with_allow_http(url.endpoint.as_ref().is_some_and(|it| it.starts_with("http://")));
        let mut builder = AmazonS3Builder::new()
            .with_client_options(options)
            .with_bucket_name(&url.bucket)
            .with_region(&url.region)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_retry(once);
        if let Some(endpoint) = &url.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let (Some(id), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
            if let Some(token) = variable("AWS_SESSION_TOKEN") {
                builder = builder.with_token(token);
            }
        } else {
            let what = "both variables must be set".to_owned();
            return Err(SharedError::Denied(what));
        }
        let client = Arc::new(builder.build().map_err(|error| SharedError::Other(error.to_string()))?);
        Ok(Self { client, name: url.bucket.clone(), path: url.path.clone() })
    }

    pub(super) async fn read(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, SharedError> {
        let found = match self.client.get(&self.place(name)).await {
            Ok(found) => found,
            // A missing bucket is told by the list of claims, which is asked first.
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.explain(&error)),
        };
        let tag = found.meta.e_tag.clone().unwrap_or_default();
        let bytes = found.bytes().await.map_err(|error| self.explain(&error))?;
        Ok(Some((bytes.to_vec(), Version::ETag(tag))))
    }

    /// The names under a path.
    pub(super) async fn list(&self, under: &str) -> Result<Vec<String>, SharedError> {
        let found: Vec<_> = self
            .client
            .list(Some(&self.place(under)))
            .try_collect()
            .await
            .map_err(|error| self.explain(&error))?;
        Ok(found.iter().filter_map(|it| it.location.filename().map(str::to_owned)).collect())
    }

    pub(super) async fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Written, SharedError> {
        self.put(name, PutMode::Create, bytes).await
    }

    pub(super) async fn replace(
        &self,
        name: &str,
        old: Option<Version>,
        bytes: Vec<u8>,
    ) -> Result<Written, SharedError> {
        let mode = match old {
            None => PutMode::Create,
            Some(Version::ETag(tag)) => PutMode::Update(UpdateVersion { e_tag: Some(tag), version: None }),
            Some(Version::Number(_)) => return Ok(Written::Refused),
        };
        self.put(name, mode, bytes).await
    }

    /// Removes an object of a check. Its failure leaves an object that nobody reads.
    pub(super) async fn remove(&self, name: &str) {
        if let Err(error) = self.client.delete(&self.place(name)).await {
            tracing::debug!(%error, name, "an object of a check of the store stays");
        }
    }

    async fn put(&self, name: &str, mode: PutMode, bytes: Vec<u8>) -> Result<Written, SharedError> {
        let options = PutOptions { mode, ..PutOptions::default() };
        match self.client.put_opts(&self.place(name), bytes.into(), options).await {
            Ok(_) => Ok(Written::Yes),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(Written::Refused),
            Err(error) => Err(self.explain(&error)),
        }
    }

    fn place(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.path))
    }

    fn explain(&self, error: &Error) -> SharedError {
        let text = error.to_string();
        // The client does not pass on the codes of all answers, but the answer itself.
        let code = element(&text, "Code");
        let denied = ["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"];
        match (error, code) {
            (_, Some("NoSuchBucket")) | (Error::NotFound { .. }, _) => {
                SharedError::Missing(format!("the bucket {}", self.name))
            }
            (_, Some(code)) if denied.contains(&code) => SharedError::Denied(code.to_owned()),
            (Error::PermissionDenied { .. } | Error::Unauthenticated { .. }, code) => {
                SharedError::Denied(code.unwrap_or("no reason given").to_owned())
            }
            (_, Some(code)) => {
                SharedError::Other(format!("{code}: {}", element(&text, "Message").unwrap_or_default()))
            }
            (_, None) => SharedError::Other(text),
        }
    }
}

/// The content of an element in the XML of an answer.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(content, _)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_advice() {
        let url =
            S3Url { bucket: "b".to_owned(), path: String::new(), endpoint: None, region: String::new() };
        let bucket = Bucket::new(&url, |_| Some("k".to_owned())).unwrap();
        let told = |xml: &str| {
            bucket.explain(&Error::Generic { store: "S3", source: xml.to_owned().into() }).to_string()
        };
        assert!(
            told("403: <Error><Code>SignatureDoesNotMatch</Code></Error>").contains("AWS_SECRET_ACCESS_KEY")
        );
        assert!(
            told("404: <Error><Code>NoSuchBucket</Code></Error>").contains("the bucket b does not exist")
        );
        let slow = told("503: <Error><Code>SlowDown</Code><Message>Later</Message></Error>");
        assert_eq!(slow, "the store fails: SlowDown: Later");
    }
}
