//! The Clusters tab: sums over the nodes, and how their load is reckoned.

use ratatui::style::Style;

use crate::model::{Cluster, Picture};
use crate::table::{Cell, Column, Kind, Row, Sort, SortKey, View, maybe};
use crate::text::count;

/// A column of one sum over the nodes.
macro_rules! sum {
    ($title:literal, $field:ident, $style:ident, $priority:literal) => {
        Column {
            title: $title,
            kind: Kind::Number,
            min: 8,
            max: 9,
            priority: $priority,
            key: |cluster, _| i64::try_from(cluster.sums.$field).unwrap_or(i64::MAX).into(),
            cell: |cluster, view| {
                let sum = cluster.sums.$field;
                let theme = &view.look.theme;
                Cell::from(count(sum)).style(if sum == 0 { theme.dim } else { theme.$style })
            },
        }
    };
}

impl Row for Cluster {
    const NOUN: &'static str = "cluster";
    const SORTED_BY: Sort = Sort { column: 0, descending: false };
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "CLUSTER",
            kind: Kind::Name,
            min: 14,
            max: 30,
            priority: 0,
            key: |cluster, _| SortKey::Text(&cluster.view.name),
            cell: |cluster, _| cluster.view.name.as_str().into(),
        },
        sum!("NODES", nodes, strong, 0),
        sum!("UP", up, up, 0),
        sum!("SUSPECT", suspect, suspect, 1),
        sum!("DOWN", down, down, 0),
        sum!("MAINT", maintenance, maintenance, 1),
        Column {
            title: "MEETINGS",
            kind: Kind::Number,
            min: 9,
            max: 10,
            priority: 2,
            key: |cluster, _| whole(cluster.sums.meetings),
            cell: |cluster, _| count(cluster.sums.meetings).into(),
        },
        Column {
            title: "ATTENDEES",
            kind: Kind::Number,
            min: 10,
            max: 10,
            priority: 2,
            key: |cluster, _| whole(cluster.sums.attendees),
            cell: |cluster, _| count(cluster.sums.attendees).into(),
        },
        Column {
            title: "MEAN LOAD",
            kind: Kind::Number,
            min: 10,
            max: 10,
            priority: 3,
            key: |cluster, _| maybe(cluster.sums.mean_load()),
            cell: mean_load,
        },
        Column {
            title: "FACTORS",
            kind: Kind::Sentence,
            min: 28,
            max: 40,
            priority: 5,
            key: |cluster, _| cluster.view.cpu_max.into(),
            cell: |cluster, view| Cell::from(factors(cluster)).style(view.look.theme.dim),
        },
        Column {
            title: "GROUPS",
            kind: Kind::Sentence,
            min: 14,
            max: 40,
            priority: 4,
            key: |cluster, _| SortKey::Text(cluster.view.groups.first().map_or("", String::as_str)),
            cell: |cluster, _| cluster.view.groups.join(", ").into(),
        },
    ];

    fn all(picture: &Picture) -> impl Iterator<Item = (i64, &Self)> {
        (0..).zip(&picture.clusters)
    }

    fn get(picture: &Picture, number: i64) -> Option<&Self> {
        picture.clusters.get(usize::try_from(number).ok()?)
    }

    fn version(picture: &Picture) -> u64 {
        picture.versions.clusters
    }

    fn identity(&self) -> &str {
        &self.view.name
    }

    fn has(&self, word: &str, _: &Picture) -> bool {
        Self::has(self, word)
    }
}

fn whole<'a>(number: u64) -> SortKey<'a> {
    SortKey::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn mean_load<'a>(cluster: &'a Cluster, view: &View<'a>) -> Cell<'a> {
    match cluster.sums.mean_load() {
        Some(load) => Cell::from(count(load.unsigned_abs())).style(Style::new()),
        None => Cell::from(view.look.glyphs.none).style(view.look.theme.dim),
    }
}

/// The terms of the load formula.
fn factors(cluster: &Cluster) -> String {
    let it = &cluster.view;
    format!(
        "{}/attendee {}/meeting CPU {}^{}",
        it.attendee_factor, it.meeting_factor, it.cpu_max, it.cpu_order
    )
}
