//! Parameter rules of tenants: SET, OVERRIDE, BLOCK.

use crate::bbb::Params;

/// What a rule does with the parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleMode {
    /// Sets the value if the client sends none.
    Set(String),
    /// Sets the value, whatever the client sends.
    Override(String),
    /// The client's parameter is removed.
    Block,
}

/// A rule for one parameter of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name of the parameter, case-sensitive.
    pub name: String,
    /// What the rule does with the parameter.
    pub mode: RuleMode,
}

/// Applies `rules` to a client's parameters.
pub fn apply_rules(rules: &[Rule], params: &mut Params) {
    for rule in rules {
        match &rule.mode {
            RuleMode::Set(value) => params.set_default(&rule.name, value),
            RuleMode::Override(value) => params.set(&rule.name, value),
            RuleMode::Block => params.remove(&rule.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_does_what_it_says() {
        let rule = |name: &str, mode| Rule { name: name.to_owned(), mode };
        let rules = [
            rule("given", RuleMode::Set("default".into())),
            rule("absent", RuleMode::Set("default".into())),
            rule("forced", RuleMode::Override("ours".into())),
            rule("blocked", RuleMode::Block),
        ];
        let mut params = Params::parse(b"given=g&forced=theirs&blocked=b&other=o").unwrap();
        apply_rules(&rules, &mut params);
        assert_eq!(params.encode(), "given=g&forced=ours&other=o&absent=default");
    }
}
