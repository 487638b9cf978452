//! The reference of everything an expression can call, printed from the registry of the library.

use crate::types;
use journey_machine::builtin::{self, Builtin, Cost};
use std::fmt::Write as _;

/// Something callable whose arguments are looked at before they are evaluated.
struct Macro {
    name: &'static str,
    usage: &'static [&'static str],
    docs: &'static str,
    examples: &'static [(&'static str, &'static str)],
}

const MACROS: &[Macro] = &[
    Macro {
        name: "all",
        usage: &[
            "list.all(x, test)",
            "list.all(i, x, test)",
            "map.all(k, v, test)",
        ],
        docs: "Does the test hold for every item? Of a map, `x` is the key.",
        examples: &[("[1, 2].all(x, x > 0)", "true")],
    },
    Macro {
        name: "cel.bind",
        usage: &["cel.bind(x, value, body)"],
        docs: "The body, in which `x` is the value.",
        examples: &[("cel.bind(x, 2, x * x)", "4")],
    },
    Macro {
        name: "exists",
        usage: &[
            "list.exists(x, test)",
            "list.exists(i, x, test)",
            "map.exists(k, v, test)",
        ],
        docs: "Does the test hold for some item?",
        examples: &[("[1, 2].exists(x, x > 1)", "true")],
    },
    Macro {
        name: "exists_one",
        usage: &["list.exists_one(x, test)", "list.existsOne(i, x, test)"],
        docs: "Does the test hold for exactly one item? `existsOne` is the same.",
        examples: &[("[1, 2, 2].exists_one(x, x == 2)", "false")],
    },
    Macro {
        name: "filter",
        usage: &["list.filter(x, test)"],
        docs: "The items for which the test holds.",
        examples: &[("[1, 2, 3].filter(x, x > 1)", "[2, 3]")],
    },
    Macro {
        name: "has",
        usage: &["has(a.b)"],
        docs: "Is the field there?",
        examples: &[("has({'a': 1}.b)", "false")],
    },
    Macro {
        name: "map",
        usage: &["list.map(x, value)", "list.map(x, test, value)"],
        docs: "The list of the values for all items, or for those for which the test holds.",
        examples: &[("[1, 2].map(x, x * 2)", "[2, 4]")],
    },
    Macro {
        name: "optFlatMap",
        usage: &["optional.optFlatMap(x, other)"],
        docs: "The other optional, in which `x` is what this one holds; none if it holds nothing.",
        examples: &[("{'a': {'b': 1}}.?a.optFlatMap(x, x.?b).orValue(0)", "1")],
    },
    Macro {
        name: "optMap",
        usage: &["optional.optMap(x, value)"],
        docs: "An optional of the value, in which `x` is what this one holds; none if it holds nothing.",
        examples: &[("{'a': 1}.?a.optMap(x, x + 1).orValue(0)", "2")],
    },
    Macro {
        name: "sortBy",
        usage: &["list.sortBy(x, key)"],
        docs: "The list in the ascending order of the keys.",
        examples: &[("['aa', 'b'].sortBy(x, size(x))", "['b', 'aa']")],
    },
    Macro {
        name: "transformList",
        usage: &[
            "list.transformList(i, x, value)",
            "map.transformList(k, v, test, value)",
        ],
        docs: "The list of the values for all entries, or for those for which the test holds.",
        examples: &[("[5, 6].transformList(i, x, i * x)", "[0, 6]")],
    },
    Macro {
        name: "transformMap",
        usage: &[
            "map.transformMap(k, v, value)",
            "map.transformMap(k, v, test, value)",
        ],
        docs: "The map with the same keys and these values, of all entries or of those for which the test holds.",
        examples: &[("{'a': 1}.transformMap(k, v, v + 1)", "{'a': 2}")],
    },
    Macro {
        name: "transformMapEntry",
        usage: &[
            "map.transformMapEntry(k, v, entries)",
            "list.transformMapEntry(i, x, test, entries)",
        ],
        docs: "The map of all these entries, each given as a map; no key may come twice.",
        examples: &[("['a'].transformMapEntry(i, x, {x: i})", "{'a': 0}")],
    },
];

/// Names of all functions and macros, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = MACROS.iter().map(|m| m.name).collect();
    names.extend(builtin::all().iter().map(|f| f.name));
    names.sort_unstable();
    names.into_iter()
}

/// Expressions of the reference and the expressions that are equal to them, by name of what they show.
pub fn examples() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let of_macros = MACROS.iter().map(|m| (m.name, m.examples));
    let of_functions = builtin::all().iter().map(|f| (f.name, f.examples));
    of_macros
        .chain(of_functions)
        .flat_map(|(name, examples)| examples.iter().map(move |(a, b)| (name, *a, *b)))
}

/// The page of one function or macro.
#[must_use]
pub fn page(name: &str) -> Option<String> {
    let of_macro = || MACROS.iter().find(|m| m.name == name).map(macro_page);
    let function = builtin::all().iter().find(|f| f.name == name);
    function.map(function_page).or_else(of_macro)
}

/// The whole reference as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = "# Functions\n\nEverything that an expression can call. This page is made by `journey functions`.\n"
        .to_owned();
    for name in names() {
        if let Some(page) = page(name) {
            text.push_str("\n## ");
            text.push_str(&page);
        }
    }
    text
}

fn macro_page(it: &Macro) -> String {
    written(it.name, &it.usage.join("\n"), it.docs, it.examples)
}

fn function_page(function: &Builtin) -> String {
    let signatures = types::signatures(function.name).join("\n");
    let mut page = written(function.name, &signatures, function.docs, function.examples);
    let cost = match function.cost {
        Cost::Fixed => "one step",
        Cost::Texts => "one step, and one for every 64 bytes of a text",
        Cost::Whole => "one step, and one for every 64 bytes of its arguments",
        Cost::Sorting => {
            "one step, and for every 64 bytes of its arguments one for each doubling of the list"
        }
        Cost::Pattern => {
            "one step, and one for every 64 bytes of the text; where only a run knows the pattern, it pays for compiling it as well, and for trying each part of it at each byte"
        }
    };
    // Writing to a string does not fail.
    _ = writeln!(page, "\nCost: {cost}.");
    page
}

fn written(name: &str, usage: &str, docs: &str, examples: &[(&str, &str)]) -> String {
    let mut page = format!("{name}\n\n{docs}\n\n```\n{}\n```\n", usage);
    for (expression, value) in examples {
        _ = write!(page, "\n- `{expression}` is `{value}`");
    }
    page.push('\n');
    page
}
