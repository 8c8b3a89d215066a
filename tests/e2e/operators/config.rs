//! The whole configuration: written out, applied, compared.

use harness::World;
use harness::world::soon;
use rpc::{
    ApplyOptions, AssetConfig, AssetKind, ClusterSpec, Configuration, ErrorCode, ExportOptions, GroupConfig,
    NodeConfig, ParamConfig, ParamMode, PlanAction, SecretConfig, Sensitive, TenantChange, TenantConfig,
};
use sha2::{Digest, Sha256};

use super::{good, refused};
use crate::support::settled;

const ALL: ExportOptions = ExportOptions { secrets: true, assets: true, state: true };
const PLAIN: ExportOptions = ExportOptions { secrets: false, assets: false, state: true };
const APPLY: ApplyOptions = ApplyOptions { prune: false, import: false, prune_anyway: None };
const PRUNE: ApplyOptions = ApplyOptions { prune: true, import: false, prune_anyway: None };
const IMPORT: ApplyOptions = ApplyOptions { prune: false, import: true, prune_anyway: None };

const PNG: &[u8] = b"\x89PNG and so on";

fn png() -> AssetConfig {
    use base64::Engine;
    AssetConfig {
        kind: AssetKind::Logo,
        file_name: "logo.png".into(),
        sha256: hex::encode(Sha256::digest(PNG)),
        base64: Some(Sensitive::from(base64::engine::general_purpose::STANDARD.encode(PNG))),
    }
}

fn node(slug: &str, cluster: &str) -> NodeConfig {
    NodeConfig {
        slug: slug.into(),
        domain: Some("example.org".into()),
        cluster: cluster.into(),
        maintenance: Some(true),
        secret: Some(Sensitive::from(format!("secret of {slug}"))),
    }
}

fn secret(sub_id: u16) -> SecretConfig {
    SecretConfig { sub_id, attendee_limit: 0, meeting_limit: 0, secret: None, second_secret: None }
}

fn tenant(slug: &str) -> TenantConfig {
    TenantConfig {
        slug: slug.into(),
        group: "all".into(),
        description: format!("Größe \"{slug}\" # 1"),
        attendee_limit: 500,
        meeting_limit: 0,
        stats_token: None,
        secrets: vec![secret(0), SecretConfig { meeting_limit: 5, ..secret(1) }],
        parameters: vec![ParamConfig {
            call: "create".into(),
            name: "welcome".into(),
            mode: ParamMode::Override,
            value: Some("Guten Tag\n\"%%CONFNAME%%\"".into()),
        }],
        assets: vec![png()],
    }
}

/// A configuration with N nodes and N tenants.
pub(crate) fn large(nodes: usize, tenants: usize) -> Configuration {
    Configuration {
        clusters: vec![
            ClusterSpec::named("big"),
            ClusterSpec { meeting_factor: 0.5, ..ClusterSpec::named("small") },
        ],
        groups: vec![GroupConfig {
            name: "all".into(),
            description: "Everything".into(),
            clusters: vec!["big".into(), "small".into()],
        }],
        nodes: (0..nodes).map(|n| node(&format!("n{n}"), if n % 2 == 0 { "big" } else { "small" })).collect(),
        tenants: (0..tenants).map(|n| tenant(&format!("T{n}"))).collect(),
    }
}

