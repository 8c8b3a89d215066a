//! `api-mate`: a link that can call a tenant or a node

use rpc_client::Failure;
use serde_json::json;

use crate::app::App;

pub(super) async fn run(app: &App, name: String) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let link = daemon.call(|client, deadline| client.api_mate(deadline, name)).await?;
    app.out.changed(&json!({"link": link}), &[link.reveal().to_owned()])
}
