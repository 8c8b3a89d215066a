//! `promote`: a replica becomes the primary

use rpc::AdminClient;

use crate::app::App;
use crate::exit::Failure;

pub(super) async fn run(app: &App) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let hello = daemon.call(AdminClient::promote).await?;
    let line = format!("The daemon at {} is now the {}", daemon.place(), hello.role.as_str());
    app.out.changed(&hello, &[line])
}
