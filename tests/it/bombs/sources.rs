//! Sources as large as they may be, each dense in one thing: what reading and checking cost at worst.

use journey_lang::limits::MAX_SOURCE;

/// A source to be made: what it begins with, what is repeated in it and how often at most, and what it ends with.
#[derive(Clone, Debug)]
pub(crate) struct Bomb {
    /// What it is dense in.
    pub(crate) name: &'static str,
    most: usize,
    head: String,
    unit: String,
    tail: String,
}

/// Those of the text form.
pub(crate) fn text() -> Vec<Bomb> {
    table(include_str!("text.tsv"))
}

/// Those of the YAML form.
pub(crate) fn yaml() -> Vec<Bomb> {
    table(include_str!("yaml.tsv"))
}

fn table(written: &'static str) -> Vec<Bomb> {
    let rows = written.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| bomb(row.split('\t'))).collect()
}

fn bomb(mut columns: impl Iterator<Item = &'static str>) -> Option<Bomb> {
    Some(Bomb {
        name: columns.next()?,
        most: columns.next()?.parse().unwrap_or(usize::MAX),
        head: unescaped(columns.next()?),
        unit: unescaped(columns.next()?),
        tail: unescaped(columns.next()?),
    })
}

fn unescaped(written: &str) -> String {
    let mut text = String::new();
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        let meant = if c == '\\' { chars.next() } else { None };
        text.push(match meant {
            Some('n') => '\n',
            Some('t') => '\t',
            Some(other) => other,
            None => c,
        });
    }
    text
}

impl Bomb {
    /// The source: as large as one may be.
    pub(crate) fn source(&self) -> String {
        self.sized(MAX_SOURCE)
    }

    /// The source in at most so many bytes.
    pub(crate) fn sized(&self, size: usize) -> String {
        let mut text = String::with_capacity(size);
        text.push_str(&self.head);
        for number in 0..self.most {
            let unit = self.unit.replace('@', &number.to_string());
            if text.len() + unit.len() + self.tail.len() > size {
                break;
            }
            text.push_str(&unit);
        }
        text.push_str(&self.tail);
        text
    }
}
