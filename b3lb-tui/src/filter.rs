//! What is typed after `/`: words that must all be in a row, `!word` ones that must not.

/// Text as it is compared: case does not matter.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// A filter, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    word: String,
    inverted: bool,
}

impl Filter {
    /// What was typed.
    pub fn new(text: &str) -> Self {
        let terms = text.split_whitespace().filter_map(|word| {
            let (word, inverted) = word.strip_prefix('!').map_or((word, false), |word| (word, true));
            (!word.is_empty()).then(|| Term { word: fold(word), inverted })
        });
        Self { text: text.to_owned(), terms: terms.collect() }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every row passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row passes; `has` tells if the row has a word, which is in lower case.
    pub fn passes(&self, has: impl Fn(&str) -> bool) -> bool {
        self.terms.iter().all(|term| has(&term.word) != term.inverted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_must_be_there_and_inverted_ones_must_not() {
        let row = fold("bbb-001.example.org main Up");
        let passes = |text: &str| Filter::new(text).passes(|word| row.contains(word));
        for good in ["", "!", "BBB", "bbb up", "!down", "main !down", "  up  "] {
            assert!(passes(good), "{good}");
        }
        for bad in ["down", "bbb down", "!bbb", "main !up"] {
            assert!(!passes(bad), "{bad}");
        }
    }
}
