//! Arguments of `usage`.

use clap::Args;
use jiff::civil::Date;

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli usage
  b3lb-cli usage --tenant SCHOOL --from 2026-11-01 --to 2026-11-30
  b3lb-cli usage --from 2026-10-01 --to 2026-10-31 --csv > october.csv

One row for each tenant and day on which it had meetings: the most attendees and the most meetings \
at the same time, attendee-minutes (the number of attendees, summed up over all minutes), and \
meetings created. Attendees are counted at the end of each minute; people in a breakout room count \
once. Days are those of the daemon's time zone and are kept for 400 days, also those of tenants \
that were removed. Today is included as far as it has passed.";

#[derive(Args)]
pub(crate) struct Usage {
    /// Only this tenant
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant: Option<String>,
    /// The first day, such as 2026-11-01 [default: the first of this month]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// The last day, such as 2026-11-30 [default: today]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) to: Option<Date>,
    /// Comma-separated values with a header
    #[arg(long, conflicts_with_all = ["json", "output"])]
    pub(crate) csv: bool,
}

fn day(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "must be a day as in 2026-11-30")
}
