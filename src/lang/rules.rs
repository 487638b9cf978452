//! Rules as what they are: sub-journeys that ask one condition after the other. Nothing behind the readers needs to know
//! more of them.
//!
//! `rules r(p: P) yields T` is `sub r(p: P)` with the outcome `decided { rule, verdict, preview? }`. Where some of the
//! rules are in preview, it first runs a sub-journey of these alone.

use crate::ast::{
    Argument, Block, Expr, ExprKind, FieldDecl, Handler, HandlerEvent, Ids, Journey, JourneyKind,
    Literal, Name, OutcomeDecl, Rule, Rules, Spanned, Step, StepKind, TemplateEntry, TypeExpr,
    TypeKind,
};
use crate::walk;
use journey_machine::span::Span;
use std::collections::BTreeSet;

/// The name of what is said where no rule fits.
pub const OTHERWISE: &str = "otherwise";

/// Rules in the order in which they are asked: those that decide, or those in preview.
#[must_use]
pub fn ordered(rules: &Rules, preview: bool) -> Vec<&Rule> {
    let those = rules
        .rules
        .iter()
        .filter(|r| r.preview.is_some() == preview);
    let mut ordered: Vec<&Rule> = those.collect();
    ordered.sort_by_key(|rule| rule.priority.as_ref().map(|priority| priority.node));
    ordered
}

/// The sub-journeys that rules are; none where a part is missing, which is reported elsewhere.
#[must_use]
pub fn subs(rules: &Rules, ids: &mut Ids) -> Vec<Journey> {
    let (Some(yields), Some(otherwise)) = (&rules.yields, &rules.otherwise) else {
        return Vec::new();
    };
    let mut made = Subs { rules, yields, ids };
    let previews = ordered(rules, true);
    let preview = (!previews.is_empty()).then(|| made.preview(&previews));
    let deciding = made.deciding(otherwise, preview.as_ref());
    [deciding].into_iter().chain(preview).collect()
}

struct Subs<'r> {
    rules: &'r Rules,
    yields: &'r TypeExpr,
    ids: &'r mut Ids,
}

