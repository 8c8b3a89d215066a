//! The Pool tab: the pool over time and its nodes as a picture, above the tenants with the most attendees.

use super::column::{Cell, CellContext, Column, name, number, text};
use super::screen::Screen;
use super::tenants::Tenants;
use crate::keys::Action;
use crate::page::Page;
use crate::state::State;
use crate::state::details::Subject;
use crate::state::list::Sort;
use crate::state::snapshot::Tenant;
use crate::text::count;

/// The Pool tab.
pub struct Pool;

impl Screen for Pool {
    type Row = Tenant;

    const TITLE: &'static str = "Pool";
    const ABOUT: &'static str = "The pool over time";
    const NOUN: &'static str = "tenant";
    const EMPTY: &'static str = "There are no tenants yet: b3lb-cli tenant add SLUG --group GROUP";
    const SORTED_BY: Sort = Sort { column: 1, descending: true };
    const ACTIONS: &'static [Action] = Tenants::ACTIONS;
    const BELOW_PICTURE: bool = true;
    const COLUMNS: &'static [Column<Tenant>] = &[
        name("TOP TENANTS", 11..=11, 0)
            .of(|tenant, _| text(&tenant.slug), |tenant, _| tenant.slug.as_str().into()),
        number("ATTENDEES", 10..=10, 0)
            .of(|tenant, _| tenant.attendees.into(), |tenant, _| count(tenant.attendees).into()),
        number("SHARE", 6..=6, 0).of(|tenant, _| tenant.attendees.into(), share),
        number("MEETINGS", 9..=9, 0)
            .of(|tenant, _| tenant.meetings.into(), |tenant, _| count(tenant.meetings).into()),
        name("GROUP", 10..=18, 1)
            .of(|tenant, _| text(&tenant.group), |tenant, _| tenant.group.as_str().into()),
        name("DESCRIPTION", 14..=60, 2).of(
            |tenant, _| text(&tenant.description),
            |tenant, cx| Cell::from(tenant.description.as_str()).style(cx.look.theme.dim),
        ),
    ];

    fn details(page: &mut Page, state: &State, tenant: &Tenant) {
        Tenants::details(page, state, tenant);
    }

    fn subject(name: &str) -> Option<Subject> {
        Tenants::subject(name)
    }

    fn filter_for(name: &str) -> String {
        Tenants::filter_for(name)
    }
}

/// The share of all attendees.
fn share<'a>(tenant: &'a Tenant, cx: &CellContext<'a>) -> Cell<'a> {
    let all = cx.snapshot.totals.as_ref().map_or(0, |it| it.attendees);
    if all == 0 {
        return Cell::from(cx.look.glyphs.none).style(cx.look.theme.dim);
    }
    match u64::from(tenant.attendees) * 100 / all {
        0 if tenant.attendees > 0 => "<1 %".into(),
        percent => format!("{percent} %").into(),
    }
}
