//! The Clusters tab: totals over the nodes of a cluster, and the factors of its load.

use ratatui::style::Style;

use super::column::{Cell, CellContext, Column, maybe, name, number, sentence, text, whole};
use super::screen::Screen;
use crate::keys::Action;
use crate::page::Page;
use crate::state::State;
use crate::state::list::Sort;
use crate::state::snapshot::{Cluster, Node};
use crate::text::{count, counted};

/// A column with a total over the nodes.
macro_rules! sum {
    ($title:literal, $field:ident, $style:ident, $priority:literal) => {
        number($title, 8..=9, $priority).of(
            |cluster, _| cluster.sums.$field.into(),
            |cluster, cx| {
                let sum = cluster.sums.$field;
                let theme = &cx.look.theme;
                Cell::from(count(sum)).style(if sum == 0 { theme.dim } else { theme.$style })
            },
        )
    };
}

/// The Clusters tab.
pub struct Clusters;

impl Screen for Clusters {
    type Row = Cluster;

    const TITLE: &'static str = "Clusters";
    const ABOUT: &'static str = "Clusters and their groups";
    const NOUN: &'static str = "cluster";
    const EMPTY: &'static str = "There are no clusters yet: b3lb-cli cluster add NAME";
    const SORTED_BY: Sort = Sort { column: 0, descending: false };
    const ACTIONS: &'static [Action] = &[Action::VisitNodes];
    const COLUMNS: &'static [Column<Cluster>] = &[
        name("CLUSTER", 14..=30, 0)
            .of(|cluster, _| text(&cluster.view.name), |cluster, _| cluster.view.name.as_str().into()),
        sum!("NODES", nodes, strong, 0),
        sum!("UP", up, up, 0),
        sum!("SUSPECT", suspect, suspect, 1),
        sum!("DOWN", down, down, 0),
        sum!("MAINT", maintenance, maintenance, 1),
        number("MEETINGS", 9..=10, 2)
            .of(|cluster, _| whole(cluster.sums.meetings), |cluster, _| count(cluster.sums.meetings).into()),
        number("ATTENDEES", 10..=10, 2).of(
            |cluster, _| whole(cluster.sums.attendees),
            |cluster, _| count(cluster.sums.attendees).into(),
        ),
        number("MEAN LOAD", 10..=10, 3).of(|cluster, _| maybe(cluster.sums.mean_load()), mean_load),
        sentence("FACTORS", 28..=40, 5).of(
            |cluster, _| cluster.view.cpu_max.into(),
            |cluster, cx| Cell::from(factors(cluster)).style(cx.look.theme.dim),
        ),
        sentence("GROUPS", 14..=40, 4).of(
            |cluster, _| text(cluster.view.groups.first().map_or("", String::as_str)),
            |cluster, _| cluster.view.groups.join(", ").into(),
        ),
    ];

    fn details(page: &mut Page, state: &State, cluster: &Cluster) {
        let (view, sums) = (&cluster.view, &cluster.sums);
        let open = format!("{} of {} take meetings", sums.open, counted(sums.nodes, "node"));
        page.title(
            &view.name,
            &open,
            if sums.open == 0 { page.look.theme.suspect } else { page.look.theme.up },
        );
        page.field(
            "load",
            &format!("{} an attendee, {} a meeting", view.attendee_factor, view.meeting_factor),
        );
        let cpu = match view.cpu_order {
            0 => "left out".to_owned(),
            order => format!("up to {} at full use, polynomial of order {order}", count(view.cpu_max)),
        };
        page.field("CPU", &cpu);
        let capacity = match sums.capacity {
            0 => "not learned yet".to_owned(),
            capacity => format!("{} attendees at {} % CPU", count(capacity), view.target_cpu),
        };
        page.field("capacity", &capacity);
        page.field("checksum", &view.checksum);
        page.heading("Groups");
        if view.groups.is_empty() {
            page.styled("In no group: no tenant's meetings come here.", page.look.theme.suspect);
        }
        for name in &view.groups {
            let group = state.snapshot.groups.iter().find(|it| it.name == *name);
            let tenants = group.map_or(0, |it| it.tenants.len() as u64);
            page.row(name, &counted(tenants, "tenant"));
        }
        page.heading("Nodes, those in trouble first");
        let mut nodes: Vec<&Node> =
            state.snapshot.nodes.values().filter(|it| it.cluster == view.name).collect();
        nodes.sort_by(|a, b| a.urgency().cmp(&b.urgency()).then_with(|| a.name.cmp(&b.name)));
        for node in nodes {
            let health = page.look.glyphs.state(node.state(), node.maintenance());
            let meetings = node.meetings().map_or_else(String::new, |it| counted(it, "meeting"));
            page.row(&node.name, &format!("{health:<11}  {meetings:>14}"));
        }
    }
}

fn mean_load<'a>(cluster: &'a Cluster, cx: &CellContext<'a>) -> Cell<'a> {
    match cluster.sums.mean_load() {
        Some(load) => Cell::from(count(load.unsigned_abs())).style(Style::new()),
        None => Cell::from(cx.look.glyphs.none).style(cx.look.theme.dim),
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
