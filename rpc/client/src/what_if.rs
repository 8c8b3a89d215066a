//! What the other nodes carry when some are taken out of use, shared by both tools.

use rpc::PoolHistory;

/// What the calculation needs of a node.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// Name of its cluster.
    pub cluster: &'a str,
    /// Up and not in maintenance.
    pub takes_meetings: bool,
    /// CPU use in units of 0.01 %, if it reports it.
    pub cpu: Option<u32>,
    /// Attendees at the last successful poll.
    pub attendees: u64,
    /// Whether it is taken out of use.
    pub leaves: bool,
}

/// The nodes that are left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rest {
    /// Nodes that take the meetings from now on.
    pub nodes: u64,
    /// Their mean CPU use in percent now; `None` if none of them reports it.
    pub cpu_now: Option<f64>,
    /// Their mean CPU use in percent when they carry the load of now alone.
    pub cpu_then: Option<f64>,
    /// Attendees on each of them now, on average.
    pub attendees_now: f64,
    /// Attendees on each of them when they carry the load of now alone, on average.
    pub attendees_then: f64,
    /// Groups of clusters that have no node left for new meetings.
    pub stranded: Vec<String>,
}

/// What is expected in the next full hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The hour of the day, in the daemon's time zone.
    pub hour: i64,
    /// How many times as many attendees as now.
    pub times: f64,
}

impl Expected {
    /// What the daemon forecasts; none without a forecast, or if nobody is there now.
    pub fn from(history: &PoolHistory) -> Option<Self> {
        let told = history.forecast.as_ref()?;
        let now = history.attendees_now().filter(|it| *it > 0)?;
        Some(Self { hour: history.hour_of(told.at), times: f64::from(told.attendees) / f64::from(now) })
    }
}

