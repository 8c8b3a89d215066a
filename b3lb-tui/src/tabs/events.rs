//! The Events tab: changes by operators, health of nodes, trouble; the newest first.

use rpc::Severity;

use crate::model::{LoggedEvent, Picture};
use crate::table::{Cell, Column, Kind, Row, Sort, SortKey, View};

impl Row for LoggedEvent {
    const NOUN: &'static str = "event";
    const SORTED_BY: Sort = Sort { column: 0, descending: true };
    const FOLLOWS_FIRST: bool = true;
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "TIME (UTC)",
            kind: Kind::Name,
            min: 14,
            max: 14,
            priority: 0,
            key: |event, _| event.number.into(),
            cell: |event, view| Cell::from(event.at.as_str()).style(view.look.theme.dim),
        },
        Column {
            title: "SEVERITY",
            kind: Kind::Name,
            min: 9,
            max: 9,
            priority: 0,
            key: |event, _| rank(event.severity).into(),
            cell: severity,
        },
        Column {
            title: "KIND",
            kind: Kind::Name,
            min: 7,
            max: 7,
            priority: 2,
            key: |event, _| SortKey::Text(event.kind.as_str()),
            cell: |event, _| event.kind.as_str().into(),
        },
        Column {
            title: "SUBJECT",
            kind: Kind::Name,
            min: 18,
            max: 27,
            priority: 0,
            key: |event, _| SortKey::Text(&event.subject),
            cell: |event, _| event.subject.as_str().into(),
        },
        Column {
            title: "WHAT HAPPENED",
            kind: Kind::Sentence,
            min: 24,
            max: 120,
            priority: 0,
            key: |event, _| SortKey::Text(&event.text),
            cell: |event, _| event.text.as_str().into(),
        },
        Column {
            title: "WHO",
            kind: Kind::Name,
            min: 12,
            max: 14,
            priority: 1,
            key: |event, _| SortKey::Text(event.who.as_deref().unwrap_or_default()),
            cell: |event, _| event.who.as_deref().unwrap_or_default().into(),
        },
    ];

    fn all(picture: &Picture) -> impl Iterator<Item = (i64, &Self)> {
        picture.events.iter().map(|event| (event.number, event))
    }

    /// Numbers have no gaps, so that the first one tells where the others are.
    fn get(picture: &Picture, number: i64) -> Option<&Self> {
        let first = picture.events.front()?.number;
        picture.events.get(usize::try_from(number - first).ok()?)
    }

    fn version(picture: &Picture) -> u64 {
        picture.versions.events
    }

    fn identity(&self) -> &str {
        &self.key
    }

    fn has(&self, word: &str, _: &Picture) -> bool {
        Self::has(self, word)
    }
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
    }
}

fn severity<'a>(event: &'a LoggedEvent, view: &View<'a>) -> Cell<'a> {
    let (theme, glyphs) = (&view.look.theme, &view.look.glyphs);
    let text = format!("{} {}", glyphs.severity(event.severity), event.severity.as_str());
    Cell::from(text).style(theme.severity(event.severity))
}
