//! What must be true after a takeover, by the log of what clients and operator were told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use harness::eventually;
use serde_json::Value;

use super::load::RoleSeen;
use super::round::Round;
use crate::pair::status;
use crate::support::{joined_node, listed};

/// How far a copy may be behind when the primary is killed, on a busy machine.
const LAG: Duration = Duration::from_secs(5);

impl Round {
    /// Ends the load, and checks everything.
    pub(super) async fn check(mut self) {
        self.stop_load().await;
        self.timeline();
        let failed = self.told.failed_joins.lock().clone();
        assert!(failed.is_empty(), "{failed:?}");
        assert!(self.told.joins.load(Ordering::Relaxed) > 0 && self.told.lists.load(Ordering::Relaxed) > 0);
        one_primary_at_a_time(&[0, 1].map(|n| self.told.roles[n].lock().clone()));
        self.every_create_is_bound_once().await;
        self.every_end_is_told().await;
        self.no_change_is_lost_in_silence().await;
        let epochs = [status(&self.pair.other).await, status(&self.pair.world.daemon).await]
            .map(|it| it["replication"]["epoch"].as_u64());
        assert_eq!(epochs, [Some(2), Some(2)], "one takeover, and both know it");
    }

    fn timeline(&self) {
        let Some([asked, done]) = self.takeover else { return };
        let after = |times: Vec<Instant>, since: Instant| {
            let first = times.into_iter().filter(|at| *at > since).min();
            first.map_or(f64::NAN, |at| at.duration_since(since).as_secs_f64())
        };
        let created: Vec<_> = self.told.created.lock().iter().map(|(_, at)| *at).collect();
        eprintln!(
            "promoted by {:.2} s, first create by {:.2} s; {} creates, {} refused, {} joins, {} lists, {} changes",
            done.duration_since(asked).as_secs_f64(),
            after(created.clone(), asked),
            created.len(),
            self.told.refused.lock().len(),
            self.told.joins.load(Ordering::Relaxed),
            self.told.lists.load(Ordering::Relaxed),
            self.told.clusters.lock().len(),
        );
    }

    /// Whether the takeover was done before `at`.
    fn is_over(&self, at: Instant) -> bool {
        self.takeover.is_some_and(|[_, done]| at > done)
    }

    /// Each acknowledged meeting is on one node, to which joins lead; each that was ended is nowhere.
    async fn every_create_is_bound_once(&self) {
        let there = self.pair.other(&self.pair.world.foo);
        let ended = self.told.ended.lock().clone();
        for id in &ended {
            let end = there.get("end", &[("meetingID", id), ("password", "mp")]).await;
            assert!(end.ok() || end.key() == "notFound", "{id}: {end:?}");
        }
        let created: Vec<_> = self.told.created.lock().iter().map(|(id, _)| id.clone()).collect();
        let goes_on: BTreeSet<String> =
            created.into_iter().filter(|id| !ended.contains(id)).chain(self.known.iter().cloned()).collect();
        // The first round of polls finds what the copy lacks.
        eventually("all meetings are listed", || async {
            let listed = listed(&there).await;
            (goes_on.is_subset(&listed) && ended.is_disjoint(&listed)).then_some(())
        })
        .await;
        for id in &goes_on {
            let node = joined_node(&there, id).await;
            let hosts = self.pair.world.hosts_of(id);
            assert_eq!(hosts, Vec::from_iter(node), "{id} is on one node, where joins lead");
        }
        for id in &ended {
            assert_eq!(self.pair.world.hosts_of(id).len(), 0, "{id} has ended");
        }
    }

    /// Each client who asked for it hears of the end of its meeting; twice only if the one who told it first may have
    /// been unable to note that.
    async fn every_end_is_told(&self) {
        let ended = self.told.ended.lock().clone();
        let path = |id: &String| format!("/ended/{}", id.strip_prefix("class ").unwrap_or(id));
        let created = self.told.created.lock().clone();
        let created: Vec<_> = created.into_iter().filter(|(id, _)| ended.contains(id)).collect();
        // A meeting that begins and ends in the last moments before the primary is cut off may never have been copied.
        let may_be_lost =
            |at: Instant| self.broken.is_some_and(|broken| at + LAG > broken && !self.is_over(at));
        let paths: BTreeSet<_> =
            created.iter().filter(|(_, at)| !may_be_lost(*at)).map(|(id, _)| path(id)).collect();
        let all: BTreeSet<_> = created.iter().map(|(id, _)| path(id)).collect();
        eventually("all ends are told", || async {
            let calls: BTreeSet<_> = self.receiver.calls().into_iter().collect();
            paths.is_subset(&calls).then_some(())
        })
        .await;
        let mut often: BTreeMap<String, usize> = BTreeMap::new();
        for path in self.receiver.calls() {
            *often.entry(path).or_default() += 1;
        }
        let twice: Vec<_> = often.iter().filter(|(_, times)| **times > 1).collect();
        if !twice.is_empty() {
            eprintln!("told more than once: {twice:?}");
        }
        assert!(twice.iter().all(|(_, times)| **times <= 2), "{twice:?}");
        let strange: Vec<_> = often.keys().filter(|it| !all.contains(*it)).collect();
        assert!(strange.is_empty(), "ends that nobody asked for: {strange:?}");
    }

    /// Each acknowledged change is there, or the log of the former primary names the file with what is not.
    async fn no_change_is_lost_in_silence(&self) {
        let shown = self.pair.other.cli(&["cluster", "list", "--json"]).await;
        let clusters: Value = serde_json::from_slice(&shown.stdout).unwrap();
        let there: BTreeSet<&str> =
            clusters.as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
        let acknowledged = self.told.clusters.lock().clone();
        let lost: Vec<_> = acknowledged.iter().filter(|it| !there.contains(it.as_str())).collect();
        if !lost.is_empty() {
            eprintln!("{} of {} changes lost: {lost:?}", lost.len(), acknowledged.len());
        }
        let is_told = self.pair.world.daemon.log().contains("the former database is kept");
        assert!(lost.is_empty() || is_told, "lost in silence: {lost:?}");
    }
}

/// At no moment were both daemons primary: none says so between two answers of the other one that say so, too.
fn one_primary_at_a_time(roles: &[Vec<RoleSeen>; 2]) {
    for [one, other] in [[0, 1], [1, 0]] {
        for both in roles[one].windows(2).filter(|it| it.iter().all(|it| it.is_primary)) {
            let between = |it: &&RoleSeen| it.asked > both[0].answered && it.answered < both[1].asked;
            let second = roles[other].iter().filter(|it| it.is_primary).find(between);
            assert!(second.is_none(), "two primaries: {both:?} and {second:?}");
        }
    }
}
