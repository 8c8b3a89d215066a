//! `asset set|rm|list`

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rpc::{AssetCheck, AssetFile, AssetKind, wire};
use rpc_client::{Exit, Failure, clean};
use strum::VariantArray;

use crate::app::App;
use crate::args::asset::{AssetRm, AssetVerb, Files, Kinds};
use crate::ask;
use crate::daemon::Daemon;
use crate::text::count;

const COLUMNS: &[&str] = &["tenant", "kind", "file_name", "size", "content_type", "inline", "problems"];

/// Room in a message for everything but the files, in bytes.
const ENVELOPE: usize = 64 * 1024;

pub(super) async fn run(app: &App, verb: AssetVerb) -> Result<(), Failure> {
    match verb {
        AssetVerb::Set(set) => {
            let files = read_all(set.files).await?;
            let kinds: Vec<_> = files.iter().map(|file| file.kind).collect();
            let daemon = app.connect().await?;
            let checks =
                daemon.call(|client, deadline| client.asset_set(deadline, set.tenant, files)).await?;
            let stored = checks.iter().filter(|check| kinds.contains(&check.kind));
            app.out.changed(&checks, &stored.map(in_words).collect::<Vec<_>>())
        }
        AssetVerb::Rm(rm) => remove(app, rm).await,
        AssetVerb::List { tenant, sort } => {
            let daemon = app.connect().await?;
            app.out.list(&list(&daemon, tenant).await?, COLUMNS, sort.as_ref())
        }
    }
}

/// Stored assets, of all tenants or one.
pub(super) async fn list(daemon: &Daemon, tenant: Option<String>) -> Result<Vec<AssetCheck>, Failure> {
    daemon.all(|client, deadline, page| client.asset_list(deadline, tenant.clone(), page)).await
}

async fn remove(app: &App, rm: AssetRm) -> Result<(), Failure> {
    let ask = app.has_to_ask("asset rm")?;
    let (tenant, kinds) = (rm.tenant, kinds(&rm.kinds));
    let daemon = app.connect().await?;
    if ask {
        let mut stored = list(&daemon, Some(tenant.clone())).await?;
        stored.retain(|it| kinds.contains(&it.kind));
        let names: Vec<_> =
            stored.iter().map(|it| format!("{} {}", it.kind.as_str(), clean(&it.file_name))).collect();
        let assets = count(stored.len() as u64, "asset");
        ask::confirm(&format!("Remove {assets} of tenant {} ({})?", clean(&tenant), names.join(", ")))
            .await?;
    }
    let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    let line = format!("Assets of tenant {tenant} removed: {}", names.join(", "));
    let left = daemon.call(|client, deadline| client.asset_rm(deadline, tenant, kinds)).await?;
    app.out.changed(&left, &[line])
}

fn kinds(kinds: &Kinds) -> Vec<AssetKind> {
    let wanted = |kind: &AssetKind| match kind {
        AssetKind::Slide => kinds.slide,
        AssetKind::Logo => kinds.logo,
        AssetKind::Css => kinds.css,
    };
    AssetKind::VARIANTS.iter().copied().filter(wanted).collect()
}

async fn read_all(files: Files) -> Result<Vec<AssetFile>, Failure> {
    let Files { slide, logo, css } = files;
    let mut read = Vec::new();
    for (kind, path) in [(AssetKind::Slide, slide), (AssetKind::Logo, logo), (AssetKind::Css, css)] {
        if let Some(path) = path {
            read.push(self::read(kind, &path).await?);
        }
    }
    let size: usize = read.iter().map(|file: &AssetFile| file.base64.len()).sum();
    if size + ENVELOPE > wire::MAX_FRAME {
        return Err(Failure::new(Exit::Failed, "invalid", "the files are too large for one call")
            .hint("set one asset at a time"));
    }
    Ok(read)
}

async fn read(kind: AssetKind, path: &Path) -> Result<AssetFile, Failure> {
    let content = tokio::fs::read(path)
        .await
        .map_err(|error| Failure::io(format_args!("read {}", path.display()), error))?;
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(AssetFile { kind, file_name, base64: STANDARD.encode(content) })
}

fn in_words(check: &AssetCheck) -> String {
    let AssetCheck { tenant, kind, file_name, size, content_type, .. } = check;
    let problems = match check.problems.as_slice() {
        [] => String::new(),
        problems => format!("; problems: {}", problems.join("; ")),
    };
    format!(
        "{} of tenant {tenant} stored: {file_name}, {size} bytes, {content_type}{problems}",
        kind.as_str()
    )
}
