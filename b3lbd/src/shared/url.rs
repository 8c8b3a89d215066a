//! `B3LB_REPLICA_URL`: where the store is.

use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

/// Where the copies of the database are, and with them the claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaUrl {
    /// `s3://bucket/path?endpoint=…&region=…`
    S3(S3Url),
    /// `file:///folder`
    Folder(PathBuf),
    /// Another URL of litestream, for backup, restore and following only.
    Other(Url),
}

/// A path in an S3 bucket. The keys come from the usual AWS variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Url {
    /// The bucket.
    pub bucket: String,
    /// The path in it, without slashes at its ends.
    pub path: String,
    /// The URL of a server other than Amazon's.
    pub endpoint: Option<String>,
    /// The region; `us-east-1` unless given.
    pub region: String,
}

/// Stores that litestream knows beside S3 and folders.
const OTHERS: [&str; 4] = ["sftp", "nats", "abs", "gs"];

impl FromStr for ReplicaUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = "must be a URL such as s3://bucket/path?endpoint=https://s3.example.org or file:///folder";
        let url = Url::parse(text).map_err(|_| rule)?;
        if url.password().is_some() {
            return Err("must not contain a password; give keys by the variables of the store, such as \
                        AWS_SECRET_ACCESS_KEY");
        }
        match url.scheme() {
            "s3" => parse_s3(&url).map(Self::S3),
            "file" => parse_folder(&url).map(Self::Folder),
            scheme if OTHERS.contains(&scheme) && url.has_host() => Ok(Self::Other(url)),
            _ => Err(rule),
        }
    }
}

fn parse_s3(url: &Url) -> Result<S3Url, &'static str> {
    let bucket = url.host_str().filter(|it| !it.is_empty()).ok_or("must name a bucket: s3://bucket/path")?;
    if url.port().is_some() || !url.username().is_empty() {
        return Err("must be s3://bucket/path; the server is given as ?endpoint=https://host:port");
    }
    let path = url.path().trim_matches('/');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.".contains(&b);
    if !path.bytes().all(plain) || path.split('/').any(|it| it == "." || it == "..") || path.contains("//") {
        return Err("must have a path of letters, digits, and / - _ .");
    }
    let mut found = S3Url {
        bucket: bucket.to_owned(),
        path: path.to_owned(),
        endpoint: None,
        region: "us-east-1".to_owned(),
    };
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "endpoint" => found.endpoint = Some(parse_endpoint(&value)?),
            "region" if !value.is_empty() => found.region = value.into_owned(),
            _ => return Err("knows the parameters endpoint and region only"),
        }
    }
    Ok(found)
}

fn parse_endpoint(text: &str) -> Result<String, &'static str> {
    let rule = "must have an endpoint such as https://s3.example.org:9000";
    let url = Url::parse(text).map_err(|_| rule)?;
    let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    let is_good = matches!(url.scheme(), "http" | "https") && url.has_host() && plain;
    if is_good { Ok(text.trim_end_matches('/').to_owned()) } else { Err(rule) }
}

fn parse_folder(url: &Url) -> Result<PathBuf, &'static str> {
    let rule = "must name a folder by its full path: file:///mounted/folder";
    if url.query().is_some() || url.fragment().is_some() || url.path() == "/" {
        return Err(rule);
    }
    url.to_file_path().map_err(|()| rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_places() {
        let url = "s3://classes/b3lb/one/?endpoint=http://127.0.0.1:9000/&region=eu-central-1";
        let ReplicaUrl::S3(found) = url.parse().unwrap() else { panic!("an S3 URL") };
        assert_eq!((found.bucket.as_str(), found.path.as_str()), ("classes", "b3lb/one"));
        assert_eq!(found.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(found.region, "eu-central-1");
        assert_eq!("file:///srv/b3lb".parse(), Ok(ReplicaUrl::Folder("/srv/b3lb".into())));
        assert!(matches!("sftp://me@host/path".parse(), Ok(ReplicaUrl::Other(_))));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let rule = |url: &str| url.parse::<ReplicaUrl>().unwrap_err();
        assert!(rule("b3lb").contains("must be a URL"));
        assert!(rule("https://host/bucket").contains("must be a URL"));
        assert!(rule("s3://me:secret@bucket/x").contains("password"));
        assert!(rule("s3:///path").contains("bucket"));
        assert!(rule("s3://bucket:9000/path").contains("endpoint"));
        assert!(rule("s3://bucket/a%20b").contains("path"));
        assert!(rule("s3://bucket/a?endpoint=host").contains("endpoint"));
        assert!(rule("s3://bucket/a?regoin=x").contains("parameters"));
        assert!(rule("file://host/folder").contains("full path"));
        assert!(rule("file:///").contains("full path"));
    }
}
