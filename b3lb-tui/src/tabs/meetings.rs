//! The Meetings tab: the largest first.

use crate::model::{Meeting, Picture};
use crate::table::{Cell, Column, Kind, Row, Sort, SortKey};
use crate::text::{age, count};

/// A column of one figure of a meeting.
macro_rules! figure {
    ($title:literal, $field:ident, $width:literal, $priority:literal) => {
        Column {
            title: $title,
            kind: Kind::Number,
            min: $width,
            max: $width,
            priority: $priority,
            key: |meeting, _| meeting.counts.$field.into(),
            cell: |meeting, _| count(meeting.counts.$field).into(),
        }
    };
}

impl Row for Meeting {
    const NOUN: &'static str = "meeting";
    const SORTED_BY: Sort = Sort { column: 3, descending: true };
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "MEETING",
            kind: Kind::Name,
            min: 24,
            max: 48,
            priority: 0,
            key: |meeting, _| SortKey::Text(&meeting.sort_name),
            cell: |meeting, _| meeting.name.as_str().into(),
        },
        Column {
            title: "TENANT",
            kind: Kind::Name,
            min: 14,
            max: 14,
            priority: 0,
            key: |meeting, _| SortKey::Text(&meeting.secret),
            cell: |meeting, _| meeting.secret.as_str().into(),
        },
        Column {
            title: "NODE",
            kind: Kind::Name,
            min: 19,
            max: 36,
            priority: 1,
            key: |meeting, picture| SortKey::Text(picture.node_name(meeting.node)),
            cell: |meeting, view| view.picture.node_name(meeting.node).into(),
        },
        figure!("ATTENDEES", attendees, 10, 0),
        Column {
            title: "AGE",
            kind: Kind::Number,
            min: 7,
            max: 7,
            priority: 1,
            key: |meeting, _| (-meeting.created_at).into(),
            cell: |meeting, view| age(meeting.age(view.now)).into(),
        },
        figure!("VOICES", voices, 7, 2),
        figure!("VIDEOS", videos, 7, 3),
        figure!("LISTENERS", listeners, 10, 4),
        figure!("MODERATORS", moderators, 11, 5),
        Column {
            title: "ID",
            kind: Kind::Name,
            min: 20,
            max: 60,
            priority: 6,
            key: |meeting, _| SortKey::Text(&meeting.id),
            cell: |meeting, view| Cell::from(meeting.id.as_str()).style(view.look.theme.dim),
        },
    ];

    fn all(picture: &Picture) -> impl Iterator<Item = (i64, &Self)> {
        picture.meetings.iter().map(|(number, meeting)| (*number, meeting))
    }

    fn get(picture: &Picture, number: i64) -> Option<&Self> {
        picture.meetings.get(&number)
    }

    fn version(picture: &Picture) -> u64 {
        picture.versions.meetings
    }

    fn complete(picture: &Picture) -> bool {
        picture.meetings_complete
    }

    fn identity(&self) -> &str {
        &self.key
    }

    /// The oldest first; there are too many of them to compare texts.
    fn tie(&self, number: i64) -> SortKey<'_> {
        SortKey::Number(number)
    }

    fn has(&self, word: &str, picture: &Picture) -> bool {
        Self::has(self, word) || picture.node_name(self.node).contains(word)
    }
}
