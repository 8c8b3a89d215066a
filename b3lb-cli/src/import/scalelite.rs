//! Converts what Scalelite tells of its servers and tenants: the text of its rake tasks, or the JSON of its API.

use rpc::{ClusterSpec, Configuration, GroupConfig, NodeConfig, SecretConfig, Sensitive, TenantConfig};
use serde_json::{Deserializer, Value};

use super::report::{Broken, Report};
use super::{Import, sort};

/// Name of the cluster, and of the group, that all nodes and tenants come to.
const POOL: &str = "scalelite";
/// Begins the list of `rake tenants:showall`.
const TENANTS: &str = "TenantID, Name, Secrets";

/// A server of Scalelite.
#[derive(Debug, Default, PartialEq, Eq)]
struct Server {
    id: String,
    url: String,
    secret: String,
    /// `enabled`, `cordoned` or `disabled`.
    state: String,
    multiplier: String,
}

/// A tenant of Scalelite.
#[derive(Debug, PartialEq, Eq)]
struct Tenant {
    id: String,
    name: String,
    /// One or more, separated by colons.
    secrets: String,
}

/// Converts the output of `rake servers` and `rake tenants:showall`, or of `getServers` and `getTenants`, one after
/// the other in either order.
///
/// Returns an error if the text has neither servers nor tenants.
pub(crate) fn convert(text: &str) -> Result<Import, String> {
    let mut report = Report::default();
    let (servers, tenants) = if text.trim_start().starts_with(['[', '{']) {
        from_json(text)?
    } else {
        from_rake(text, &mut report)
    };
    if servers.is_empty() && tenants.is_empty() {
        return Err("has no servers and no tenants of Scalelite".to_owned());
    }
    let mut configuration = Configuration {
        clusters: vec![ClusterSpec::named(POOL)],
        groups: vec![GroupConfig {
            name: POOL.to_owned(),
            description: String::new(),
            clusters: vec![POOL.to_owned()],
        }],
        ..Configuration::default()
    };
    for server in servers {
        match node(&server, &mut report) {
            Ok(node) => configuration.nodes.push(node),
            Err(reason) => report.broken.push(broken("server", server.id, server.url, reason)),
        }
    }
    for it in tenants {
        match tenant(&it, &mut report) {
            Ok(tenant) => configuration.tenants.push(tenant),
            Err(reason) => report.broken.push(broken("tenant", it.id, it.name, reason)),
        }
    }
    if configuration.tenants.is_empty() {
        let note =
            "there are no tenants: make one with LOADBALANCER_SECRET as its secret, with b3lb-cli apply";
        report.notes.push(note.to_owned());
    }
    sort(&mut configuration);
    report.count(&configuration, &[]);
    Ok(Import { configuration, meetings: Vec::new(), report })
}

fn broken(model: &str, pk: String, name: String, reason: &str) -> Broken {
    let name = Some(name).filter(|it| !it.is_empty());
    Broken { model: model.to_owned(), pk, name, reason: reason.to_owned() }
}

fn node(server: &Server, report: &mut Report) -> Result<NodeConfig, &'static str> {
    let (scheme, rest) = server.url.split_once("://").ok_or("its URL has no scheme")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (slug, domain) = host.split_once('.').ok_or("its URL has no host with a domain")?;
    if slug.is_empty() || domain.is_empty() {
        return Err("its URL has no host with a domain");
    }
    if server.secret.is_empty() {
        return Err("it has no secret");
    }
    if scheme != "https" {
        report.notes.push(format!("{host} has the scheme {scheme}: see B3LB_NODE_PROTOCOL"));
    }
    if path.trim_end_matches('/') != "bigbluebutton/api" {
        report.notes.push(format!("{host} has the path /{path}: see B3LB_NODE_BBB_ENDPOINT"));
    }
    if server.multiplier.parse::<f64>().is_ok_and(|it| (it - 1.0).abs() > f64::EPSILON) {
        let text = format!("{host} has the load multiplier {}, which is left out", server.multiplier);
        report.notes.push(format!("{text}: nodes of other sizes belong to a cluster of their own"));
    }
    Ok(NodeConfig {
        slug: slug.to_owned(),
        domain: Some(domain.to_owned()),
        cluster: POOL.to_owned(),
        maintenance: Some(server.state != "enabled"),
        secret: Some(Sensitive::from(server.secret.as_str())),
    })
}

fn tenant(tenant: &Tenant, report: &mut Report) -> Result<TenantConfig, &'static str> {
    let mut keys = tenant.secrets.split(':').filter(|it| !it.is_empty()).map(Sensitive::from);
    let secret = keys.next().ok_or("it has no secret")?;
    let second_secret = keys.next();
    let more = keys.count();
    if more > 0 {
        report.leave(
            &format!("secrets of {} after the second", tenant.name),
            more,
            "a secret has two keys at most",
        );
    }
    let first =
        SecretConfig { sub_id: 0, attendee_limit: 0, meeting_limit: 0, secret: Some(secret), second_secret };
    Ok(TenantConfig {
        slug: tenant.name.to_uppercase(),
        group: POOL.to_owned(),
        description: String::new(),
        attendee_limit: 0,
        meeting_limit: 0,
        stats_token: None,
        secrets: vec![first],
        parameters: Vec::new(),
        assets: Vec::new(),
    })
}

