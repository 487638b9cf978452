//! What the documentation points at.

use super::{read, root, tracked};
use std::path::{Path, PathBuf};

/// The rooms that pages name without the folder they stand in.
const FLOORS: [&str; 4] = ["cli/", "lang/", "server/", "machine/"];

pub(crate) fn documentation_points_at_what_is_there() -> Vec<String> {
    let pages = tracked()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "md"));
    pages
        .flat_map(|page| {
            let text = read(&page);
            let links = between(&text, "](", ")").filter(|link| !is_there(&page, link));
            let rooms = between(&text, "`", "`").filter(|name| !is_room(name));
            links
                .chain(rooms)
                .map(|name| format!("{}: {name} is not there", page.display()))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What stands between two marks, on one line.
fn between<'a>(
    text: &'a str,
    open: &'static str,
    close: &'static str,
) -> impl Iterator<Item = &'a str> {
    text.lines().flat_map(move |line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            let (inner, after) = rest.split_once(open)?.1.split_once(close)?;
            rest = after;
            Some(inner)
        })
    })
}

/// Does a link lead to a file, and to a heading in it? Links out of the project are taken as they are.
fn is_there(page: &Path, link: &str) -> bool {
    if link.contains("://") {
        return true;
    }
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => page.to_path_buf(),
        file => page.parent().unwrap_or(Path::new("")).join(file),
    };
    root().join(&target).exists() && (heading.is_empty() || has_heading(&target, heading))
}

fn has_heading(page: &Path, heading: &str) -> bool {
    let text = read(page);
    let titles = text.lines().filter_map(|line| line.strip_prefix('#'));
    titles
        .map(|title| anchor(title.trim_start_matches('#').trim()))
        .any(|anchor| anchor == heading)
}

/// A title as the address of its place.
fn anchor(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Is it a room of the code that exists, or no room at all?
fn is_room(name: &str) -> bool {
    if !FLOORS.iter().any(|floor| name.starts_with(floor)) || name.contains(' ') {
        return true;
    }
    let room = root().join("src").join(name);
    room.is_dir() || PathBuf::from(format!("{}.rs", room.display())).is_file()
}
