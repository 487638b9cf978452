//! The registry of codes: one line here and one page in `codes/` for each. A code is never used for anything else again.
//!
//! J01xx syntax, J02xx names, J03xx types, J04xx flow, J05xx limits, J09xx warnings.

use std::fmt;

/// The code of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Does not compile.
    Error,
    /// Legal and doubtful.
    Warning,
}

struct Entry {
    code: Code,
    title: &'static str,
    page: &'static str,
}

macro_rules! codes {
    ($($number:ident $name:ident $title:literal)*) => {
        impl Code {
            $(#[doc = $title] pub const $name: Self = Self::named(stringify!($number));)*
        }

        static ENTRIES: &[Entry] = &[$(Entry {
            code: Code::$name,
            title: $title,
            page: include_str!(concat!("codes/", stringify!($number), ".md")),
        }),*];
    };
}

codes! {
    // Syntax.
    J0101 UNEXPECTED "Something else was expected here"
    J0102 UNBALANCED "A bracket without its partner"
    J0103 BAD_TEXT "A text that does not end or has a bad escape"
    J0104 BAD_NUMBER "A number that cannot be read"
    J0105 BAD_CHARACTER "A character that means nothing here"
    J0106 RESERVED_NAME "A word of the language used as a name"
    J0107 WRONG_OPERATOR "An operator of another language"
    J0108 WRONG_STEP "Not a step"
    J0109 WRONG_DECLARATION "Not a declaration"
    J0110 WRONG_ITEM "Not an item of this declaration"
    J0111 WRONG_TYPE "Not a type"
    J0112 BAD_TIME "Not a time"
    J0113 REPEATED_ITEM "Something that may stand once stands twice"
    J0114 MISSING_PART "A part is missing"
    J0115 UNREADABLE_FILE "A file that cannot be read as text"

    // Limits.
    J0501 FILE_TOO_LARGE "A source file is too large"
    J0502 TOO_DEEP "Nested too deeply"
    J0503 TOO_MANY_NODES "Too many expressions in one file"
}

impl Code {
    const fn named(name: &str) -> Self {
        let mut number = 0;
        let mut rest = name.as_bytes();
        while let [digit, tail @ ..] = rest {
            if digit.is_ascii_digit() {
                number = number * 10 + (*digit - b'0') as u16;
            }
            rest = tail;
        }
        Self(number)
    }

    /// Every code, in the order of the registry.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|entry| entry.code)
    }

    /// The code with this name, `J0203`; upper or lower case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|code| code.to_string().eq_ignore_ascii_case(name))
    }

    /// What it is about, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.entry().map_or("", |entry| entry.title)
    }

    /// Its page, in Markdown: what it means, an example, what to do.
    #[must_use]
    pub fn page(self) -> &'static str {
        self.entry().map_or("", |entry| entry.page)
    }

    /// J09xx are warnings, all others errors.
    #[must_use]
    pub fn severity(self) -> Severity {
        if self.0 / 100 == 9 {
            Severity::Warning
        } else {
            Severity::Error
        }
    }

    fn entry(self) -> Option<&'static Entry> {
        ENTRIES.iter().find(|entry| entry.code == self)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "J{:04}", self.0)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_their_pages_speak_of_them() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::all() {
            assert!(seen.insert(code), "{code} is registered twice");
            assert_eq!(Code::find(&code.to_string()), Some(code));
            let heading = format!("# {code}: {}\n", code.title());
            assert!(
                code.page().starts_with(&heading),
                "the page of {code} does not begin with {heading:?}"
            );
            assert!(
                code.page().contains("```"),
                "the page of {code} has no example"
            );
        }
    }
}
