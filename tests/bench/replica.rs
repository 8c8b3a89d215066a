//! What it costs a replica to take over changes, of few bindings among many.

use std::sync::Arc;
use std::time::{Duration, Instant};

use b3lbd::bbb::Algorithm;
use b3lbd::model::{
    Binding, BindingId, Catalog, Instance, LoadFactors, MeetingKey, Nonce, Phase, SecretKey, Step, Subject,
};
use b3lbd::state::{Pool, Restored};
use b3lbd::store::{AuditNote, ClusterRow, Edit, Missing, NodeName, SecretRow, Store, TenantRow};
use metrics::Histogram;

const BINDINGS: i64 = 50_000;
const CHANGED: usize = 10;
const TURNS: usize = 50;

/// Reads the changes of a database as a replica does, and applies them to a pool.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("b3lb.db");
    let primary = Store::open(&path, Missing::Create, Histogram::noop())?;
    primary.record_changes().await?;
    configure(&primary).await?;
    let catalog = primary.catalog().await?;
    let mut bindings: Vec<Binding> = (1..=BINDINGS).map(|id| binding(&catalog, id)).collect();
    let steps =
        bindings.chunks(500).map(|chunk| chunk.iter().cloned().fold(Step::default(), Step::and_insert));
    for step in steps {
        primary.apply(step, 0).await?;
    }

    let replica = Store::of_replica(path, Histogram::noop());
    let pool = Pool::new(Restored { catalog, ..Restored::default() });
    let begun = Instant::now();
    let all = replica.changes_since(None).await?;
    pool.follow(all.bindings, all.is_whole);
    let whole = begun.elapsed();
    let mut known = all.mark;
    let mut turns: Vec<Duration> = Vec::new();
    for turn in 0..TURNS {
        let changed = bindings.iter_mut().skip(turn * 997).take(CHANGED);
        let step = changed.fold(Step::default(), |step, it| {
            let phase = if it.phase == Phase::Live { Phase::Abandoned } else { Phase::Live };
            let old = std::mem::replace(it, it.in_phase(phase));
            step.and_replace(&old, it.clone())
        });
        primary.apply(step, 0).await?;
        let begun = Instant::now();
        let changes = replica.changes_since(Some(known)).await?;
        anyhow::ensure!(
            !changes.is_whole && changes.bindings.len() == CHANGED,
            "other changes than were made"
        );
        known = changes.mark;
        pool.follow(changes.bindings, changes.is_whole);
        turns.push(begun.elapsed());
    }
    turns.sort_unstable();
    println!(
        "replica    {BINDINGS} bindings: all are taken over in {:.0} ms, {CHANGED} changed ones in {:.2} ms at the median, \
         {:.2} ms at most (goal under 5)",
        whole.as_secs_f64() * 1e3,
        turns[TURNS / 2].as_secs_f64() * 1e3,
        turns[TURNS - 1].as_secs_f64() * 1e3,
    );
    Ok(())
}

async fn configure(store: &Store) -> anyhow::Result<()> {
    let key = |text: &str| SecretKey::new(text.repeat(20));
    let tenant = TenantRow {
        slug: "FOO".parse()?,
        description: String::new(),
        group: "g".into(),
        stats_token: key("ab"),
        attendee_limit: 0,
        meeting_limit: 0,
    };
    let secret = SecretRow {
        label: "FOO".parse()?,
        key: key("cd"),
        second_key: None,
        attendee_limit: 0,
        meeting_limit: 0,
    };
    let cluster = ClusterRow {
        name: "c".into(),
        factors: LoadFactors::default(),
        algorithm: Algorithm::Sha256,
        target_cpu: 80,
    };
    let node = NodeName { slug: "n1".parse()?, domain: "example.org".into() };
    let edits = vec![
        Edit::AddCluster(cluster),
        Edit::AddGroup("g".into(), String::new()),
        Edit::Assign("g".into(), "c".into()),
        Edit::AddNode(node, "c".into(), key("ef"), false),
        Edit::AddTenant(tenant),
        Edit::AddSecret(secret),
    ];
    let note = AuditNote {
        at: 0,
        who: "bench".into(),
        origin: "bench".into(),
        action: "bench",
        subject: Subject::Configuration,
        values: None,
    };
    store.change(note, Arc::default(), edits).await?;
    Ok(())
}

fn binding(catalog: &Catalog, id: i64) -> Binding {
    let tenant = catalog.tenants.values().next().expect("a tenant");
    let secret = tenant.secrets.values().next().expect("a secret");
    let node = catalog.nodes.keys().next().expect("a node");
    let name: Arc<str> = format!("room {id}").into();
    Binding {
        id: BindingId(id),
        key: MeetingKey { secret: secret.id, id: Arc::clone(&name) },
        node: *node,
        phase: Phase::Live,
        nonce: Nonce::random(),
        next: None,
        name: "A class".into(),
        ended_url: None,
        analytics_url: None,
        created_at: 0,
        instance: Some(Arc::new(Instance {
            create_time: id,
            internal_id: format!("{id:040x}-{id}").into(),
            external_id: name,
            attendee_pw: "ap".into(),
            moderator_pw: "mp".into(),
            answer: vec![b'x'; 800],
        })),
        placed: None,
    }
}
