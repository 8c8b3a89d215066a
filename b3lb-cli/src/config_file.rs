//! The configuration file: TOML, written with comments and read with line numbers in errors.

use std::fmt::Write as _;

use rpc::{AssetConfig, ClusterSpec, Configuration, ExportOptions};
use rpc_client::{Exit, Failure};

const HEAD: &str = "\
# Configuration of B3LB, written by b3lb-cli export.
#
#     b3lb-cli apply -f FILE --dry-run    shows what would change
#     b3lb-cli apply -f FILE              applies it atomically
#
# Objects that are missing from this file stay as they are; with --prune they are removed.
";

const WITH_SECRETS: &str = "\
# This file contains secrets: keep it where nobody else can read it.
";

const WITHOUT_SECRETS: &str = "\
# This file contains no secrets. A secret that is absent stays as it is; new nodes need one
# (secret = \"...\"), and new tenants get a generated one.
";

const WITHOUT_ASSETS: &str = "\
# This file does not contain the content of assets, which stays as it is if its checksum is the same.
";

const CLUSTERS: &str = "# Clusters: nodes with the same load factors and checksum algorithm.";
const GROUPS: &str = "# Cluster groups: sets of clusters; each tenant is bound to one.";
const NODES: &str = "# Nodes: hosts that run BigBlueButton. In maintenance they get no new meetings.";
const TENANTS: &str = "\
# Tenants: customers, with their secrets, parameter rules and assets. A limit of 0 is no limit.";

/// Writes a configuration in a stable order, so that equal configurations give equal files.
pub(crate) fn write(config: &Configuration, options: ExportOptions) -> Result<String, Failure> {
    let Configuration { clusters, groups, nodes, tenants } = sorted(config.clone());
    let mut text = HEAD.to_owned();
    text.push_str(if options.secrets { WITH_SECRETS } else { WITHOUT_SECRETS });
    if !options.assets {
        text.push_str(WITHOUT_ASSETS);
    }
    let sections = [
        (CLUSTERS, Configuration { clusters, ..Configuration::default() }),
        (GROUPS, Configuration { groups, ..Configuration::default() }),
        (NODES, Configuration { nodes, ..Configuration::default() }),
        (TENANTS, Configuration { tenants, ..Configuration::default() }),
    ];
    for (comment, section) in sections.iter().filter(|(_, it)| *it != Configuration::default()) {
        let tables = toml::to_string(section).map_err(|error| {
            Failure::new(
                Exit::Failed,
                "failed",
                format!("cannot serialize the configuration as TOML: {error}"),
            )
        })?;
        let _ = write!(text, "\n{comment}\n\n{}\n", tables.trim_end());
    }
    Ok(text)
}

fn sorted(mut config: Configuration) -> Configuration {
    config.clusters.sort_by(|a, b| a.name.cmp(&b.name));
    config.groups.sort_by(|a, b| a.name.cmp(&b.name));
    config.nodes.sort_by(|a, b| (&a.slug, &a.domain).cmp(&(&b.slug, &b.domain)));
    config.tenants.sort_by(|a, b| a.slug.cmp(&b.slug));
    for group in &mut config.groups {
        group.clusters.sort();
    }
    for tenant in &mut config.tenants {
        tenant.secrets.sort_by_key(|it| it.sub_id);
        tenant.parameters.sort_by(|a, b| (&a.call, &a.name).cmp(&(&b.call, &b.name)));
        tenant.assets.sort_by_key(|it: &AssetConfig| it.kind);
    }
    config
}

/// Parses a configuration file; `name` is its name in error messages.
pub(crate) fn read(text: &str, name: &str) -> Result<Configuration, Failure> {
    let config: Configuration = toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        wrong(&format!("{name}:{line}"), &error.message().trim().replace('\n', ", "))
    })?;
    // TOML allows infinity and NaN, but JSON does not.
    let finite = |it: &&ClusterSpec| it.attendee_factor.is_finite() && it.meeting_factor.is_finite();
    match config.clusters.iter().find(|it| !finite(it)) {
        Some(it) => Err(wrong(name, &format!("the factors of cluster {} must be numbers", it.name))),
        None => Ok(config),
    }
}

