//! A tenant's start slide, logo and custom CSS.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The kinds of asset.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    PartialOrd,
    Ord,
    Hash,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssetKind {
    /// The presentation that a meeting begins with.
    Slide,
    /// The picture in the client's corner.
    Logo,
    /// Style sheet of the client.
    Css,
}

impl AssetKind {
    /// The name used in JSON, URLs, options and the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A file to be stored as an asset.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFile {
    /// The kind of asset.
    pub kind: AssetKind,
    /// File name without folders. The extension determines the content type.
    pub file_name: String,
    /// The content, in base64.
    pub base64: String,
}

impl std::fmt::Debug for AssetFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AssetFile({} {}, {} in base64)", self.kind.as_str(), self.file_name, self.base64.len())
    }
}

/// What `checkslides` reports about a tenant's asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetCheck {
    /// Slug of the tenant.
    pub tenant: String,
    /// The kind of asset.
    pub kind: AssetKind,
    /// Stored file name.
    pub file_name: String,
    /// Size in bytes.
    pub size: u64,
    /// Content type.
    pub content_type: String,
    /// Whether a slide is sent inside the create call. Otherwise nodes fetch it by URL.
    pub inline: bool,
    /// Problems found, in words.
    pub problems: Vec<String>,
}