/// 50 nodes and 200 tenants go from one daemon to another and come out the same; again nothing changes.
#[tokio::test]
async fn an_export_is_the_configuration() {
    let (old, new) = tokio::join!(World::start(0), World::start(0));
    let (from, to) = (old.admin().await, new.admin().await);
    let revision = good(from.config_plan(soon(), Configuration::default(), APPLY).await).revision;
    let plan = good(from.config_apply(soon(), large(50, 200), APPLY, revision).await);
    assert_eq!(plan.steps.len(), 2 + 1 + 50 + 200 * (1 + 2 + 1 + 1));
    assert!(plan.kept.contains(&"tenant FOO".to_owned()));
    let exported = good(from.config_export(soon(), ALL).await);
    assert_eq!((exported.nodes.len(), exported.tenants.len()), (50, 201));
    assert!(exported.tenants.iter().all(|it| it.secrets.iter().all(|it| it.secret.is_some())));

    let plan = good(to.config_plan(soon(), exported.clone(), APPLY).await);
    let done = good(to.config_apply(soon(), exported.clone(), APPLY, plan.revision).await);
    assert_eq!((plan.steps, plan.kept), (done.steps, done.kept));
    assert_eq!(good(to.config_export(soon(), ALL).await), exported);
    let again = good(to.config_plan(soon(), exported.clone(), APPLY).await);
    assert!(again.steps.is_empty() && again.revision == plan.revision + 1, "{:?}", again.steps);
    good(to.config_apply(soon(), exported, APPLY, again.revision).await);
    assert_eq!(good(to.config_plan(soon(), Configuration::default(), APPLY).await).revision, again.revision);

    // Without secrets nothing changes either: what is absent stays.
    let plain = good(to.config_export(soon(), PLAIN).await);
    let text = serde_json::to_string(&plain).unwrap();
    assert!(!text.contains("secret of n1"));
    assert!(good(to.config_plan(soon(), plain, APPLY).await).steps.is_empty());
}

/// A plan is for the configuration that it was made for.
#[tokio::test]
async fn an_outdated_plan_is_not_applied() {
    let world = World::start(0).await;
    let admin = world.admin().await;
    let plan = good(admin.config_plan(soon(), large(1, 1), APPLY).await);
    let change = TenantChange { meeting_limit: Some(1), ..TenantChange::default() };
    good(admin.tenant_set(soon(), "FOO".into(), change).await);
    refused(admin.config_apply(soon(), large(1, 1), APPLY, plan.revision).await, ErrorCode::Conflict);
    let both = tokio::join!(
        admin.config_apply(soon(), large(1, 1), APPLY, plan.revision + 1),
        admin.config_apply(soon(), large(2, 2), APPLY, plan.revision + 1)
    );
    let won = [both.0.unwrap(), both.1.unwrap()].into_iter().flatten().count();
    assert_eq!(won, 1, "one wins, the other gets a conflict");
}

/// One invalid object rejects the whole configuration; the message names the object, the field and the rule.
#[tokio::test]
async fn wrong_configurations_change_nothing() {
    let world = World::start(0).await;
    let admin = world.admin().await;
    let before = good(admin.config_export(soon(), ALL).await);
    let wrong = |change: &dyn Fn(&mut Configuration)| {
        let mut config = large(2, 2);
        change(&mut config);
        config
    };
    let cases: [(Configuration, &str); 10] = [
        (wrong(&|it| it.clusters[1].cpu_order = 101), "cluster small: cpu_order: a number from 0 to 100"),
        (wrong(&|it| it.clusters[1].name = "big".into()), "cluster big: cluster: appears twice"),
        (wrong(&|it| it.groups[0].clusters.push("nope".into())), "group all: cluster nope does not exist"),
        (
            wrong(&|it| it.nodes[1].cluster = "nope".into()),
            "node n1.example.org: cluster nope does not exist",
        ),
        (wrong(&|it| it.nodes[1].secret = None), "node n1.example.org: secret: is required for a new node"),
        (
            wrong(&|it| it.tenants[1].slug = "1x".into()),
            "tenant 1x: slug: a tenant's slug is 2-10 letters or digits",
        ),
        (wrong(&|it| it.tenants[1].group = "nope".into()), "tenant T1: group nope does not exist"),
        (
            wrong(&|it| it.tenants[1].secrets[1].sub_id = 1000),
            "tenant T1: secret T1-1000: sub_id: a sub id is a number",
        ),
        (
            wrong(&|it| it.tenants[1].parameters[0].name = "meetingID".into()),
            "tenant T1: parameter T1 create meetingID: name: meetingID binds a call",
        ),
        (
            wrong(&|it| it.tenants[1].assets[0].sha256 = "0".repeat(64)),
            "tenant T1: asset T1 logo: sha256: does not match",
        ),
    ];
    for (config, told) in cases {
        let error = admin.config_plan(soon(), config.clone(), APPLY).await.unwrap().unwrap_err();
        assert!(error.message.starts_with(told), "{told:?}: {}", error.message);
        let revision = good(admin.config_plan(soon(), Configuration::default(), APPLY).await).revision;
        assert!(admin.config_apply(soon(), config, APPLY, revision).await.unwrap().is_err());
    }
    assert_eq!(good(admin.config_export(soon(), ALL).await), before);
}

