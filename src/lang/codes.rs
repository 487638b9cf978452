//! The registry of codes: one line here and one page in `codes/` for each. A code is never used for anything else again.
//!
//! J01xx syntax, J02xx names, J03xx types, J04xx flow, J05xx limits, J06xx specifications of tests, J09xx warnings.

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
    J0102 UNBALANCED "A bracket or backtick without its partner"
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
    J0121 YAML_SYNTAX "Not YAML"
    J0122 YAML_FEATURE "A part of YAML that journeys do not use"
    J0123 WRONG_SHAPE "Another kind of value was expected here"

    // Names.
    J0201 DECLARED_TWICE "A name is declared twice"
    J0202 UNKNOWN_TYPE "A type that does not exist"
    J0203 UNKNOWN_NAME "A name that nothing binds"
    J0204 UNKNOWN_CONNECTION "A connection that does not exist"
    J0205 UNKNOWN_OPERATION "An operation that does not exist"
    J0206 UNKNOWN_ISSUER "An issuer that does not exist"
    J0207 UNKNOWN_SUB "A sub-journey that does not exist"
    J0208 UNKNOWN_ERROR_STYLE "An error style that does not exist"
    J0209 UNKNOWN_ERROR_CODE "An error code that is not declared"
    J0210 UNKNOWN_SETTING "A setting that does not exist"
    J0211 RECURSIVE_SUB "A sub-journey that runs itself"
    J0212 INFINITE_TYPE "A type without end"
    J0213 TAKEN_NAME "A name that belongs to the language"
    J0214 ROUTE_CONFLICT "Two endpoints for one request"
    J0215 BAD_PATH "A path that does not work"
    J0216 REPEATED_NAME "A name stands twice in one list"
    J0217 BAD_METHOD "Not an HTTP method"
    J0218 BAD_STATUS "Not a status"
    J0219 BAD_HEADER "Not a header"
    J0220 SHADOWED "A name that is bound already"
    J0221 INCOMPLETE_DECLARATION "A declaration lacks a part"
    J0222 NOT_A_SETTING "A computed value in a declaration"
    J0223 UNKNOWN_OUTCOME "An outcome that does not exist"
    J0224 BAD_LIMIT "A limit that makes no sense"
    J0225 UNKNOWN_KEY "A key that does not exist"
    J0226 BODY_REFUSED "A body where none can be"
    J0227 NOT_FROM_TEXT "A type that cannot be read from text"
    J0228 INLINE_SECRET "A credential in the source"
    J0229 UNKNOWN_STORE "A store that does not exist"
    J0230 UNKNOWN_TASK "A task that does not exist"
    J0231 UNKNOWN_SIGNAL "A signal that does not exist"
    J0232 BAD_RECORD "Something that cannot be kept"
    J0233 BAD_INDEX "A field that cannot be in a key or an index"
    J0234 NO_INDEX "No index for what is asked"
    J0235 BAD_BLOB "A blob where none can be"
    J0239 UNDECLARED_ORIGIN "A redirect to somewhere else"
    J0240 UNKNOWN_LIMIT "A limit that does not exist"
    J0241 SAME_PRIORITY "Two rules of one priority"

    // Types.
    J0301 MISMATCH "A value of the wrong type"
    J0302 BAD_OPERANDS "An operator for other types"
    J0303 UNKNOWN_FUNCTION "A function that does not exist"
    J0304 BAD_ARGUMENTS "A function for other types"
    J0305 UNKNOWN_FIELD "A field that does not exist"
    J0306 MAYBE_ABSENT "A field that may be absent"
    J0307 MAYBE_NULL "A value that may be null"
    J0308 MISSING_FIELD "A field is missing"
    J0309 UNDECLARED_FIELD "A field that the type does not have"
    J0310 NOT_A_CONDITION "A condition that is not a bool"
    J0311 NOT_A_LIST "Not something to go through"
    J0312 NOT_EXHAUSTIVE "A match that lacks cases"
    J0313 DEAD_ARM "A case that is never reached"
    J0314 MISMATCHED_CASE "A case that never fits"
    J0315 BAD_MACRO "A macro used in the wrong way"
    J0316 OUT_OF_LIMITS "A constant outside the limits of its type"
    J0317 MISSING_ARGUMENT "An argument is missing"
    J0318 UNKNOWN_ARGUMENT "An argument that nothing takes"
    J0319 EMPTY_OPTIONAL "An optional where a value is needed"
    J0320 MIXED_BRANCH "A branch that collects on some paths only"
    J0321 WRONG_COUNT "Too many or too few values"
    J0322 NOT_CONSTANT "A default that is not a constant"
    J0323 SECRET_LEAK "A secret would leave"
    J0324 KEY_CHANGED "The key of a record does not change"
    J0325 LABEL_LOST "A labelled value where its label is not declared"
    J0326 BAD_PATTERN "A pattern that is no regular expression"
    J0327 LABEL_SEEN "Personal data where others read it"
    J0331 NOT_A_LIMIT_KEY "Not something to count by"
    J0332 BAD_WINDOWS "Not windows to count over"

    // Flow.
    J0401 INCOMPLETE_PATH "A path that does not complete"
    J0402 UNREACHABLE "A step that is never reached"
    J0403 UNHANDLED_FAILURE "A failure that nobody handles"
    J0405 UNHANDLED_OUTCOME "An outcome that nobody handles"
    J0406 UNDECLARED_STATUS "A status the journey does not declare"
    J0407 MISPLACED_STEP "A step that may not stand here"
    J0408 DEAD_HANDLER "A handler that never runs"
    J0409 REPEATED_HANDLER "Two handlers for one event"
    J0410 TURN_ENDS "The turn ends inside `atomically`"
    J0411 SECRET_KEPT "A secret would be kept over a wait"

    // Limits.
    J0501 FILE_TOO_LARGE "A source file is too large"
    J0502 TOO_DEEP "Nested too deeply"
    J0503 TOO_MANY_NODES "Too many expressions in one file"
    J0504 TOO_MANY_PARTS "Too many lines and words in one file"
    J0505 TOO_MANY_LOOPS "Too many comprehensions inside each other"
    J0506 TOO_MANY_PATTERNS "Too many regular expressions in one file"
    J0510 OUT_OF_RANGE "A number outside its bounds"
    J0511 DEADLINE_MISSED "The slowest path is slower than the deadline"
    J0512 LIST_TOO_LONG "A list may be longer than its loop"
    J0520 TOO_LARGE "Too large to be compiled"
    J0599 CONTRADICTION "The compiler contradicts itself"

    // Specifications.
    J0601 BAD_SPECIFICATION "A specification that cannot be played"
    J0602 CONTRADICTING_MOCK "A mock that contradicts a declared type"

    // Warnings.
    J0901 UNUSED_BINDING "A binding that nothing reads"
    J0902 UNUSED_DECLARATION "A declaration that nothing uses"
    J0903 UNUSED_ANSWER "An answer that is never given"
    J0904 ALWAYS_SAME "A test that always has the same result"
    J0905 DEAD_VALUE "A value that is never taken"
    J0907 SHADOWED_RULE "A rule that never decides"
    J0911 TOO_EXPENSIVE "An expression that no run can finish"
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

    /// J01xx: what stands there could not be read.
    #[must_use]
    pub fn is_syntax(self) -> bool {
        self.0 / 100 == 1
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
