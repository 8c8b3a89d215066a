//! `promote`: a replica becomes the primary

use rpc::AdminClient;
use rpc_client::Failure;

use crate::app::App;

pub(super) async fn run(app: &App) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let hello = daemon.call(AdminClient::promote).await?;
    let line = format!("The daemon at {} is now the {}", daemon.place(), hello.role.as_str());
    app.out.changed(&hello, &[line])
}