impl Subs<'_> {
    fn deciding(&mut self, otherwise: &Expr, preview: Option<&Journey>) -> Journey {
        let span = self.rules.name.span;
        let mut steps: Vec<Step> = preview.iter().map(|sub| self.ask(sub)).collect();
        let tail = |subs: &mut Self| preview.map(|_| subs.preview_entry());
        for rule in ordered(self.rules, false) {
            steps.extend(self.rule(rule, "decided", tail));
        }
        let last = self.verdict("decided", OTHERWISE, otherwise, tail);
        steps.push(last);
        let decided = self.outcome("decided", span, preview.is_some());
        self.sub(&self.rules.name.node, vec![decided], steps)
    }

    fn preview(&mut self, rules: &[&Rule]) -> Journey {
        let mut steps: Vec<Step> = Vec::new();
        for rule in rules {
            steps.extend(self.rule(rule, "hit", |_| None));
        }
        let none = Name {
            node: "none".to_owned(),
            span: self.rules.span,
        };
        steps.push(step(
            none.span,
            StepKind::Return {
                outcome: Some(none.clone()),
                value: None,
            },
        ));
        let hit = self.outcome("hit", self.yields.span, false);
        let none = OutcomeDecl {
            docs: String::new(),
            name: none,
            ty: None,
        };
        let name = format!("{}$preview", self.rules.name.node);
        let mut sub = self.sub(&name, vec![hit, none], steps);
        let used = self.read(rules);
        if let JourneyKind::Sub { params, .. } = &mut sub.kind {
            params.retain(|param| used.contains(param.name.node.as_str()));
        }
        sub
    }

    /// Names that the rules in preview read.
    fn read(&self, rules: &[&Rule]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut exprs: Vec<&Expr> = rules
            .iter()
            .flat_map(|r| r.when.iter().chain(&r.value))
            .collect();
        while let Some(expr) = exprs.pop() {
            if let ExprKind::Ident { name, .. } = &expr.kind {
                names.insert(name.clone());
            }
            exprs.extend(walk::operands(expr));
        }
        names
    }

    fn sub(&self, name: &str, outcomes: Vec<OutcomeDecl>, steps: Vec<Step>) -> Journey {
        let span = self.rules.span;
        Journey {
            docs: self.rules.docs.clone(),
            name: Name {
                node: name.to_owned(),
                span: self.rules.name.span,
            },
            span,
            kind: JourneyKind::Sub {
                params: self.rules.params.clone(),
                outcomes,
            },
            body: Block { steps, span },
            on_failure: None,
        }
    }

    /// `run r$preview(…) as preview { on none { } }`
    fn ask(&mut self, preview: &Journey) -> Step {
        let params: &[FieldDecl] = match &preview.kind {
            JourneyKind::Sub { params, .. } => params,
            JourneyKind::Endpoint(_) | JourneyKind::Task(_) => &[],
        };
        let args = params.iter().map(|param| Argument {
            name: param.name.clone(),
            value: self.ident(&param.name.node, param.name.span),
        });
        let args = args.collect();
        let span = self.rules.name.span;
        let none = Handler {
            event: Spanned {
                node: HandlerEvent::Outcome("none".to_owned()),
                span,
            },
            binding: None,
            block: Block {
                steps: Vec::new(),
                span,
            },
            span,
        };
        let kind = StepKind::Run {
            sub: preview.name.clone(),
            args,
            binding: Some(self.preview_name()),
            handlers: vec![none],
        };
        step(span, kind)
    }

    /// `if C { return OUTCOME { rule, verdict, … } }`
    fn rule(
        &mut self,
        rule: &Rule,
        outcome: &str,
        tail: impl Fn(&mut Self) -> Option<TemplateEntry>,
    ) -> Option<Step> {
        let (when, value) = (rule.when.clone()?, rule.value.as_ref()?);
        let verdict = self.verdict(outcome, &rule.name.node, value, tail);
        let block = Block {
            steps: vec![verdict],
            span: rule.span,
        };
        let kind = StepKind::If {
            branches: vec![(when, block)],
            otherwise: None,
            on_failure: None,
        };
        Some(Step {
            docs: rule.docs.clone(),
            kind,
            span: rule.span,
        })
    }

    fn verdict(
        &mut self,
        outcome: &str,
        rule: &str,
        value: &Expr,
        tail: impl Fn(&mut Self) -> Option<TemplateEntry>,
    ) -> Step {
        let span = value.span;
        let name = self.expr(span, ExprKind::Literal(Literal::String(rule.to_owned())));
        let entries = [("rule", name), ("verdict", value.clone())];
        let entries = entries
            .into_iter()
            .map(|(key, value)| entry(key, false, value));
        let entries = entries.chain(tail(self)).collect();
        let value = self.expr(span, ExprKind::Object(entries));
        step(
            span,
            StepKind::Return {
                outcome: Some(Name {
                    node: outcome.to_owned(),
                    span,
                }),
                value: Some(value),
            },
        )
    }

    fn preview_entry(&mut self) -> TemplateEntry {
        let name = self.preview_name();
        let value = self.ident(&name.node, name.span);
        entry("preview", true, value)
    }

    /// What nobody can call a parameter.
    fn preview_name(&self) -> Name {
        Name {
            node: "$preview".to_owned(),
            span: self.rules.span,
        }
    }

    /// `decided { rule: string, verdict: T, preview?: { rule: string, verdict: T } }`
    fn outcome(&self, name: &str, span: Span, preview: bool) -> OutcomeDecl {
        let both = || {
            let rule = TypeKind::Named("string".to_owned());
            let rule = field("rule", false, self.rules.name.span, rule);
            let verdict = self.yields.kind.clone();
            vec![rule, field("verdict", false, self.yields.span, verdict)]
        };
        let object = |fields| TypeKind::Object {
            fields,
            open: false,
        };
        let inner = preview.then(|| field("preview", true, self.rules.span, object(both())));
        let kind = object(both().into_iter().chain(inner).collect());
        OutcomeDecl {
            docs: String::new(),
            name: Name {
                node: name.to_owned(),
                span,
            },
            ty: Some(TypeExpr { kind, span }),
        }
    }

    fn ident(&mut self, name: &str, span: Span) -> Expr {
        let kind = ExprKind::Ident {
            name: name.to_owned(),
            absolute: false,
        };
        self.expr(span, kind)
    }

    fn expr(&mut self, span: Span, kind: ExprKind) -> Expr {
        let id = self.ids.expr();
        Expr { id, kind, span }
    }
}

fn entry(key: &str, optional: bool, value: Expr) -> TemplateEntry {
    let key = Name {
        node: key.to_owned(),
        span: value.span,
    };
    TemplateEntry::Field {
        key,
        optional,
        value,
    }
}

fn field(name: &str, optional: bool, span: Span, kind: TypeKind) -> FieldDecl {
    FieldDecl {
        docs: String::new(),
        name: Name {
            node: name.to_owned(),
            span,
        },
        optional,
        ty: TypeExpr { kind, span },
        default: None,
        span,
    }
}

fn step(span: Span, kind: StepKind) -> Step {
    Step {
        docs: String::new(),
        kind,
        span,
    }
}
