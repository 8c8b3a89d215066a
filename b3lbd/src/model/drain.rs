//! Drains: nodes that an operator wants empty.

/// How long before their end the people in meetings are warned, in milliseconds.
const NOTICE: i64 = 10 * 60_000;
/// The least time between a late warning and the end, in milliseconds. A warning is late if the daemon did not run when
/// it was due.
const LEAST_NOTICE: i64 = 60_000;

/// A drain of a node. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// The user who began it, such as `ada (1000)`.
    pub who: String,
    /// When it began.
    pub since: i64,
    /// Why, in words; may be empty.
    pub reason: String,
    /// When the meetings that are left are ended, if ever.
    pub evacuate_at: Option<i64>,
}

/// What is to be done about the meetings that are left on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainStep {
    /// Nothing yet.
    Wait,
    /// Warn that they will be ended, at this time.
    Warn(i64),
    /// End them.
    End,
}

impl Drain {
    /// The next step, for meetings that were warned at `warned_at`.
    pub fn next_step(&self, warned_at: Option<i64>, now: i64) -> DrainStep {
        let Some(end) = self.evacuate_at else { return DrainStep::Wait };
        let notice = NOTICE.min(end - self.since);
        match warned_at {
            None if now < end - notice => DrainStep::Wait,
            None => DrainStep::Warn(end.max(now + notice.min(LEAST_NOTICE))),
            Some(warned_at) if now < end.max(warned_at + notice.min(LEAST_NOTICE)) => DrainStep::Wait,
            Some(_) => DrainStep::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn drain(minutes: Option<i64>) -> Drain {
        let evacuate_at = minutes.map(|it| it * MINUTE);
        Drain { who: "ada".into(), since: 0, reason: String::new(), evacuate_at }
    }

    #[test]
    fn meetings_are_warned_ten_minutes_before_their_end() {
        let drain = drain(Some(120));
        assert_eq!(drain.next_step(None, 110 * MINUTE - 1), DrainStep::Wait);
        assert_eq!(drain.next_step(None, 110 * MINUTE), DrainStep::Warn(120 * MINUTE));
        let warned = Some(110 * MINUTE);
        assert_eq!(drain.next_step(warned, 120 * MINUTE - 1), DrainStep::Wait);
        assert_eq!(drain.next_step(warned, 120 * MINUTE), DrainStep::End);
    }

    #[test]
    fn a_late_warning_leaves_a_minute() {
        let drain = drain(Some(120));
        let late = 130 * MINUTE;
        assert_eq!(drain.next_step(None, late), DrainStep::Warn(late + MINUTE));
        assert_eq!(drain.next_step(Some(late), late + MINUTE - 1), DrainStep::Wait);
        assert_eq!(drain.next_step(Some(late), late + MINUTE), DrainStep::End);
    }

    #[test]
    fn whoever_gives_less_time_wants_less() {
        let drain = Drain { evacuate_at: Some(5_000), ..drain(None) };
        assert_eq!(drain.next_step(None, 0), DrainStep::Warn(5_000));
        assert_eq!(drain.next_step(Some(0), 4_999), DrainStep::Wait);
        assert_eq!(drain.next_step(Some(0), 5_000), DrainStep::End);
    }

    #[test]
    fn without_an_end_meetings_run_as_long_as_they_want() {
        assert_eq!(drain(None).next_step(None, i64::MAX), DrainStep::Wait);
    }
}
