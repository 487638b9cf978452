//! Reads the words of a line.

use journey_machine::index::Reg;
use journey_machine::value::{Duration, EvalError, Key, Map, Timestamp, Value};

pub(crate) type Read<T> = Result<T, String>;

/// What is left of a line.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        Self(line.trim())
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Does this come next?
    pub(crate) fn is_at(self, mark: char) -> bool {
        self.0.starts_with(mark)
    }

    /// Takes `mark` if it comes next.
    pub(crate) fn take(&mut self, mark: &str) -> bool {
        let rest = self.0.strip_prefix(mark);
        self.0 = rest.unwrap_or(self.0).trim_start();
        rest.is_some()
    }

    pub(crate) fn expect(&mut self, mark: &str) -> Read<()> {
        if self.take(mark) {
            Ok(())
        } else {
            Err(format!("`{mark}` expected before `{}`", self.0))
        }
    }

    /// All up to the next of these characters.
    fn until(&mut self, ends: &[char]) -> &'a str {
        let end = self.0.find(ends).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest.trim_start();
        word
    }

    /// All up to the next space.
    pub(crate) fn word(&mut self) -> &'a str {
        self.until(&[' '])
    }

    /// All up to the next space, or the end of an item.
    pub(crate) fn entry_word(&mut self) -> &'a str {
        self.until(&[' ', ',', '}'])
    }

    pub(crate) fn number<T: std::str::FromStr>(&mut self) -> Read<T> {
        let before = self.0;
        let digits = self.until(&[' ', ':', ',', '.', ')', '}', ']']);
        digits
            .parse()
            .map_err(|_| format!("a number expected before `{before}`"))
    }

    /// `r3:name`
    pub(crate) fn register(&mut self, mark: &str) -> Read<Reg> {
        self.expect(mark)?;
        self.expect("r")?;
        let reg = self
            .until(&[' ', ':', '.', ',', '}'])
            .parse()
            .map(Reg)
            .map_err(|_| "a register expected".to_owned());
        if self.0.starts_with(':') {
            self.entry_word();
        }
        reg
    }

    /// `&r3..r5`, or `-` for none: the first and how many.
    pub(crate) fn window(&mut self) -> Read<(Reg, u16)> {
        if self.take("-") {
            return Ok((Reg(0), 0));
        }
        let first = self.register("&")?;
        let last = if self.take("..") {
            self.register("")?
        } else {
            first
        };
        Ok((first, last.0 - first.0 + 1))
    }

    /// Items with commas between two brackets.
    pub(crate) fn between<T>(
        &mut self,
        open: &str,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.expect(open)?;
        let mut items = Vec::new();
        while !self.take(close) {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// Names with commas between braces.
    pub(crate) fn names(&mut self) -> Read<Vec<&'a str>> {
        self.between("{", "}", |line| Ok(line.until(&[',', '}']).trim()))
    }

    /// A value, as listings write it.
    pub(crate) fn literal(&mut self) -> Read<Value> {
        for (word, value) in [
            ("null", Value::Null),
            ("true", true.into()),
            ("false", false.into()),
            ("none", Value::Optional(None)),
        ] {
            if self.take(word) {
                return Ok(value);
            }
        }
        match self.0.chars().next() {
            Some('"') => Ok(self.quoted()?.into()),
            Some('[') => Ok(self.between("[", "]", Self::literal)?.into()),
            Some('{') => Ok(self
                .between("{", "}", Self::entry)?
                .into_iter()
                .collect::<Map>()
                .into()),
            Some('-' | '0'..='9') => self.numeral(),
            _ => self.called(),
        }
    }

    fn entry(&mut self) -> Read<(Key, Value)> {
        let key = self.literal()?;
        self.expect(":")?;
        Ok((Key::of(&key).ok_or("a key expected")?, self.literal()?))
    }

    fn numeral(&mut self) -> Read<Value> {
        let text = self.until(&[' ', ':', ',', ')', '}', ']']);
        let value = match text.strip_suffix('u') {
            Some(digits) => digits.parse().ok().map(Value::Uint),
            None => text
                .parse()
                .ok()
                .map(Value::Int)
                .or_else(|| text.parse().ok().map(Value::Double)),
        };
        value.ok_or_else(|| format!("`{text}` is no number"))
    }

    /// `some(1)`, `timestamp(2026-01-01T00:00:00Z)`, …
    fn called(&mut self) -> Read<Value> {
        let (word, what) = (self.until(&['(', ' ']), "a literal expected");
        self.expect("(")?;
        let value = match word {
            "some" => Some(self.literal()?).into(),
            "error" => EvalError::of_text(&self.quoted()?).ok_or(what)?.into(),
            "timestamp" => Timestamp::parse(self.until(&[')'])).ok_or(what)?.into(),
            "duration" => Duration::parse(self.until(&[')'])).ok_or(what)?.into(),
            "type" => Value::Type(self.until(&[')']).into()),
            "bytes" => bytes(self.until(&[')']))?.into(),
            _ => return Err(what.to_owned()),
        };
        self.expect(")")?;
        Ok(value)
    }

    fn quoted(&mut self) -> Read<String> {
        let mut texts = serde_json::Deserializer::from_str(self.0).into_iter::<String>();
        let text = texts
            .next()
            .ok_or("a text expected")?
            .map_err(|error| error.to_string())?;
        self.0 = self
            .0
            .get(texts.byte_offset()..)
            .unwrap_or_default()
            .trim_start();
        Ok(text)
    }
}

fn bytes(hex: &str) -> Read<Vec<u8>> {
    let digits = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16));
    digits
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}
