//! Verbs about the daemon and the tool as a whole.

use harness::World;
use rpc::NodeState;

use super::{all_run, run};

pub(super) const WHOLE: &str = "
    0 status => healthy
    2 status now => now
    0 backup {folder}/copy.db => SHA-256
    2 backup {folder}/copy.db => --yes
    0 backup {folder}/copy.db --yes => Backup written to
    1 backup {folder}/nowhere/copy.db => cannot write
    2 backup {folder} => exists and is not a file
    0 api-mate FOO => https://mate.test/#server=
    0 api-mate n1 => sharedSecret=secret-of-n1
    3 api-mate NOBODY => tenant, secret or node NOBODY does not exist
    5 promote => the primary already
    0 proxy => b3lb-proxy 1 -
    2 proxy now => now
    0 completions bash => _clap_complete_b3lb_cli
    0 completions zsh => #compdef b3lb-cli
    0 completions fish => --command b3lb-cli
    2 completions tcsh => tcsh
    0 man {folder}/man => man pages written to
    1 man /dev/null/man => cannot write
";

#[tokio::test]
async fn every_verb_about_the_whole_works_and_refuses() {
    let world = World::start_with(1, &[("API_MATE_BASE_URL", "https://mate.test/")]).await;
    all_run(&world, WHOLE).await;
    assert!(world.folder().join("man/b3lb-cli-node-drain.1").exists());
}

#[tokio::test]
async fn a_degraded_pool_ends_status_with_8() {
    let world = World::start(2).await;
    world.nodes[1].refuse().await;
    world.node_state(2, NodeState::Down).await;
    let it = run(&world, "status").await;
    assert_eq!((it.code, it.stderr.as_str()), (Some(8), ""), "{it:?}");
    let said = &it.stdout;
    assert!(
        said.contains(": degraded\n") && said.contains("problems\n  node ") && said.contains(" is down"),
        "{said}"
    );
    assert!(said.contains("nodes     2: 1 up, 0 suspect, 1 down, 0 unknown; 0 in maintenance\n"), "{said}");
    let it = run(&world, "status --json").await;
    let document: serde_json::Value = serde_json::from_str(&it.stdout).unwrap();
    assert_eq!((it.code, &document["problems"][0]["kind"]), (Some(8), &"node_down".into()), "{document}");
    world.nodes[1].accept_again().await.unwrap();
    world.all_up().await;
    run(&world, "status").await.good();
}
