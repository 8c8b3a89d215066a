//! The Tenants tab: who uses how much of what it may.

use crate::model::{Picture, Tenant};
use crate::table::{Cell, Column, Kind, Row, Sort, SortKey, View};
use crate::text::count;

impl Row for Tenant {
    const NOUN: &'static str = "tenant";
    const SORTED_BY: Sort = Sort { column: 3, descending: true };
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "TENANT",
            kind: Kind::Name,
            min: 10,
            max: 10,
            priority: 0,
            key: |tenant, _| SortKey::Text(&tenant.slug),
            cell: |tenant, _| tenant.slug.as_str().into(),
        },
        Column {
            title: "GROUP",
            kind: Kind::Name,
            min: 10,
            max: 18,
            priority: 2,
            key: |tenant, _| SortKey::Text(&tenant.group),
            cell: |tenant, _| tenant.group.as_str().into(),
        },
        Column {
            title: "MEETINGS",
            kind: Kind::Number,
            min: 13,
            max: 13,
            priority: 0,
            key: |tenant, _| tenant.meetings.into(),
            cell: |tenant, view| of_limit(tenant.meetings, tenant.meeting_limit, view),
        },
        Column {
            title: "ATTENDEES",
            kind: Kind::Number,
            min: 15,
            max: 15,
            priority: 0,
            key: |tenant, _| tenant.attendees.into(),
            cell: |tenant, view| of_limit(tenant.attendees, tenant.attendee_limit, view),
        },
        Column {
            title: "REFUSED",
            kind: Kind::Number,
            min: 8,
            max: 10,
            priority: 1,
            key: |tenant, _| i64::try_from(tenant.refused).unwrap_or(i64::MAX).into(),
            cell: refused,
        },
        Column {
            title: "SECRETS",
            kind: Kind::Number,
            min: 8,
            max: 8,
            priority: 3,
            key: |tenant, _| tenant.secrets.into(),
            cell: |tenant, _| count(tenant.secrets).into(),
        },
        Column {
            title: "HOSTNAME",
            kind: Kind::Name,
            min: 22,
            max: 44,
            priority: 5,
            key: |tenant, _| SortKey::Text(&tenant.hostname),
            cell: |tenant, _| tenant.hostname.as_str().into(),
        },
        Column {
            title: "DESCRIPTION",
            kind: Kind::Sentence,
            min: 14,
            max: 60,
            priority: 4,
            key: |tenant, _| SortKey::Text(&tenant.description),
            cell: |tenant, view| Cell::from(tenant.description.as_str()).style(view.look.theme.dim),
        },
    ];

    fn all(picture: &Picture) -> impl Iterator<Item = (i64, &Self)> {
        picture.tenants.iter().map(|(number, tenant)| (*number, tenant))
    }

    fn get(picture: &Picture, number: i64) -> Option<&Self> {
        picture.tenants.get(&number)
    }

    fn version(picture: &Picture) -> u64 {
        picture.versions.tenants
    }

    fn identity(&self) -> &str {
        &self.slug
    }

    fn has(&self, word: &str, _: &Picture) -> bool {
        Self::has(self, word)
    }
}

/// `12 / 50`, or just `12` where there is no limit; said in words and colour when it is reached.
fn of_limit<'a>(used: u32, limit: Option<u32>, view: &View<'a>) -> Cell<'a> {
    let theme = &view.look.theme;
    match limit {
        None => count(used).into(),
        Some(limit) if used >= limit => {
            Cell::from(format!("{} {} / {}", view.look.glyphs.warning, count(used), count(limit)))
                .style(theme.suspect)
        }
        Some(limit) => format!("{} / {}", count(used), count(limit)).into(),
    }
}

fn refused<'a>(tenant: &'a Tenant, view: &View<'a>) -> Cell<'a> {
    let style = if tenant.refused > 0 { view.look.theme.suspect } else { view.look.theme.dim };
    Cell::from(count(tenant.refused)).style(style)
}