fn wrong(place: &str, reason: &str) -> Failure {
    Failure::new(Exit::Failed, "invalid", format!("{place}: {reason}"))
        .hint("nothing was changed; b3lb-cli export prints an example")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use rpc::{AssetKind, GroupConfig, NodeConfig, ParamConfig, ParamMode, SecretConfig, TenantConfig};
    use strum::VariantArray;

    use super::*;

    const ALL: ExportOptions = ExportOptions { secrets: true, assets: true, state: true };

    /// The error message for a configuration file.
    fn refused(text: &str) -> String {
        serde_json::to_value(read(text, "b3lb.toml").unwrap_err()).unwrap()["message"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_file_that_people_can_read() {
        let tenant = TenantConfig {
            slug: "SCHOOL".into(),
            group: "all".into(),
            description: "The \"school\"\nof the town".into(),
            attendee_limit: 0,
            meeting_limit: 50,
            stats_token: None,
            secrets: vec![SecretConfig {
                sub_id: 0,
                attendee_limit: 0,
                meeting_limit: 0,
                secret: None,
                second_secret: None,
            }],
            parameters: vec![ParamConfig {
                call: "create".into(),
                name: "muteOnStart".into(),
                mode: ParamMode::Set,
                value: Some("true".into()),
            }],
            assets: vec![],
        };
        let config = Configuration {
            clusters: vec![ClusterSpec::named("main")],
            tenants: vec![tenant],
            ..Configuration::default()
        };
        let text = write(&config, ExportOptions::default()).unwrap();
        let tables = text.split_once("\n\n").unwrap().1;
        assert_eq!(
            tables,
            "\
# Clusters: nodes with the same load factors and checksum algorithm.

[[cluster]]
name = \"main\"
attendee_factor = 1.0
meeting_factor = 30.0
cpu_order = 6
cpu_max = 5000
checksum = \"sha256\"
target_cpu = 80

# Tenants: customers, with their secrets, parameter rules and assets. A limit of 0 is no limit.

[[tenant]]
slug = \"SCHOOL\"
group = \"all\"
description = \"\"\"
The \"school\"
of the town\"\"\"
attendee_limit = 0
meeting_limit = 50

[[tenant.secret]]
sub_id = 0
attendee_limit = 0
meeting_limit = 0

[[tenant.parameter]]
call = \"create\"
name = \"muteOnStart\"
mode = \"set\"
value = \"true\"
"
        );
        assert_eq!(read(&text, "").unwrap(), config);
    }

    #[test]
    fn little_needs_to_be_said() {
        let text =
            "[[cluster]]\nname = \"main\"\nattendee_factor = 2\n[[node]]\nslug = \"n1\"\ncluster = \"main\"";
        let config = read(text, "").unwrap();
        assert_eq!(config.clusters, [ClusterSpec { attendee_factor: 2.0, ..ClusterSpec::named("main") }]);
        assert_eq!((&config.nodes[0].maintenance, &config.nodes[0].secret), (&None, &None));
        assert_eq!(read("", "").unwrap(), Configuration::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = [
            ("[[cluster]]\nname = \"main\"\ncpu_mix = 1\n", "b3lb.toml:3: unknown field `cpu_mix`"),
            (
                "[[cluster]]\nname = \"a\"\n\n[[clusters]]\nname = \"b\"\n",
                "b3lb.toml:4: unknown field `clusters`",
            ),
            ("\n\n[[node]]\nslug = \"n1\"\n", "b3lb.toml:3: missing field `cluster`"),
            (
                "[[tenant]]\nslug = \"T\"\ngroup = \"g\"\n\n[[tenant.secret]]\nsub_id = 0\nkey = \"x\"\n",
                "b3lb.toml:7: unknown field `key`",
            ),
            ("[[tenant]]\nslug = \"T\"\ngroup = \"g\"\n[[tenant.secret]]\nsub_id = -1\n", "b3lb.toml:5: "),
            ("[[tenant]]\nslug = \"T\"\ngroup = 7\n", "b3lb.toml:3: invalid type: integer `7`"),
            ("# x\n[[cluster]\n", "b3lb.toml:2: "),
            ("[[cluster]]\nname = \"a\"\nname = \"b\"\n", "b3lb.toml:3: duplicate key"),
        ];
        let infinite = "[[cluster]]\nname = \"a\"\nattendee_factor = inf\n";
        assert_eq!(refused(infinite), "b3lb.toml: the factors of cluster a must be numbers");
        for (text, said) in wrong {
            let message = refused(text);
            assert!(message.starts_with(said), "{message} is not {said}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    prop_compose! {
        fn cluster()(
            name: String, attendee_factor in 0.0..1e9, meeting_factor in 0.0..1e9, cpu_order: u32, cpu_max: u32,
            checksum: String, target_cpu: u32,
        ) -> ClusterSpec {
            ClusterSpec { name, attendee_factor, meeting_factor, cpu_order, cpu_max, checksum, target_cpu }
        }
    }

    prop_compose! {
        fn node()(slug: String, domain: Option<String>, cluster: String, maintenance: Option<bool>,
                  secret: Option<String>) -> NodeConfig {
            NodeConfig { slug, domain, cluster, maintenance, secret: secret.map(Into::into) }
        }
    }

    prop_compose! {
        fn secret()(sub_id: u16, attendee_limit: u32, meeting_limit: u32, secret: Option<String>,
                    second: Option<String>) -> SecretConfig {
            let (secret, second_secret) = (secret.map(Into::into), second.map(Into::into));
            SecretConfig { sub_id, attendee_limit, meeting_limit, secret, second_secret }
        }
    }

    prop_compose! {
        fn parameter()(
            call: String, name: String, value: Option<String>,
            mode in prop_oneof![Just(ParamMode::Set), Just(ParamMode::Override), Just(ParamMode::Block)],
        ) -> ParamConfig {
            ParamConfig { call, name, mode, value }
        }
    }

    prop_compose! {
        fn asset()(kind in 0..3_usize, file_name: String, sha256: String, base64: Option<String>) -> AssetConfig {
            AssetConfig { kind: AssetKind::VARIANTS[kind], file_name, sha256, base64: base64.map(Into::into) }
        }
    }

    prop_compose! {
        fn tenant()(
            slug: String, group: String, description: String, attendee_limit: u32, meeting_limit: u32,
            token in option::of(any::<String>()), secrets in vec(secret(), 0..3),
            parameters in vec(parameter(), 0..3), assets in vec(asset(), 0..3),
        ) -> TenantConfig {
            let stats_token = token.map(Into::into);
            TenantConfig { slug, group, description, attendee_limit, meeting_limit, stats_token, secrets,
                           parameters, assets }
        }
    }

    prop_compose! {
        fn group()(name: String, description: String, clusters: Vec<String>) -> GroupConfig {
            GroupConfig { name, description, clusters }
        }
    }

    prop_compose! {
        fn configuration()(
            clusters in vec(cluster(), 0..3), groups in vec(group(), 0..3), nodes in vec(node(), 0..3),
            tenants in vec(tenant(), 0..3),
        ) -> Configuration {
            Configuration { clusters, groups, nodes, tenants }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(config in configuration()) {
            let text = write(&config, ALL).unwrap();
            let read = read(&text, "").unwrap();
            prop_assert_eq!(&read, &sorted(config));
            prop_assert_eq!(write(&read, ALL).unwrap(), text);
        }
    }
}