/// An import takes what is right, says what is not, and leaves alone what is there.
#[tokio::test]
async fn an_import_takes_what_it_can() {
    let world = World::start(0).await;
    let admin = world.admin().await;
    let mut config = large(3, 3);
    config.nodes[1].secret = Some(Sensitive::from(""));
    config.tenants[1].slug = "1bad".into();
    config.tenants[2].secrets[1].secret = Some(Sensitive::from("short"));
    config.tenants.push(TenantConfig { slug: "FOO".into(), ..tenant("FOO") });
    let plan = good(admin.config_plan(soon(), config.clone(), IMPORT).await);
    let done = good(admin.config_apply(soon(), config.clone(), IMPORT, plan.revision).await);
    let left: Vec<_> = done.left_out.iter().map(|it| format!("{} {}", it.kind, it.name)).collect();
    assert_eq!(left, ["node n1.example.org", "tenant 1bad", "secret T2-001", "tenant FOO"]);
    let now = good(admin.config_export(soon(), PLAIN).await);
    assert_eq!(now.tenants.iter().map(|it| it.slug.as_str()).collect::<Vec<_>>(), ["FOO", "T0", "T2"]);
    assert_eq!(now.tenants[0].description, "", "what was there is as it was");
    assert_eq!(now.nodes.len(), 2);
    let again = good(admin.config_plan(soon(), config, IMPORT).await);
    assert!(again.steps.is_empty(), "{:?}", again.steps);
}

/// What the file does not have goes only if that is asked for, and never a node with meetings.
#[tokio::test]
async fn pruning_removes_what_is_not_there() {
    let world = World::start(2).await;
    let admin = world.admin().await;
    world.foo.create("room").await;
    let host = settled(&world, "room").await;
    let mut config = good(admin.config_export(soon(), PLAIN).await);
    config.nodes.retain(|it| it.slug != format!("n{host}"));
    let plan = good(admin.config_plan(soon(), config.clone(), APPLY).await);
    assert!(plan.steps.is_empty() && plan.kept.len() == 1, "{plan:?}");
    let error = refused(admin.config_plan(soon(), config, PRUNE).await, ErrorCode::Conflict);
    assert!(error.message.contains("it has 1 meeting"), "{error}");

    let mut config = good(admin.config_export(soon(), PLAIN).await);
    config.nodes.retain(|it| it.slug == format!("n{host}"));
    config.tenants.push(TenantConfig { group: "g".into(), assets: vec![], ..tenant("BAR") });
    let plan = good(admin.config_plan(soon(), config.clone(), PRUNE).await);
    let excess = plan.excess.clone().expect("most nodes");
    let apply = |options| admin.config_apply(soon(), config.clone(), options, plan.revision);
    let error = refused(apply(PRUNE).await, ErrorCode::Refused);
    assert!(error.hint.unwrap().contains(&format!("--prune-anyway {}", excess.removed)), "{excess:?}");
    let steps = good(apply(ApplyOptions { prune_anyway: Some(excess.removed), ..PRUNE }).await).steps;
    assert!(steps.iter().any(|it| it.action == PlanAction::Remove && it.kind == "node"), "{steps:?}");
    assert!(good(admin.config_plan(soon(), config, PRUNE).await).steps.is_empty());

    let mut config = good(admin.config_export(soon(), PLAIN).await);
    config.tenants.retain(|it| it.slug != "BAR");
    config.tenants[0].parameters.clear();
    let plan = good(admin.config_plan(soon(), config.clone(), PRUNE).await);
    let meant = ApplyOptions { prune_anyway: plan.excess.map(|it| it.removed), ..PRUNE };
    good(admin.config_apply(soon(), config.clone(), meant, plan.revision).await);
    assert_eq!(good(admin.config_export(soon(), PLAIN).await), config);
}
