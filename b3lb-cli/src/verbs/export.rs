//! `export`: the whole configuration as one TOML file

use rpc::ExportOptions;
use rpc_client::Failure;
use serde_json::json;

use crate::app::App;
use crate::args::config::Export;
use crate::config_file;
use crate::draft::{self, Draft};
use crate::out::{document, print};

pub(super) async fn run(app: &App, export: Export) -> Result<(), Failure> {
    let options =
        ExportOptions { secrets: export.with_secrets, assets: export.with_assets, state: export.with_state };
    let mode = if options.secrets { draft::PRIVATE } else { draft::PUBLIC };
    let draft = match &export.file {
        Some(file) => Some(Draft::begin(app, "export", file, mode).await?),
        None => None,
    };
    let daemon = app.connect().await?;
    let config = daemon.call(|client, deadline| client.config_export(deadline, options)).await?;
    match (draft, export.file) {
        (Some(mut draft), Some(file)) => {
            draft.write(config_file::write(&config, options)?.as_bytes())?;
            draft.finish()?;
            let file = file.display().to_string();
            app.out.changed(&json!({"file": file}), &[format!("Configuration written to {file}")])
        }
        _ if app.out.is_json() => document(&config),
        _ => print(config_file::write(&config, options)?.trim_end()),
    }
}
