//! `secret add|list|show|rotate|promote|drop-second`

use rpc::SecretSpec;

use crate::app::{App, Daemon};
use crate::args::secret::{SecretAdd, SecretVerb};
use crate::ask;
use crate::exit::Failure;

const COLUMNS: &[&str] = &["name", "hostname", "attendee_limit", "meeting_limit", "has_second"];

pub(super) async fn run(app: &App, verb: SecretVerb) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    match verb {
        SecretVerb::Add(add) => self::add(app, &daemon, add).await,
        SecretVerb::List { tenant } => {
            app.out.list(&daemon.client.secret_list(daemon.deadline(), tenant).await??, COLUMNS)
        }
        SecretVerb::Show(named) => {
            app.out.show(&daemon.client.secret_show(daemon.deadline(), named.name).await??)
        }
        SecretVerb::Rotate(named) => {
            let new = daemon.client.secret_rotate(daemon.deadline(), named.name).await??;
            let lines = [
                format!("Secret {} has a second key", new.view.name),
                format!("second secret: {}", new.secret.reveal()),
            ];
            app.out.changed(&new, &lines)
        }
        SecretVerb::Promote(named) => {
            let new = daemon.client.secret_promote(daemon.deadline(), named.name).await??;
            app.out.changed(&new, &[format!("Secret {}: the second key is now the first", new.view.name)])
        }
        SecretVerb::DropSecond(named) => {
            let view = daemon.client.secret_drop_second(daemon.deadline(), named.name).await??;
            app.out.changed(&view, &[format!("Secret {}: the second key is removed", view.name)])
        }
    }
}

async fn add(app: &App, daemon: &Daemon, add: SecretAdd) -> Result<(), Failure> {
    let given = match add.secret {
        Some(argument) => Some(ask::secret(argument).await?),
        None => None,
    };
    let generated = given.is_none();
    let spec = SecretSpec {
        tenant: add.tenant,
        sub_id: add.sub_id,
        secret: given,
        attendee_limit: add.attendee_limit,
        meeting_limit: add.meeting_limit,
    };
    let new = daemon.client.secret_add(daemon.deadline(), spec).await??;
    let mut lines =
        vec![format!("Secret {} added", new.view.name), format!("hostname: {}", new.view.hostname)];
    if generated {
        lines.push(format!("secret: {}", new.secret.reveal()));
    }
    app.out.changed(&new, &lines)
}