/// What the rest carries once the meetings of the leaving nodes have ended, and others like them have begun on the
/// rest: these cost as much CPU there as they do now. The rest are the nodes of the groups (name, names of clusters)
/// that lose a node.
pub fn rest(nodes: &[Node<'_>], groups: &[(&str, &[String])]) -> Rest {
    let is_in = |node: &Node<'_>, group: &(&str, &[String])| group.1.iter().any(|it| it == node.cluster);
    let losing: Vec<_> =
        groups.iter().filter(|group| nodes.iter().any(|it| it.leaves && is_in(it, group))).collect();
    let stays = |node: &&Node<'_>| !node.leaves && node.takes_meetings;
    let rest: Vec<_> =
        nodes.iter().filter(stays).filter(|node| losing.iter().any(|it| is_in(node, it))).collect();
    let stranded = losing.iter().filter(|group| !rest.iter().any(|it| is_in(it, group)));
    let stranded = stranded.map(|(name, _)| (*name).to_owned()).collect();
    if rest.is_empty() {
        return Rest { stranded, ..Rest::default() };
    }
    let leaving: Vec<_> = nodes.iter().filter(|it| it.leaves).collect();
    let people = |nodes: &[&Node<'_>]| nodes.iter().map(|it| float(it.attendees)).sum::<f64>();
    let (people_here, people_there) = (people(&rest), people(&leaving));
    let reporting: Vec<_> =
        rest.iter().filter_map(|it| it.cpu.map(|cpu| (percent(cpu), it.attendees))).collect();
    let count = float(rest.len() as u64);
    let cpu = (!reporting.is_empty()).then(|| {
        let all: f64 = reporting.iter().map(|(cpu, _)| cpu).sum();
        let carried: f64 = reporting.iter().map(|(_, attendees)| float(*attendees)).sum();
        let now = all / float(reporting.len() as u64);
        // A leaving node that reports no CPU counts by its people, as much as they cost elsewhere.
        let each = if carried > 0.0 { all / carried } else { 0.0 };
        let moved: f64 = leaving.iter().map(|it| it.cpu.map_or(float(it.attendees) * each, percent)).sum();
        (now, now + moved / count)
    });
    Rest {
        nodes: rest.len() as u64,
        cpu_now: cpu.map(|(now, _)| now),
        cpu_then: cpu.map(|(_, then)| then),
        attendees_now: people_here / count,
        attendees_then: (people_here + people_there) / count,
        stranded,
    }
}

impl Rest {
    /// Their mean CPU use in percent when they carry what is expected.
    pub fn cpu_expected(&self, expected: Expected) -> Option<f64> {
        self.cpu_then.map(|cpu| cpu * expected.times)
    }

    /// One line, such as `the remaining 8 nodes go from 41 % to 55 % CPU at this load, 78 % at the forecast for 09:00`;
    /// `None` without a rest.
    pub fn in_words(&self, expected: Option<Expected>) -> Option<String> {
        let at_forecast = expected.and_then(|it| {
            self.cpu_expected(it).map(|cpu| format!(", {cpu:.0} % at the forecast for {:02}:00", it.hour))
        });
        let at_forecast = at_forecast.unwrap_or_default();
        let (who, go) = match self.nodes {
            0 => return None,
            1 => ("the remaining node".to_owned(), "goes"),
            count => (format!("the remaining {count} nodes"), "go"),
        };
        Some(match (self.cpu_now, self.cpu_then) {
            (Some(now), Some(then)) => {
                format!("{who} {go} from {now:.0} % to {then:.0} % CPU at this load{at_forecast}")
            }
            _ => {
                let (now, then) = (self.attendees_now, self.attendees_then);
                format!(
                    "{who} {go} from {now:.0} to {then:.0} attendees each at this load; the CPU is not known"
                )
            }
        })
    }
}

fn percent(cpu: u32) -> f64 {
    f64::from(cpu) / 100.0
}

#[expect(clippy::cast_precision_loss, reason = "numbers of people and nodes are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(cluster: &str, cpu: Option<u32>, attendees: u64, leaves: bool) -> Node<'_> {
        Node { cluster, takes_meetings: true, cpu, attendees, leaves }
    }

    #[test]
    fn the_rest_carries_what_the_leaving_nodes_carry_now() {
        let main = ["main".to_owned()];
        let nodes = [
            node("main", Some(4_000), 100, true),
            node("main", Some(4_000), 100, false),
            node("main", Some(2_000), 50, false),
            node("other", Some(9_000), 500, false),
            Node { takes_meetings: false, ..node("main", Some(100), 3, false) },
        ];
        let rest = rest(&nodes, &[("all", &main), ("others", &["other".to_owned()])]);
        assert_eq!(
            rest.in_words(None).unwrap(),
            "the remaining 2 nodes go from 30 % to 50 % CPU at this load"
        );
        let told = rest.in_words(Some(Expected { hour: 9, times: 1.5 })).unwrap();
        assert!(told.ends_with("to 50 % CPU at this load, 75 % at the forecast for 09:00"), "{told}");
        assert_eq!((rest.attendees_now, rest.attendees_then), (75.0, 125.0));
        assert!(rest.stranded.is_empty());
    }

    #[test]
    fn who_reports_no_cpu_counts_by_people() {
        let main = ["main".to_owned()];
        let nodes = [node("main", None, 100, true), node("main", Some(3_000), 100, false)];
        let known = rest(&nodes, &[("all", &main)]);
        assert_eq!(
            known.in_words(None).unwrap(),
            "the remaining node goes from 30 % to 60 % CPU at this load"
        );
        let nodes = [node("main", Some(1), 100, true), node("main", None, 50, false)];
        let unknown = rest(&nodes, &[("all", &main)]).in_words(None).unwrap();
        assert!(unknown.contains("from 50 to 150 attendees each"), "{unknown}");
    }

    #[test]
    fn the_forecast_counts_against_the_people_of_now() {
        let point = |attendees| Some(rpc::PoolPoint { attendees, ..rpc::PoolPoint::default() });
        let told = rpc::PoolForecast { at: 8 * 3_600_000, attendees: 300, week_before: 500 };
        let history = PoolHistory {
            utc_offset: 3_600,
            today: vec![point(900), point(200), None],
            forecast: Some(told),
            ..PoolHistory::default()
        };
        assert_eq!(Expected::from(&history), Some(Expected { hour: 9, times: 1.5 }));
        let unknown = PoolHistory { today: vec![point(200), None, None], ..history.clone() };
        assert_eq!(Expected::from(&unknown), None);
        assert_eq!(Expected::from(&PoolHistory { today: vec![point(0)], ..history.clone() }), None);
        assert_eq!(Expected::from(&PoolHistory { forecast: None, ..history }), None);
    }

    #[test]
    fn groups_without_a_node_are_named() {
        let (one, both) = (["one".to_owned()], ["one".to_owned(), "two".to_owned()]);
        let nodes = [node("one", None, 1, true), node("two", None, 1, false)];
        let rest = rest(&nodes, &[("narrow", &one), ("wide", &both)]);
        assert_eq!((rest.nodes, rest.stranded), (1, vec!["narrow".to_owned()]));
    }
}
