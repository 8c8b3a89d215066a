//! `secret add|set|rm|list|show|rotate|promote|drop-second`

use rpc::{SecretChange, SecretSpec};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::secret::{SecretAdd, SecretList, SecretSet, SecretVerb};
use crate::ask;
use crate::text::count;

const COLUMNS: &[&str] = &["name", "hostname", "attendee_limit", "meeting_limit", "has_second"];

pub(super) async fn run(app: &App, verb: SecretVerb) -> Result<(), Failure> {
    match verb {
        SecretVerb::Add(add) => self::add(app, add).await,
        SecretVerb::Set(set) => self::set(app, set).await,
        SecretVerb::Rm(named) => remove(app, named.name).await,
        SecretVerb::List(list) => self::list(app, list).await,
        SecretVerb::Show(named) => {
            let daemon = app.connect().await?;
            app.out.show(&daemon.call(|client, deadline| client.secret_show(deadline, named.name)).await?)
        }
        SecretVerb::Rotate(named) => {
            let daemon = app.connect().await?;
            let new = daemon.call(|client, deadline| client.secret_rotate(deadline, named.name)).await?;
            let lines = [
                format!("Secret {} has a second key", new.view.name),
                format!("second secret: {}", new.secret.reveal()),
                format!("next, once its users have that: b3lb-cli secret promote {}", new.view.name),
            ];
            app.out.changed(&new, &lines)
        }
        SecretVerb::Promote(named) => {
            let daemon = app.connect().await?;
            let new = daemon.call(|client, deadline| client.secret_promote(deadline, named.name)).await?;
            let lines = [
                format!("Secret {}: the second key is now the first", new.view.name),
                format!("next, once nobody uses the old one: b3lb-cli secret drop-second {}", new.view.name),
            ];
            app.out.changed(&new, &lines)
        }
        SecretVerb::DropSecond(named) => drop_second(app, named.name).await,
    }
}

async fn add(app: &App, add: SecretAdd) -> Result<(), Failure> {
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
    let daemon = app.connect().await?;
    let new = daemon.call(|client, deadline| client.secret_add(deadline, spec)).await?;
    let mut lines =
        vec![format!("Secret {} added", new.view.name), format!("hostname: {}", new.view.hostname)];
    if generated {
        lines.push(format!("secret: {}", new.secret.reveal()));
    }
    app.out.changed(&new, &lines)
}

async fn set(app: &App, set: SecretSet) -> Result<(), Failure> {
    let (attendee_limit, meeting_limit) = (set.change.attendee_limit, set.change.meeting_limit);
    let words = [
        attendee_limit.map(|limit| format!("attendee limit {limit}")),
        meeting_limit.map(|limit| format!("meeting limit {limit}")),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    let change = SecretChange { attendee_limit, meeting_limit };
    let daemon = app.connect().await?;
    let view = daemon.call(|client, deadline| client.secret_set(deadline, set.named.name, change)).await?;
    app.out.changed(&view, &[format!("Secret {} changed: {}", view.name, words.join(", "))])
}

async fn list(app: &App, list: SecretList) -> Result<(), Failure> {
    let tenant = list.tenant.or(list.of_tenant);
    let daemon = app.connect().await?;
    let secrets =
        daemon.all(|client, deadline, page| client.secret_list(deadline, tenant.clone(), page)).await?;
    app.out.list(&secrets, COLUMNS, list.sort.as_ref())
}

async fn remove(app: &App, name: String) -> Result<(), Failure> {
    let ask = app.has_to_ask("secret rm")?;
    let daemon = app.connect().await?;
    if ask {
        let view = daemon.call(|client, deadline| client.secret_show(deadline, name.clone())).await?;
        let (name, host) = (clean(&view.name), clean(&view.hostname));
        let keys = count(if view.has_second { 2 } else { 1 }, "key");
        ask::confirm(&format!("Remove secret {name} with {keys}? Clients of {host} are refused then."))
            .await?;
    }
    let view = daemon.call(|client, deadline| client.secret_rm(deadline, name)).await?;
    app.out.changed(&view, &[format!("Secret {} removed", view.name)])
}

async fn drop_second(app: &App, name: String) -> Result<(), Failure> {
    let ask = app.has_to_ask("secret drop-second")?;
    let daemon = app.connect().await?;
    if ask {
        let view = daemon.call(|client, deadline| client.secret_show(deadline, name.clone())).await?;
        let name = clean(&view.name);
        let question =
            format!("Remove 1 of 2 keys, the second, of secret {name}? Its users are refused then.");
        ask::confirm(&question).await?;
    }
    let view = daemon.call(|client, deadline| client.secret_drop_second(deadline, name)).await?;
    app.out.changed(&view, &[format!("Secret {}: the second key is removed", view.name)])
}
