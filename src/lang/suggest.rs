//! Did you mean …? Only where the guess is good: a bad one is worse than none.

/// The candidate closest to a misspelt word, if it is close: the same but for case, or at most a third of its
/// characters away. Of equally close ones the first in alphabetical order.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = word.chars().count() / 3;
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| Some((closeness(word, candidate, limit)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// A help text from [`did_you_mean`].
pub fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    did_you_mean(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

fn closeness(word: &str, candidate: &str, limit: usize) -> Option<usize> {
    if word.eq_ignore_ascii_case(candidate) {
        return Some(0);
    }
    // Longer words cannot be names, and the distance takes quadratic time.
    let short = word.len() <= 100 && candidate.len().abs_diff(word.len()) <= 2 * limit;
    Some(short)
        .filter(|short| *short)
        .map(|_| distance(word, candidate))
        .filter(|distance| *distance <= limit)
}

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (i, in_a) in a.chars().enumerate() {
        let mut row = vec![i + 1];
        let mut previous_b = None;
        for (j, in_b) in b.iter().copied().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, j) + usize::from(in_a != in_b);
            let mut best = replaced.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if previous_a == Some(in_b) && previous_b == Some(in_a) {
                best = best.min(at(&before_last, j.wrapping_sub(1)) + 1);
            }
            row.push(best);
            previous_b = Some(in_b);
        }
        previous_a = Some(in_a);
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_nonsense_is_not() {
        let known = ["orValue", "customer", "amount", "id", "endsWith"];
        let guess = |word| did_you_mean(word, known);
        assert_eq!(guess("orvalue"), Some("orValue"));
        assert_eq!(guess("custmoer"), Some("customer"));
        assert_eq!(guess("ammount"), Some("amount"));
        assert_eq!(guess("startsWith"), None);
        assert_eq!(guess("ix"), None);
        assert_eq!(guess("x"), None);
        assert_eq!(guess("id"), None);
    }
}
