//! Faults a node can be told to show.

use std::time::Duration;

use parking_lot::Mutex;

/// A way to misbehave. A closed port is not among them: see `SimNode::refuse`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request is read, never handled and never answered.
    Hang,
    /// The request is handled and answered after the delay.
    Late(Duration),
    /// The request is handled at once (a meeting is really made), but never answered.
    HandleThenHang,
    /// The right answer, one byte at a time with this pause after each.
    Drip(Duration),
    /// The right answer's head and half of its body, then the connection is closed.
    Cut,
    /// Status 500, not handled.
    Http500,
    /// Status 200 with a web page, not handled.
    Html,
    /// The right answer without one of the closing tags in its middle.
    BrokenXml,
    /// An answer that begins well and never ends, not handled.
    Endless,
    /// The right answer behind a byte order mark.
    ByteOrderMark,
    /// The right answer, but what it says of its first meeting is not well-formed.
    IllFormed(IllFormed),
    /// The right answer with another status, from 100 to 999.
    Status(u16),
    /// The right answer with an element more, of this many bytes.
    Bulky(usize),
    /// A refusal with this key and message, not handled; both are written as they are.
    Refusal(String, String),
    /// A list of this many meetings without anything in them, packed by gzip to a thousandth; not handled.
    GzipBomb(usize),
    /// Every checksum is wrong, as if the node's secret had been changed.
    WrongSecret,
    /// The load URL does not exist (404); other calls are not affected.
    NoLoad,
    /// The load URL answers no number; other calls are not affected.
    LoadGarbage,
}

/// What XML 1.0 does not allow in a document without a declaration of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IllFormed {
    /// U+0001 as it is.
    ControlCharacter,
    /// U+FFFE as it is.
    Noncharacter,
    /// `&#1;`.
    CharacterReference,
    /// An entity that is not declared.
    Entity,
    /// A prefix that is not declared; well-formed without namespaces.
    Prefix,
    /// `]]>` in a text.
    SectionEnd,
    /// `<` in an attribute's value.
    Attribute,
    /// A name that is none.
    Name,
}

impl IllFormed {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ControlCharacter,
        Self::Noncharacter,
        Self::CharacterReference,
        Self::Entity,
        Self::Prefix,
        Self::SectionEnd,
        Self::Attribute,
        Self::Name,
    ];

    /// An element with the flaw.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::ControlCharacter => "<flaw>\u{1}</flaw>",
            Self::Noncharacter => "<flaw>\u{fffe}</flaw>",
            Self::CharacterReference => "<flaw>&#1;</flaw>",
            Self::Entity => "<flaw>&nbsp;</flaw>",
            Self::Prefix => "<a:flaw>1</a:flaw>",
            Self::SectionEnd => "<flaw>]]></flaw>",
            Self::Attribute => "<flaw a=\"<\"/>",
            Self::Name => "<2flaw>1</2flaw>",
        }
    }
}

impl Fault {
    fn can_concern(&self, call: &str) -> bool {
        call == "load" || !matches!(self, Self::NoLoad | Self::LoadGarbage)
    }
}

/// Which requests a fault concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    call: Option<String>,
    times: Option<usize>,
}

impl Scope {
    /// All requests.
    pub fn all() -> Self {
        Self::default()
    }

    /// The requests of one call: `create`, `getMeetings`, `load`…
    pub fn call(call: &str) -> Self {
        Self { call: Some(call.to_owned()), times: None }
    }

    /// Only the next `times` requests of the scope.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times: Some(times), ..self }
    }

    fn takes(&self, call: &str) -> bool {
        self.times != Some(0) && self.call.as_deref().is_none_or(|wanted| wanted == call)
    }
}

/// The faults of a node; of several for the same request the newest counts.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<(Fault, Scope)>>);

impl Faults {
    pub(crate) fn set(&self, fault: Fault, scope: Scope) {
        self.0.lock().push((fault, scope));
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    /// The fault for a request that has just arrived; uses up one of its times.
    pub(crate) fn take(&self, call: &str) -> Option<Fault> {
        let mut faults = self.0.lock();
        let found = faults.iter().rposition(|(fault, scope)| scope.takes(call) && fault.can_concern(call))?;
        let (fault, scope) = &mut faults[found];
        let fault = fault.clone();
        if let Some(times) = &mut scope.times {
            *times -= 1;
            if *times == 0 {
                faults.remove(found);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_fault_in_scope_is_taken_as_often_as_said() {
        let faults = Faults::default();
        assert_eq!(faults.take("create"), None);
        faults.set(Fault::Hang, Scope::all());
        faults.set(Fault::Cut, Scope::call("create").times(2));
        assert_eq!(faults.take("join"), Some(Fault::Hang));
        assert_eq!(faults.take("create"), Some(Fault::Cut));
        assert_eq!(faults.take("create"), Some(Fault::Cut));
        assert_eq!(faults.take("create"), Some(Fault::Hang));
        faults.clear();
        faults.set(Fault::NoLoad, Scope::all());
        assert_eq!((faults.take("create"), faults.take("load")), (None, Some(Fault::NoLoad)));
    }
}
