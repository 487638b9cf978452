//! Circles in a graph of names, without recursion: chains of declarations may be long.

use journey_machine::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Circles reported at once: a project with more has one cause.
const MAX_CIRCLES: usize = 20;

/// Who refers to whom, and where.
pub(super) type Graph<'a> = BTreeMap<&'a str, Vec<(&'a str, Span)>>;

/// Circles of the graph that share no name, each as its references in order: `(name, place where it refers to the next)`.
pub(super) fn find<'a>(graph: &Graph<'a>) -> Vec<Vec<(&'a str, Span)>> {
    let mut search = Search {
        graph,
        done: BTreeSet::new(),
        told: BTreeSet::new(),
        found: Vec::new(),
    };
    graph.keys().for_each(|start| search.from(start));
    search.found
}

/// A depth-first search with its path as data.
struct Search<'a, 'g> {
    graph: &'g Graph<'a>,
    /// Names from which everything has been looked at.
    done: BTreeSet<&'a str>,
    /// Names of circles found.
    told: BTreeSet<&'a str>,
    found: Vec<Vec<(&'a str, Span)>>,
}

impl<'a> Search<'a, '_> {
    fn from(&mut self, start: &'a str) {
        let mut path: Vec<(&'a str, usize)> = Vec::new();
        let mut on_path: BTreeMap<&'a str, usize> = BTreeMap::new();
        self.enter(start, &mut path, &mut on_path);
        while let Some((name, next)) = path.last_mut() {
            let Some((to, _)) = self.graph.get(*name).and_then(|refs| refs.get(*next)) else {
                self.done.insert(name);
                on_path.remove(*name);
                path.pop();
                continue;
            };
            *next += 1;
            match on_path.get(to) {
                Some(begin) => self.circle(path.get(*begin..).unwrap_or_default()),
                None => self.enter(to, &mut path, &mut on_path),
            }
        }
    }

    fn enter(
        &self,
        name: &'a str,
        path: &mut Vec<(&'a str, usize)>,
        on_path: &mut BTreeMap<&'a str, usize>,
    ) {
        if !self.done.contains(name) {
            on_path.insert(name, path.len());
            path.push((name, 0));
        }
    }

    /// Keeps a circle, unless one through the same names is known: others come up once that is mended.
    fn circle(&mut self, path: &[(&'a str, usize)]) {
        if self.found.len() == MAX_CIRCLES || path.iter().any(|(name, _)| self.told.contains(name))
        {
            return;
        }
        // The reference taken last is the one before the next to be taken.
        let place = |(name, next): &(&'a str, usize)| {
            let (_, span) = self.graph.get(name)?.get(next.checked_sub(1)?)?;
            Some((*name, *span))
        };
        self.found.push(path.iter().filter_map(place).collect());
        self.told.extend(path.iter().map(|(name, _)| *name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(edges: &[(&'static str, &'static str)]) -> Vec<Vec<&'static str>> {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry(from).or_default().push((to, Span::default()));
        }
        find(&graph)
            .into_iter()
            .map(|c| c.into_iter().map(|(name, _)| name).collect())
            .collect()
    }

    #[test]
    fn circles_are_found_without_what_leads_to_them() {
        assert_eq!(
            circles(&[("a", "b"), ("b", "c"), ("c", "d")]),
            Vec::<Vec<&str>>::new()
        );
        assert_eq!(circles(&[("a", "a")]), [["a"]]);
        assert_eq!(
            circles(&[("a", "b"), ("b", "c"), ("c", "b"), ("x", "x")]),
            [vec!["b", "c"], vec!["x"]]
        );
        assert_eq!(
            circles(&[
                ("a", "b"),
                ("b", "a"),
                ("b", "z"),
                ("c", "a"),
                ("c", "d"),
                ("d", "c")
            ])
            .len(),
            2
        );
    }
}
