//! The load, by which operators compare nodes.

/// The weights of a cluster in the load formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadFactors {
    /// Load of one attendee.
    pub attendee: f64,
    /// Load of one meeting.
    pub meeting: f64,
    /// Number of terms of the CPU polynomial; 0 = no CPU term.
    pub cpu_order: u32,
    /// Load of a node at full CPU.
    pub cpu_max: u32,
}

impl Default for LoadFactors {
    fn default() -> Self {
        Self { attendee: 1.0, meeting: 30.0, cpu_order: 6, cpu_max: 5000 }
    }
}

impl LoadFactors {
    /// `cpu_max / cpu_order * sum of cpu^n for n in 1..=cpu_order`, with `cpu` as a fraction (0..=1).
    pub fn cpu_term(&self, cpu: f64) -> f64 {
        if self.cpu_order == 0 {
            return 0.0;
        }
        let mut power = 1.0;
        let mut sum = 0.0;
        for _ in 0..self.cpu_order {
            power *= cpu;
            sum += power;
        }
        f64::from(self.cpu_max) / f64::from(self.cpu_order) * sum
    }

    /// The documented load in parts: attendees, meetings, CPU. `cpu` is in units of 0.01 %, as nodes report
    /// it.
    pub fn parts(&self, attendees: u32, meetings: u32, cpu: Option<u32>) -> (f64, f64, f64) {
        let cpu = cpu.map_or(0.0, |cpu| f64::from(cpu) / 10_000.0);
        (self.attendee * f64::from(attendees), self.meeting * f64::from(meetings), self.cpu_term(cpu))
    }

    /// The documented load, truncated to an integer.
    #[expect(clippy::cast_possible_truncation, reason = "truncation is what the formula asks for")]
    pub fn load(&self, attendees: u32, meetings: u32, cpu: Option<u32>) -> i64 {
        let (attendees, meetings, cpu) = self.parts(attendees, meetings, cpu);
        (attendees + meetings + cpu) as i64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        let factors = LoadFactors::default();
        assert_eq!(factors.load(0, 0, Some(0)), 0);
        assert_eq!(factors.load(10, 2, None), 70);
        assert_eq!(factors.load(0, 0, Some(10_000)), 5000);
        // 5000 / 6 * (0.5 + 0.25 + 0.125 + 0.0625 + 0.03125 + 0.015625) = 820.3…
        assert_eq!(factors.load(0, 0, Some(5_000)), 820);
        assert_eq!(LoadFactors { cpu_order: 0, ..factors }.load(1, 1, Some(10_000)), 31);
    }

    proptest! {
        #[test]
        fn more_of_anything_is_never_less_load(a in 0u32..10_000, m in 0u32..1_000, cpu in 0u32..10_000) {
            let factors = LoadFactors::default();
            let load = factors.load(a, m, Some(cpu));
            prop_assert!(factors.load(a + 1, m, Some(cpu)) > load);
            prop_assert!(factors.load(a, m + 1, Some(cpu)) > load);
            prop_assert!(factors.load(a, m, Some(cpu + 1)) >= load);
        }
    }
}
