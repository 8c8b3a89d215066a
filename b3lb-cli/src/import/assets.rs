//! Slides, logos and style sheets. The old database stores each file in a record of its own, encoded in
//! base64, which the dump encodes in base64 again. The tenant's asset refers to it by its stored name.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rpc::{AssetConfig, AssetKind, TenantConfig};
use sha2::{Digest as _, Sha256};

use super::dump::Dump;
use super::record::{Found, Record};
use super::report::Report;

/// Models that hold files.
const FILES: [&str; 3] = ["rest.assetslide", "rest.assetlogo", "rest.assetcustomcss"];
/// Fields of an asset that refer to a file.
const FIELDS: [(&str, AssetKind); 3] =
    [("slide", AssetKind::Slide), ("logo", AssetKind::Logo), ("custom_css", AssetKind::Css)];

/// Adds the tenants' assets. A broken file does not affect the other two.
pub(super) fn add(dump: &mut Dump, tenants: &mut Found<TenantConfig>, report: &mut Report) {
    let records: Vec<_> = FILES.iter().flat_map(|model| dump.take(model)).collect();
    let mut files = Files::new(&records, report);
    for record in dump.take("rest.asset") {
        match tenants.with_key("tenant", &record.pk) {
            Ok(tenant) => {
                for (field, kind) in FIELDS {
                    match files.asset(&record, field, kind, &tenant.slug) {
                        Ok(asset) => tenant.assets.extend(asset),
                        Err(reason) => report
                            .broken
                            .push(record.broken(format!("{reason} (asset of tenant {})", tenant.slug))),
                    }
                }
            }
            Err(reason) => report.broken.push(record.broken(reason)),
        }
    }
    for (model, count) in files.unused() {
        report.leave(model, count, "no tenant that arrives uses these files");
    }
}

/// Files by stored name, such as `rest.AssetSlide/blob/filename/mimetype/welcome.pdf`.
struct Files<'a>(BTreeMap<String, File<'a>>);

struct File<'a> {
    record: &'a Record,
    used: bool,
}

impl<'a> Files<'a> {
    fn new(records: &'a [Record], report: &mut Report) -> Self {
        let named = report.collect(records, |record| Ok((record.text("filename")?, record)));
        let file = |(_, (stored, record))| (stored, File { record, used: false });
        Self(named.into_iter().map(file).collect())
    }

    /// The asset that this field of a tenant's record refers to, if any.
    fn asset(
        &mut self,
        record: &Record,
        field: &str,
        kind: AssetKind,
        slug: &str,
    ) -> Result<Option<AssetConfig>, String> {
        let Some(stored) = record.optional_text(field)? else { return Ok(None) };
        let file = self.0.get_mut(&stored);
        let file = file.ok_or_else(|| format!("{field}: the file {stored} is not in the dump"))?;
        file.used = true;
        let content = content(file.record).map_err(|reason| format!("{field}: {stored}: {reason}"))?;
        let own = stored.rsplit('/').next().unwrap_or(&stored);
        let file_name = match kind {
            AssetKind::Slide => slide_name(own, record.optional_text("slide_filename")?, slug),
            AssetKind::Logo | AssetKind::Css => own.to_owned(),
        };
        Ok(Some(AssetConfig {
            kind,
            file_name,
            sha256: hex::encode(Sha256::digest(&content)),
            base64: Some(STANDARD.encode(content).into()),
        }))
    }

    /// The number of files per model that no tenant uses.
    fn unused(&self) -> BTreeMap<&'a str, usize> {
        let mut counts = BTreeMap::new();
        for file in self.0.values().filter(|file| !file.used) {
            *counts.entry(file.record.model.as_str()).or_default() += 1;
        }
        counts
    }
}

fn content(file: &Record) -> Result<Vec<u8>, String> {
    let stored = STANDARD.decode(file.text("blob")?).map_err(|_| "blob: must be base64".to_owned())?;
    STANDARD.decode(stored.trim_ascii()).map_err(|_| "blob: must contain base64".to_owned())
}

/// Attendees see the name of a slide: the operator's name for it, or slug and extension. The extension is
/// always the file's own, because it determines the content type.
fn slide_name(own: &str, shown: Option<String>, slug: &str) -> String {
    let Some((_, ending)) = own.rsplit_once('.') else { return own.to_owned() };
    let has_ending =
        |name: &str| name.rsplit_once('.').is_some_and(|(_, its_own)| its_own.eq_ignore_ascii_case(ending));
    match shown {
        Some(name) if has_ending(&name) => name,
        Some(name) => format!("{name}.{ending}"),
        None => format!("{}.{ending}", slug.to_lowercase()),
    }
}
