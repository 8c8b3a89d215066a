//! The filter typed after `/`: a row must contain every word, and no word after a `!`.

/// Folds case for comparison.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// A parsed filter.
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
    /// Parses a filter.
    pub fn new(text: &str) -> Self {
        let terms = text.split_whitespace().filter_map(|word| {
            let (word, inverted) = word.strip_prefix('!').map_or((word, false), |word| (word, true));
            (!word.is_empty()).then(|| Term { word: fold(word), inverted })
        });
        Self { text: text.to_owned(), terms: terms.collect() }
    }

    /// The filter as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether every row passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row passes; `contains` looks for a word in it, in lower case.
    pub fn passes(&self, contains: impl Fn(&str) -> bool) -> bool {
        self.terms.iter().all(|term| contains(&term.word) != term.inverted)
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
