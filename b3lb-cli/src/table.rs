//! Tables without borders: upper-case headers, right-aligned numbers, truncated to the width of the terminal.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use serde_json::Value;

use crate::out::cell;

/// Space between columns.
const GAP: u16 = 2;

/// The first column names the row, and is never truncated below this width.
const NAME: usize = 24;

/// A table of these fields of the objects; only truncated if standard output is a terminal.
pub(crate) fn render(rows: &[Value], fields: &[&str]) -> String {
    let mut table = Table::new();
    match if table.is_tty() { table.width() } else { None } {
        Some(width) => fill(&mut table, rows, &worth_their_room(rows, fields, width), Some(width)),
        None => fill(&mut table, rows, fields, None),
    }
    table.trim_fmt()
}

/// A table of these fields that is as wide as it has to be.
pub(crate) fn render_wide(rows: &[Value], fields: &[&str]) -> String {
    let mut table = Table::new();
    fill(&mut table, rows, fields, None);
    table.trim_fmt()
}

/// If not all columns fit, empty ones are dropped first.
fn worth_their_room<'a>(rows: &[Value], fields: &[&'a str], width: u16) -> Vec<&'a str> {
    let needed: usize =
        fields.iter().map(|field| longest(rows, field).max(longest_word(field)) + usize::from(GAP)).sum();
    let has_value = |field: &&str| rows.is_empty() || rows.iter().any(|row| cell(&row[*field]) != "-");
    let fits = needed <= usize::from(width) + usize::from(GAP);
    fields.iter().copied().filter(|field| fits || has_value(field)).collect()
}

/// Length of the longest value of a column, in characters.
fn longest(rows: &[Value], field: &str) -> usize {
    rows.iter().map(|row| cell(&row[field]).chars().count()).max().unwrap_or(0)
}

/// Length of the longest word of a column's title, in characters.
fn longest_word(field: &str) -> usize {
    title(field).split(' ').map(str::len).max().unwrap_or(0)
}

fn fill(table: &mut Table, rows: &[Value], fields: &[&str], width: Option<u16>) {
    let numbers: Vec<_> = fields.iter().map(|field| rows.iter().any(|row| row[*field].is_number())).collect();
    let aligned = |(text, is_number): (String, &bool)| {
        let side = if *is_number { CellAlignment::Right } else { CellAlignment::Left };
        Cell::new_owned(text).set_alignment(side)
    };
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let titles = fields.iter().map(|field| title(field));
    table.set_header(titles.zip(&numbers).map(aligned).collect::<Vec<_>>());
    for value in rows {
        debug_assert!(fields.iter().all(|field| value.get(field).is_some()), "{fields:?} of {value}");
        let cells = fields.iter().map(|field| cell(&value[*field]));
        let mut row = Row::from(cells.zip(&numbers).map(aligned).collect::<Vec<_>>());
        row.max_height(1);
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        hold(table, &least_widths(rows, fields, &numbers, width));
    }
}

/// Numbers are never truncated, since they would be wrong, and names are not, since they would be ambiguous.
/// Header words stay whole if there is room.
fn least_widths(rows: &[Value], fields: &[&str], numbers: &[bool], width: u16) -> Vec<u16> {
    let cells = fields.iter().zip(numbers).enumerate().map(|(i, (field, is_number))| match i {
        _ if *is_number => columns(longest(rows, field)),
        0 => columns(longest(rows, field).min(NAME)),
        _ => 1,
    });
    let cells: Vec<_> = cells.collect();
    let words = fields.iter().map(|field| columns(longest_word(field)));
    let both: Vec<_> = cells.iter().zip(words).map(|(cell, word)| *cell.max(&word)).collect();
    let needed: u16 = both.iter().map(|least| least + GAP).sum();
    if needed <= width { both } else { cells }
}

fn columns(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn hold(table: &mut Table, least: &[u16]) {
    for (column, least) in table.column_iter_mut().zip(least) {
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least + GAP)));
    }
}

/// The field name in upper case; some are shortened to fit a terminal of 80 columns.
fn title(field: &str) -> String {
    match field {
        "maintenance" => "MAINT".to_owned(),
        "last_poll_error" => "LAST ERROR".to_owned(),
        "created_at" => "CREATED".to_owned(),
        _ => field.replace('_', " ").to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows() -> Vec<Value> {
        vec![
            json!({"slug": "n1", "load": 7, "cpu": null, "last_poll_error": "connection refused by the host"}),
            json!({"slug": "node-22", "load": 1234, "cpu": 5, "last_poll_error": null}),
        ]
    }

    const FIELDS: [&str; 4] = ["slug", "load", "cpu", "last_poll_error"];

    #[test]
    fn numbers_stand_right_and_nothing_is_cut() {
        assert_eq!(
            render(&rows(), &FIELDS),
            "SLUG     LOAD  CPU  LAST ERROR\n\
             n1          7    -  connection refused by the host\n\
             node-22  1234    5  -"
        );
    }

    #[test]
    fn text_is_cut_to_the_width_and_numbers_never() {
        for width in [24, 30, 40] {
            let mut table = Table::new();
            fill(&mut table, &rows(), &FIELDS, Some(width));
            let text = table.trim_fmt();
            assert!(text.lines().all(|line| line.chars().count() <= width.into()), "{text}");
            let last: Vec<_> = text.lines().last().unwrap_or_default().split_whitespace().collect();
            assert_eq!(last[..3], ["node-22", "1234", "5"], "{text}");
        }
    }

    #[test]
    fn columns_without_a_value_make_room() {
        let mut rows = rows();
        assert_eq!(worth_their_room(&rows, &FIELDS, 40), FIELDS, "each has a value");
        rows[0]["last_poll_error"] = Value::Null;
        assert_eq!(worth_their_room(&rows, &FIELDS, 25), FIELDS, "there is room");
        assert_eq!(worth_their_room(&rows, &FIELDS, 20), FIELDS[..3]);
        assert_eq!(worth_their_room(&[], &FIELDS, 10), FIELDS);
    }

    #[test]
    fn no_rows_leave_the_header() {
        assert_eq!(render(&[], &["name", "sub_id"]), "NAME  SUB ID");
    }
}
