//! A tenant's start slide, logo and custom CSS.

use serde::{Deserialize, Serialize};

/// The three assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// The presentation that a meeting begins with.
    Slide,
    /// The picture in the client's corner.
    Logo,
    /// Style sheet of the client.
    Css,
}

impl AssetKind {
    /// All three, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Slide, Self::Logo, Self::Css];

    /// The word for it, as in URLs and options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slide => "slide",
            Self::Logo => "logo",
            Self::Css => "css",
        }
    }
}

/// A file to be stored as an asset.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFile {
    /// Which asset.
    pub kind: AssetKind,
    /// Name without folders; its ending tells the content type.
    pub file_name: String,
    /// The content, in base64.
    pub base64: String,
}

impl std::fmt::Debug for AssetFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AssetFile({} {}, {} in base64)", self.kind.as_str(), self.file_name, self.base64.len())
    }
}

/// What `checkslides` tells of a tenant's asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetCheck {
    /// Slug of the tenant.
    pub tenant: String,
    /// Which asset.
    pub kind: AssetKind,
    /// Stored file name.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// Content type.
    pub content_type: String,
    /// A slide goes inside the create call; else nodes fetch it by URL.
    pub inline: bool,
    /// What is wrong with it, in words.
    pub problems: Vec<String>,
}
