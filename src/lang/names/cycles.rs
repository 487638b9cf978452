//! Circles in a graph of names, without recursion: chains of declarations may be long.

use journey_machine::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Circles reported at once: a project with more has one cause.
const MAX_CIRCLES: usize = 20;

/// Who refers to whom, and where.
pub(super) type Graph<'a> = BTreeMap<&'a str, Vec<(&'a str, Span)>>;

/// Circles of the graph that share no name, each as its references in order: `(name, place where it refers to the next)`.
pub(super) fn find<'a>(graph: &Graph<'a>) -> Vec<Vec<(&'a str, Span)>> {
    let mut left = circular(graph);
    let mut found = Vec::new();
    while let Some(start) = left.first().copied().filter(|_| found.len() < MAX_CIRCLES) {
        let circle = walk(start, graph, &left);
        // Whatever led into the circle is said with it; other circles through the same names come up once it is mended.
        circle.iter().for_each(|(name, _)| _ = left.remove(name));
        found.push(circle);
        left = circular(&restrict(graph, &left));
    }
    found
}

/// Names from which a circle is reached: what remains after names without references have been taken away, again and again.
fn circular<'a>(graph: &Graph<'a>) -> BTreeSet<&'a str> {
    let mut outgoing: BTreeMap<&str, usize> =
        graph.iter().map(|(name, to)| (*name, to.len())).collect();
    let mut incoming: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for (from, to) in graph {
        to.iter()
            .for_each(|(to, _)| incoming.entry(to).or_default().push(from));
    }
    let referred = graph
        .values()
        .flatten()
        .map(|(name, _)| *name)
        .filter(|name| !graph.contains_key(name));
    let mut done: Vec<&str> = referred.collect::<BTreeSet<_>>().into_iter().collect();
    done.extend(
        outgoing
            .iter()
            .filter(|(_, n)| **n == 0)
            .map(|(name, _)| *name),
    );
    while let Some(name) = done.pop() {
        for from in incoming.remove(name).unwrap_or_default() {
            if let Some(count) = outgoing.get_mut(from) {
                *count -= 1;
                if *count == 0 {
                    done.push(from);
                }
            }
        }
    }
    graph
        .keys()
        .copied()
        .filter(|name| outgoing.get(name).is_some_and(|n| *n > 0))
        .collect()
}

fn restrict<'a>(graph: &Graph<'a>, names: &BTreeSet<&'a str>) -> Graph<'a> {
    let inside = |to: &Vec<(&'a str, Span)>| {
        to.iter()
            .copied()
            .filter(|(name, _)| names.contains(name))
            .collect()
    };
    graph
        .iter()
        .filter(|(name, _)| names.contains(*name))
        .map(|(name, to)| (*name, inside(to)))
        .collect()
}

/// Follows first references among `left` until a name comes again; gives the circle alone.
fn walk<'a>(start: &'a str, graph: &Graph<'a>, left: &BTreeSet<&'a str>) -> Vec<(&'a str, Span)> {
    let mut path: Vec<(&'a str, Span)> = Vec::new();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    let mut name = start;
    loop {
        if let Some(begin) = at.get(name) {
            return path.split_off(*begin);
        }
        let Some((to, span)) = graph
            .get(name)
            .into_iter()
            .flatten()
            .find(|(to, _)| left.contains(to))
        else {
            return path;
        };
        at.insert(name, path.len());
        path.push((name, *span));
        name = to;
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
