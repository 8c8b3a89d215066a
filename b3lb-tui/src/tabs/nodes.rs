//! The Nodes tab: trouble first.

use crate::model::{Node, Picture};
use crate::table::{Cell, Column, Kind, Row, Sort, SortKey, View, maybe};
use crate::text::{age, count, percent};

impl Row for Node {
    const NOUN: &'static str = "node";
    const SORTED_BY: Sort = Sort { column: 0, descending: false };
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "STATE",
            kind: Kind::Name,
            min: 11,
            max: 11,
            priority: 0,
            key: |node, _| node.trouble_rank().into(),
            cell: state,
        },
        Column {
            title: "NODE",
            kind: Kind::Name,
            min: 19,
            max: 40,
            priority: 0,
            key: |node, _| SortKey::Text(&node.name),
            cell: |node, _| node.name.as_str().into(),
        },
        Column {
            title: "CLUSTER",
            kind: Kind::Name,
            min: 9,
            max: 16,
            priority: 3,
            key: |node, _| SortKey::Text(&node.cluster),
            cell: |node, _| node.cluster.as_str().into(),
        },
        Column {
            title: "LOAD",
            kind: Kind::Number,
            min: 7,
            max: 7,
            priority: 0,
            key: |node, _| maybe(node.load()),
            cell: load,
        },
        Column {
            title: "MEETINGS",
            kind: Kind::Number,
            min: 9,
            max: 9,
            priority: 1,
            key: |node, _| maybe(node.meetings()),
            cell: |node, view| figure(node.meetings(), view),
        },
        Column {
            title: "ATTENDEES",
            kind: Kind::Number,
            min: 10,
            max: 10,
            priority: 1,
            key: |node, _| maybe(node.attendees()),
            cell: |node, view| figure(node.attendees(), view),
        },
        Column {
            title: "CPU",
            kind: Kind::Number,
            min: 5,
            max: 6,
            priority: 2,
            key: |node, _| maybe(node.cpu()),
            cell: |node, view| node.cpu().map_or_else(|| none(view), |cpu| percent(cpu).into()),
        },
        Column {
            title: "POLLED",
            kind: Kind::Number,
            min: 7,
            max: 7,
            priority: 4,
            key: |node, _| maybe(node.figures.as_ref().map(|it| -it.polled_at)),
            cell: |node, view| {
                node.poll_age(view.now).map_or_else(|| none(view), |seconds| age(seconds).into())
            },
        },
        Column {
            title: "MISSES",
            kind: Kind::Number,
            min: 7,
            max: 7,
            priority: 6,
            key: |node, _| node.misses().into(),
            cell: misses,
        },
        Column {
            title: "LAST POLL ERROR",
            kind: Kind::Sentence,
            min: 30,
            max: 70,
            priority: 5,
            key: |node, _| SortKey::Text(node.error().unwrap_or_default()),
            cell: |node, view| Cell::from(node.error().unwrap_or_default()).style(view.look.theme.suspect),
        },
    ];

    fn all(picture: &Picture) -> impl Iterator<Item = (i64, &Self)> {
        picture.nodes.iter().map(|(number, node)| (*number, node))
    }

    fn get(picture: &Picture, number: i64) -> Option<&Self> {
        picture.nodes.get(&number)
    }

    fn version(picture: &Picture) -> u64 {
        picture.versions.nodes
    }

    fn identity(&self) -> &str {
        &self.name
    }

    fn has(&self, word: &str, _: &Picture) -> bool {
        Self::has(self, word)
    }
}

fn state<'a>(node: &'a Node, view: &View<'a>) -> Cell<'a> {
    let (state, maintenance) = (node.state(), node.maintenance());
    Cell::from(view.look.glyphs.state(state, maintenance)).style(view.look.theme.state(state, maintenance))
}

fn load<'a>(node: &'a Node, view: &View<'a>) -> Cell<'a> {
    match node.load() {
        // -1 and -2 are states, which stand in a column of their own.
        Some(load) if load < 0 => Cell::from(load.to_string()).style(view.look.theme.dim),
        Some(load) => count(load.unsigned_abs()).into(),
        None => none(view),
    }
}

fn misses<'a>(node: &'a Node, view: &View<'a>) -> Cell<'a> {
    let style = if node.misses() > 0 { view.look.theme.suspect } else { view.look.theme.dim };
    Cell::from(count(node.misses())).style(style)
}

fn figure<'a>(figure: Option<u32>, view: &View<'a>) -> Cell<'a> {
    figure.map_or_else(|| none(view), |it| count(it).into())
}

fn none<'a>(view: &View<'a>) -> Cell<'a> {
    Cell::from(view.look.glyphs.none).style(view.look.theme.dim)
}
