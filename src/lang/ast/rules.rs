//! Rules: in the order of their priorities, the first that fits decides.

use super::{Docs, Expr, FieldDecl, Journey, Name, Spanned, TypeExpr};
use journey_machine::span::Span;

/// `rules name(params) yields T { rule … { … } otherwise V }`
#[derive(Clone, Debug)]
pub struct Rules {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
    /// Its parameters.
    pub params: Vec<FieldDecl>,
    /// What a rule yields.
    pub yields: Option<TypeExpr>,
    /// The rules, as they are written.
    pub rules: Vec<Rule>,
    /// `otherwise V`: where no rule fits.
    pub otherwise: Option<Expr>,
    /// The sub-journeys that these rules are, see [`crate::rules`].
    pub subs: Vec<Journey>,
}

/// `rule name { priority 10  when C  yield V  preview }`
#[derive(Clone, Debug)]
pub struct Rule {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
    /// The lowest comes first.
    pub priority: Option<Spanned<u64>>,
    /// When it fits.
    pub when: Option<Expr>,
    /// What it yields, a template.
    pub value: Option<Expr>,
    /// `preview`: it is reported, and decides nothing.
    pub preview: Option<Span>,
}
