//! Path templates: `/v1/customers/{id}`.

/// One segment of a path, between two slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Text as it is on the wire, before percent-encoding.
    Literal(String),
    /// `{name}`
    Param(String),
}

/// Reads a path. The error is a sentence about what is wrong with it.
///
/// # Errors
/// The path is not one: no leading slash, an empty or half-braced segment, a character that would have to be encoded.
pub fn parse(path: &str) -> Result<Vec<Segment>, String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err("a path begins with `/`".into());
    };
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    rest.split('/').map(segment).collect()
}

fn segment(text: &str) -> Result<Segment, String> {
    if let Some(name) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        return if is_name(name) {
            Ok(Segment::Param(name.into()))
        } else {
            Err(format!(
                "`{{{name}}}` does not hold the name of a parameter"
            ))
        };
    }
    if text.is_empty() {
        return Err("a path has no empty segments".into());
    }
    if text == "." || text == ".." {
        return Err(format!("the segment `{text}` would be resolved away"));
    }
    match text.chars().find(|c| !is_plain(*c)) {
        Some('{' | '}') => Err(format!(
            "a parameter is a whole segment, not a part of `{text}`"
        )),
        Some(c) => Err(format!("`{c}` may not stand in a path")),
        None => Ok(Segment::Literal(text.into())),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Characters that stand in a path as they are (RFC 3986 `pchar` without percent-encoding).
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c)
}

/// Parameters of a path, in order.
pub fn params(segments: &[Segment]) -> impl Iterator<Item = &str> {
    segments.iter().filter_map(|s| match s {
        Segment::Param(name) => Some(name.as_str()),
        Segment::Literal(_) => None,
    })
}