/// Reads the output of the rake tasks.
fn from_rake(text: &str, report: &mut Report) -> (Vec<Server>, Vec<Tenant>) {
    let (mut servers, mut tenants) = (Vec::<Server>::new(), Vec::new());
    let mut in_tenants = false;
    for line in text.lines() {
        let field = line.trim_start();
        if line == TENANTS {
            in_tenants = true;
        } else if line.starts_with("Total number of tenants") {
            in_tenants = false;
        } else if let Some(id) = line.strip_prefix("id: ") {
            in_tenants = false;
            servers.push(Server { id: id.to_owned(), ..Server::default() });
        } else if in_tenants {
            match line.splitn(3, ", ").collect::<Vec<_>>()[..] {
                [id, name, secrets] => {
                    let text = |it: &str| it.trim().to_owned();
                    tenants.push(Tenant { id: text(id), name: text(name), secrets: text(secrets) });
                }
                _ if field.is_empty() => {}
                _ => report.broken.push(broken(
                    "tenant",
                    "?".to_owned(),
                    String::new(),
                    "it is not ID, NAME, SECRETS",
                )),
            }
        } else if let (Some(server), true) = (servers.last_mut(), line != field) {
            match field.split_once(": ") {
                Some(("url", url)) => url.clone_into(&mut server.url),
                Some(("secret", secret)) => secret.clone_into(&mut server.secret),
                Some(("load multiplier", multiplier)) => multiplier.clone_into(&mut server.multiplier),
                None if matches!(field, "enabled" | "cordoned" | "disabled") => {
                    field.clone_into(&mut server.state);
                }
                _ => {}
            }
        }
    }
    (servers, tenants)
}

/// Reads one or more JSON documents: lists of servers or tenants, alone or in an object.
fn from_json(text: &str) -> Result<(Vec<Server>, Vec<Tenant>), String> {
    let (mut servers, mut tenants) = (Vec::new(), Vec::new());
    for document in Deserializer::from_str(text).into_iter::<Value>() {
        let document = document.map_err(|error| format!("is not JSON: {error}"))?;
        let lists = match document {
            Value::Object(object) => object.into_iter().map(|(_, value)| value).collect(),
            list => vec![list],
        };
        for item in lists.iter().filter_map(Value::as_array).flatten() {
            let text = |name: &str| match &item[name] {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => String::new(),
            };
            if item.get("url").is_some() {
                servers.push(Server {
                    id: text("id"),
                    url: text("url"),
                    secret: text("secret"),
                    state: text("state"),
                    multiplier: text("load_multiplier"),
                });
            } else if item.get("secrets").is_some() {
                tenants.push(Tenant { id: text("id"), name: text("name"), secrets: text("secrets") });
            }
        }
    }
    Ok((servers, tenants))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAKE: &str = "\
id: 7a3e
\turl: https://bbb-01.example.org/bigbluebutton/api
\tsecret: key-of-01
\tenabled
\tload: 12.0
\tload multiplier: 1.0
\tonline
id: 7a3f
\turl: https://bbb-02.example.org/bigbluebutton/api/
\tsecret: key-of-02
\tcordoned
\tload: unavailable
\tload multiplier: 2.0
\toffline
id: 7a40
\turl: https://localhost/bigbluebutton/api
\tsecret: key
\tdisabled
TenantID, Name, Secrets
1, school, first:second:third
2, nosecret,\x20
Total number of tenants: 2
";

    const JSON: &str = r#"
[{"id": "7a3e", "url": "https://bbb-01.example.org/bigbluebutton/api", "secret": "key-of-01", "tag": null,
  "state": "enabled", "load": "12.0", "load_multiplier": "1.0", "online": "online"},
 {"id": "7a3f", "url": "https://bbb-02.example.org/bigbluebutton/api", "secret": "key-of-02",
  "state": "cordoned", "load_multiplier": 2.0},
 {"id": "7a40", "url": "https://localhost/bigbluebutton/api", "secret": "key", "state": "disabled"}]
{"tenants": [{"id": 1, "name": "school", "secrets": "first:second:third"}, {"id": 2, "name": "nosecret", "secrets": ""}]}
"#;

    #[test]
    fn both_forms_give_the_same() {
        let (rake, json) = (convert(RAKE).unwrap(), convert(JSON).unwrap());
        assert_eq!(rake, json);
        let Import { configuration, report, .. } = rake;
        let node = |it: &NodeConfig| (it.slug.clone(), it.domain.clone().unwrap(), it.maintenance.unwrap());
        let domain = || "example.org".to_owned();
        assert_eq!(
            configuration.nodes.iter().map(node).collect::<Vec<_>>(),
            [("bbb-01".to_owned(), domain(), false), ("bbb-02".to_owned(), domain(), true)]
        );
        assert_eq!(configuration.nodes[1].secret.as_ref().unwrap().reveal(), "key-of-02");
        let [school] = &configuration.tenants[..] else { panic!("{:?}", configuration.tenants) };
        assert_eq!((school.slug.as_str(), school.group.as_str()), ("SCHOOL", POOL));
        let secret = &school.secrets[0];
        let keys = [&secret.secret, &secret.second_secret].map(|it| it.as_ref().unwrap().reveal().to_owned());
        assert_eq!(keys, ["first", "second"]);
        assert_eq!(report.left[0].records, 1, "the third key");
        assert!(report.notes.iter().any(|it| it.contains("bbb-02.example.org has the load multiplier 2.0")));
        let broken: Vec<_> = report.broken.iter().map(|it| (it.model.as_str(), it.pk.as_str())).collect();
        assert_eq!(broken, [("server", "7a40"), ("tenant", "2")]);
    }

    #[test]
    fn what_is_nothing_of_scalelite_is_refused() {
        for text in ["", "No servers are configured\n", "[]", "{\"servers\": []}", "[{}", "hello"] {
            assert!(convert(text).is_err(), "{text}");
        }
    }
}
