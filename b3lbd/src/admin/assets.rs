//! Assets: slides, logos and CSS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rpc::{AdminError, AdminResult, AssetCheck, AssetFile};
use sha2::{Digest, Sha256};

use super::Context;
use super::context::Lookup;
use super::operator::Operator;
use crate::model::{AssetKind, AssetMeta, Catalog, MAX_INLINE_SLIDE, Subject, Tenant, base64_length};
use crate::store::{Edit, NewAsset};

/// Maximum size of an asset, in bytes.
const MAX_SIZE: usize = 32 * 1024 * 1024;
/// BBB's default limit for presentations, in bytes.
const BBB_UPLOAD_LIMIT: u32 = 30_000_000;

/// File extension, content type, and the magic bytes of the format.
type Format = (&'static str, &'static str, &'static [u8]);

const PICTURES: [Format; 5] = [
    ("png", "image/png", b"\x89PNG"),
    ("jpg", "image/jpeg", b"\xff\xd8\xff"),
    ("jpeg", "image/jpeg", b"\xff\xd8\xff"),
    ("gif", "image/gif", b"GIF8"),
    ("svg", "image/svg+xml", b""),
];
const SLIDES: [Format; 7] = [
    ("pdf", "application/pdf", b"%PDF"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", b"PK"),
    ("ppt", "application/vnd.ms-powerpoint", b"\xd0\xcf\x11\xe0"),
    ("odp", "application/vnd.oasis.opendocument.presentation", b"PK"),
    ("png", "image/png", b"\x89PNG"),
    ("jpg", "image/jpeg", b"\xff\xd8\xff"),
    ("jpeg", "image/jpeg", b"\xff\xd8\xff"),
];
const STYLES: [Format; 1] = [("css", "text/css; charset=utf-8", b"")];

fn formats(kind: AssetKind) -> &'static [Format] {
    match kind {
        AssetKind::Slide => &SLIDES,
        AssetKind::Logo => &PICTURES,
        AssetKind::Css => &STYLES,
    }
}

pub(super) async fn set(
    operator: &Operator,
    tenant: &str,
    files: &[AssetFile],
) -> AdminResult<Vec<AssetCheck>> {
    let slug = operator.context.catalog().tenant(tenant)?.slug.clone();
    let assets = files.iter().map(check).collect::<AdminResult<Vec<_>>>()?;
    let owner = slug.clone();
    let plan =
        move |_: &Catalog| Ok(assets.into_iter().map(|asset| Edit::SetAsset(owner.clone(), asset)).collect());
    operator.change("asset set", Subject::Tenant(slug), plan).await?;
    of_tenant(&operator.context, tenant)
}

/// Validates and decodes an uploaded asset.
pub(super) fn check(file: &AssetFile) -> AdminResult<NewAsset> {
    let kind = file.kind;
    let field = kind.as_str();
    let content = STANDARD.decode(&file.base64).map_err(|_| AdminError::invalid(field, "must be base64"))?;
    if content.is_empty() || content.len() > MAX_SIZE {
        return Err(AdminError::invalid(field, "a file of 1 byte to 32 MiB"));
    }
    let name = &file.file_name;
    if name.is_empty() || name.len() > 200 || name.contains(['/', '\\']) || name.chars().any(char::is_control)
    {
        return Err(AdminError::invalid(
            field,
            "the file name has 1-200 characters, no folders, no control characters",
        ));
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let format = formats(kind).iter().find(|(it, ..)| *it == ending);
    let Some((_, content_type, begin)) = format else {
        let endings: Vec<_> = formats(kind).iter().map(|(it, ..)| *it).collect();
        return Err(AdminError::invalid(field, &format!("the file name must end in {}", endings.join(", "))));
    };
    if !content.starts_with(begin) {
        return Err(AdminError::invalid(field, &format!("{name} does not look like {ending}")));
    }
    let meta = AssetMeta {
        file_name: name.clone(),
        content_type: (*content_type).to_owned(),
        size: u32::try_from(content.len()).unwrap_or(u32::MAX),
        digest: hex::encode(Sha256::digest(&content)),
    };
    Ok(NewAsset { kind, meta, content })
}

pub(super) async fn remove(
    operator: &Operator,
    tenant: &str,
    kinds: &[AssetKind],
) -> AdminResult<Vec<AssetCheck>> {
    let slug = operator.context.catalog().tenant(tenant)?.slug.clone();
    let kinds: Vec<_> = kinds.to_vec();
    let owner = slug.clone();
    let plan = move |catalog: &Catalog| {
        let found = catalog.tenant(owner.as_str())?;
        if let Some(missing) = kinds.iter().find(|kind| !found.assets.contains_key(kind)) {
            return Err(AdminError::not_found(missing.as_str(), &format!("of tenant {owner}")));
        }
        Ok(kinds.into_iter().map(|kind| Edit::RemoveAsset(owner.clone(), kind)).collect())
    };
    operator.change("asset rm", Subject::Tenant(slug), plan).await?;
    of_tenant(&operator.context, tenant)
}

pub(super) fn list(context: &Context, tenant: Option<&str>) -> AdminResult<Vec<AssetCheck>> {
    match tenant {
        Some(slug) => of_tenant(context, slug),
        None => Ok(context.catalog().tenants.values().flat_map(|it| views(it)).collect()),
    }
}

/// The sort key of assets in lists.
pub(super) fn order(asset: &AssetCheck) -> String {
    format!("{} {}", asset.tenant, asset.kind as u8)
}

fn of_tenant(context: &Context, slug: &str) -> AdminResult<Vec<AssetCheck>> {
    Ok(views(context.catalog().tenant(slug)?))
}

fn views(tenant: &Tenant) -> Vec<AssetCheck> {
    let view = |(kind, meta): (&AssetKind, &AssetMeta)| AssetCheck {
        tenant: tenant.slug.to_string(),
        kind: *kind,
        file_name: meta.file_name.clone(),
        size: meta.size.into(),
        content_type: meta.content_type.clone(),
        inline: *kind == AssetKind::Slide && base64_length(meta.size) <= MAX_INLINE_SLIDE,
        problems: problems(*kind, meta),
    };
    tenant.assets.iter().map(view).collect()
}

fn problems(kind: AssetKind, meta: &AssetMeta) -> Vec<String> {
    let too_large = kind == AssetKind::Slide && meta.size > BBB_UPLOAD_LIMIT;
    too_large.then(|| "larger than BBB accepts by default (30 MB)".to_owned()).into_iter().collect()
}
