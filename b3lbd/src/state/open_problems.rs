//! The problems of the moment, and when each began.

use parking_lot::Mutex;

use crate::problems::Finding;

/// A problem that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenProblem {
    /// When it was found first, in milliseconds since 1970.
    pub since: i64,
    /// What was found last.
    pub finding: Finding,
}

/// What has changed since the rules were applied last.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ProblemChanges {
    /// Problems that were not there before.
    pub opened: Vec<OpenProblem>,
    /// Problems that are gone.
    pub closed: Vec<OpenProblem>,
}

/// All open problems, the gravest first. A problem is the same as long as kind and subject are.
#[derive(Debug, Default)]
pub struct OpenProblems {
    open: Mutex<Vec<OpenProblem>>,
}

impl OpenProblems {
    /// Replaces the problems by those that were found at `now` (milliseconds since 1970).
    pub fn update(&self, found: Vec<Finding>, now: i64) -> ProblemChanges {
        let mut open = self.open.lock();
        let mut before = std::mem::take(&mut *open);
        let mut opened = Vec::new();
        for finding in found {
            let is_same =
                |it: &OpenProblem| (it.finding.kind, &it.finding.subject) == (finding.kind, &finding.subject);
            let known = before.iter().position(is_same).map(|at| before.swap_remove(at));
            let since = known.as_ref().map_or(now, |it| it.since);
            let problem = OpenProblem { since, finding };
            if known.is_none() {
                opened.push(problem.clone());
            }
            open.push(problem);
        }
        ProblemChanges { opened, closed: before }
    }

    /// The problems, the gravest first.
    pub fn all(&self) -> Vec<OpenProblem> {
        self.open.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{Facts, find};

    #[test]
    fn a_problem_keeps_its_beginning_until_it_is_gone() {
        let problems = OpenProblems::default();
        let broken = |error: &str| find(&Facts { store_error: Some(error.into()), ..Facts::default() });
        let since = || problems.all().iter().map(|it| it.since).collect::<Vec<_>>();
        assert_eq!(problems.update(find(&Facts::default()), 1).opened.len(), 1);
        assert_eq!(problems.update(broken("full"), 2).opened.len(), 1);
        assert_eq!(problems.update(broken("broken"), 3), ProblemChanges::default());
        assert_eq!(since(), [2, 1]);
        assert!(problems.all()[0].finding.text.contains("broken"));
        let closed = problems.update(find(&Facts::default()), 4).closed;
        assert_eq!(closed.iter().map(|it| it.since).collect::<Vec<_>>(), [2]);
        problems.update(broken("again"), 5);
        assert_eq!(since(), [5, 1]);
    }
}
