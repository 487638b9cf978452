//! The tree of a source as nested lists, without places: `(let x (+ 1 2))`.

mod decl;
mod expr;
mod rules;
mod state;
mod step;
mod types;

use journey_lang::ast::{Docs, File};
use std::fmt::{self, Display};

const WIDTH: usize = 110;

/// All declarations of all files, one after the other, with their comments.
pub fn files(files: &[File]) -> String {
    let mut text = String::new();
    for file in files {
        text += &declarations(file);
        for comment in &file.trivia.comments {
            let place = if comment.trailing {
                "trailing"
            } else {
                "own-line"
            };
            text += &format!(
                "{}\n",
                list("comment", [atom(place), quoted(&comment.text)])
            );
        }
    }
    text
}

/// The declarations of a file, one after the other.
pub fn declarations(file: &File) -> String {
    file.decls
        .iter()
        .map(|decl| format!("{}\n", decl::decl(decl)))
        .collect()
}

/// An atom, or a list of them.
pub enum Node {
    Atom(String),
    List(Vec<Self>),
}

fn atom(text: impl Display) -> Node {
    Node::Atom(text.to_string())
}

fn quoted(text: &str) -> Node {
    Node::Atom(format!("{text:?}"))
}

fn list(head: impl Display, items: impl IntoIterator<Item = Node>) -> Node {
    Node::List(std::iter::once(atom(head)).chain(items).collect())
}

/// A list that is left out when it has nothing in it.
fn some(head: &str, items: impl IntoIterator<Item = Node>) -> Option<Node> {
    let items: Vec<Node> = items.into_iter().collect();
    (!items.is_empty()).then(|| list(head, items))
}

fn docs(docs: &Docs) -> Option<Node> {
    (!docs.is_empty()).then(|| list("docs", [quoted(docs)]))
}

impl Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl Node {
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        match self {
            Self::Atom(text) => f.write_str(text),
            Self::List(_) if indent + self.width() <= WIDTH => f.write_str(&self.flat()),
            Self::List(items) => {
                f.write_str("(")?;
                for (at, item) in items.iter().enumerate() {
                    if at > 0 && matches!(item, Self::List(_)) {
                        write!(f, "\n{:indent$}", "", indent = indent + 2)?;
                    } else if at > 0 {
                        f.write_str(" ")?;
                    }
                    item.write(f, indent + 2)?;
                }
                f.write_str(")")
            }
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Atom(text) => text.chars().count(),
            Self::List(items) => items.iter().map(|item| item.width() + 1).sum::<usize>() + 1,
        }
    }

    fn flat(&self) -> String {
        match self {
            Self::Atom(text) => text.clone(),
            Self::List(items) => format!(
                "({})",
                items.iter().map(Self::flat).collect::<Vec<_>>().join(" ")
            ),
        }
    }
}
