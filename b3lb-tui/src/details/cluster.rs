//! The details of a cluster: how load is reckoned, its groups, its nodes.

use super::Page;
use crate::model::{Cluster, Node};
use crate::state::State;
use crate::text::{count, counted};

pub(super) fn write(page: &mut Page, state: &State, cluster: &Cluster) {
    let (view, sums) = (&cluster.view, &cluster.sums);
    let open = format!("{} of {} take meetings", sums.open, counted(sums.nodes, "node"));
    page.title(&view.name, &open, if sums.open == 0 { page.look.theme.suspect } else { page.look.theme.up });
    page.field("load", &format!("{} an attendee, {} a meeting", view.attendee_factor, view.meeting_factor));
    let cpu = match view.cpu_order {
        0 => "left out".to_owned(),
        order => format!("up to {} at full use, polynomial of order {order}", count(view.cpu_max)),
    };
    page.field("CPU", &cpu);
    page.field("checksum", &view.checksum);
    page.heading("Groups");
    if view.groups.is_empty() {
        page.styled("In no group: no tenant's meetings come here.", page.look.theme.suspect);
    }
    for name in &view.groups {
        let group = state.picture.groups.iter().find(|it| it.name == *name);
        let tenants = group.map_or(0, |it| it.tenants.len() as u64);
        page.row(name, &counted(tenants, "tenant"));
    }
    page.heading("Nodes, those in trouble first");
    let mut nodes: Vec<&Node> = state.picture.nodes.values().filter(|it| it.cluster == view.name).collect();
    nodes.sort_by(|a, b| a.trouble_rank().cmp(&b.trouble_rank()).then_with(|| a.name.cmp(&b.name)));
    for node in nodes {
        let health = page.look.glyphs.state(node.state(), node.maintenance());
        let meetings = node.meetings().map_or_else(String::new, |it| counted(it, "meeting"));
        page.row(&node.name, &format!("{health:<11}  {meetings:>14}"));
    }
}
