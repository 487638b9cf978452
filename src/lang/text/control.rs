//! Steps that hold steps: `if`, `match`, `parallel`, `for`, `repeat`.

use super::grammar::Rule;
use super::reader::{Node, Parts, Reader, Seen};
use super::wrong;
use crate::ast::{Block, Branch, Expr, MatchArm, Name, ParallelPolicy, Spanned, StepKind};
use crate::diagnostic::{Code, Diagnostic};

impl Reader<'_> {
    pub(super) fn if_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let mut branches = vec![self.condition_and_block(&mut parts)];
        while let Some(node) = parts.take(Rule::else_if) {
            let mut inner = Parts::of(node);
            if let Some(word) = inner.take(Rule::elif_) {
                let message = format!("`{}` is not a word of the language", word.as_str());
                self.report(
                    Diagnostic::new(Code::UNEXPECTED, self.span(&word), message)
                        .help("write `else if`"),
                );
            }
            inner.take(Rule::else_);
            inner.take(Rule::if_);
            branches.push(self.condition_and_block(&mut inner));
        }
        let otherwise = parts.take(Rule::else_part).map(|node| {
            let mut inner = Parts::of(node);
            inner.next();
            self.plain_block(&mut inner, "`{` after `else`")
        });
        Some(StepKind::If {
            branches,
            otherwise,
            on_failure: None,
        })
    }

    fn condition_and_block(&mut self, parts: &mut Parts<'_>) -> (Expr, Block) {
        let condition = self.expression(parts, "a condition");
        (
            condition,
            self.plain_block(parts, "`{` and the steps to take"),
        )
    }

    pub(super) fn match_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let subject = self.expression(&mut parts, "the value to look at");
        self.noise(&mut parts);
        let (mut arms, mut otherwise, mut seen) = (Vec::new(), None, Seen::default());
        let body = self.need(&mut parts, Rule::match_body, "`{` and arms")?;
        for item in body.into_inner() {
            match item.as_rule() {
                Rule::arm => arms.extend(self.arm(item)),
                Rule::otherwise => {
                    let mut inner = Parts::of(item.clone());
                    inner.next();
                    let block = self.plain_block(&mut inner, "`{` after `otherwise`");
                    self.once(&mut otherwise, Some(block), &mut seen, &item);
                }
                _ => self.wrong_arm(&item),
            }
        }
        Some(StepKind::Match {
            subject,
            arms,
            otherwise,
        })
    }

    fn arm(&mut self, node: Node<'_>) -> Option<MatchArm> {
        let span = self.span(&node);
        let mut parts = Parts::of(node);
        let values: Vec<Node<'_>> = parts.take(Rule::arm_values)?.into_inner().collect();
        let values = self.arm_values(&values);
        if values.is_none() {
            parts.give_up();
        }
        let guard = parts.take(Rule::guard).map(|node| {
            let mut inner = Parts::of(node);
            inner.next();
            self.expression(&mut inner, "a condition after `if`")
        });
        let block = self.plain_block(&mut parts, "`{` and the steps of the arm");
        Some(MatchArm {
            values: values?,
            guard,
            block,
            span,
        })
    }

    /// The constants of an arm. `None`: it is written as in another language.
    fn arm_values(&mut self, nodes: &[Node<'_>]) -> Option<Vec<Expr>> {
        let last = nodes.last()?;
        let written = last.as_str();
        if matches!(written, "case" | "when") {
            self.wrong_words(last, &wrong::ARM);
            return None;
        }
        let help = if matches!(written, "default" | "_") {
            "the last arm is `otherwise { … }`"
        } else if written.ends_with("=>") || written.ends_with(':') || written.ends_with("->") {
            "an arm is written `\"a\", \"b\" { … }`"
        } else {
            return Some(nodes.iter().map(|node| self.expression_of(node)).collect());
        };
        let diagnostic = Diagnostic::new(
            Code::WRONG_ITEM,
            self.span(last),
            format!("`{written}` is not an arm"),
        );
        self.report(diagnostic.help(help));
        None
    }

    fn wrong_arm(&mut self, node: &Node<'_>) {
        let mut parts = Parts::of(node.clone());
        match parts.take(Rule::junk) {
            Some(junk) => self.wrong_words(&junk, &wrong::ARM),
            None => self.report(Diagnostic::new(
                Code::WRONG_ITEM,
                self.span(node),
                "an arm without values",
            )),
        }
        if let Some(block) = parts.take(Rule::block) {
            self.block(block);
        }
    }

    pub(super) fn parallel_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let policy = self
            .need(&mut parts, Rule::policy, "`all`, `first` or `settle`")
            .map(|node| Spanned {
                node: match node.as_str() {
                    "first" => ParallelPolicy::First,
                    "settle" => ParallelPolicy::Settle,
                    _ => ParallelPolicy::All,
                },
                span: self.span(&node),
            });
        let binding = self.binding(&mut parts);
        self.noise(&mut parts);
        let (mut branches, mut handlers) = (Vec::new(), Vec::new());
        let body = self.need(
            &mut parts,
            Rule::parallel_body,
            "`{` and branches: `branch a { … }`",
        );
        for item in body.into_iter().flat_map(Node::into_inner) {
            match item.as_rule() {
                Rule::branch => branches.extend(self.branch(item)),
                Rule::handler => handlers.extend(self.handler(item)),
                _ => self.wrong_branch(&item),
            }
        }
        Some(StepKind::Parallel {
            policy: policy?,
            branches,
            binding,
            handlers,
        })
    }

    fn branch(&mut self, node: Node<'_>) -> Option<Branch> {
        let span = self.span(&node);
        let mut parts = Parts::of(node);
        parts.next();
        let name = self.name(&mut parts, "the name of the branch");
        let block = self.plain_block(&mut parts, "`{` and the steps of the branch");
        Some(Branch {
            name: name?,
            block,
            span,
        })
    }

    fn wrong_branch(&mut self, node: &Node<'_>) {
        const BRANCH: wrong::Context =
            wrong::items("a branch: `branch a { … }`", &["branch", "on"]);
        let mut parts = Parts::of(node.clone());
        match parts.take(Rule::junk) {
            Some(junk) => self.wrong_words(&junk, &BRANCH),
            None => self.report(Diagnostic::new(
                Code::WRONG_ITEM,
                self.span(node),
                "expected a branch: `branch a { … }`",
            )),
        }
        if let Some(block) = parts.take(Rule::block) {
            self.block(block);
        }
    }

    pub(super) fn for_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let names = self.need(
            &mut parts,
            Rule::for_names,
            "a name for the item: `for x in list`",
        );
        let names: Option<(Name, Option<Name>)> = names.and_then(|node| {
            let mut inner = Parts::of(node);
            let item = self.name(&mut inner, "a name")?;
            let index = inner.take(Rule::name).map(|index| self.name_of(&index));
            Some((item, index))
        });
        self.need(&mut parts, Rule::in_, "`in` and a list");
        let list = self.expression(&mut parts, "a list");
        let clauses = self.clauses(&mut parts);
        if clauses.max.is_none() && !clauses.seen_max {
            self.missing(&mut parts, "`max` and the largest number of turns");
        }
        let body = self.body(&mut parts, "`{` and the steps of a turn");
        let (item, index) = names?;
        let Clauses {
            max,
            parallel,
            binding,
            ..
        } = clauses;
        let (block, handlers) = (body.block, body.handlers);
        Some(StepKind::For {
            item,
            index,
            list,
            max: max?,
            parallel,
            block,
            binding,
            handlers,
        })
    }

    pub(super) fn repeat_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let clauses = self.clauses(&mut parts);
        if clauses.max.is_none() && !clauses.seen_max {
            self.missing(&mut parts, "`max` and the largest number of turns");
        }
        let condition = match clauses.condition {
            Some(condition) => condition,
            None => {
                self.missing(&mut parts, "`while` and a condition");
                crate::expr::error(self.map.span(parts.end, parts.end), self.ids)
            }
        };
        let body = self.body(&mut parts, "`{` and the steps of a turn");
        let Clauses {
            max,
            binding,
            accumulators,
            ..
        } = clauses;
        let (block, handlers) = (body.block, body.handlers);
        let accumulators = accumulators.unwrap_or_default();
        Some(StepKind::Repeat {
            max: max?,
            condition,
            accumulators,
            block,
            binding,
            handlers,
        })
    }

    /// What stands between the head of a loop and its braces, in any order.
    fn clauses(&mut self, parts: &mut Parts<'_>) -> Clauses {
        const CLAUSES: [Rule; 5] = [
            Rule::max,
            Rule::at_once,
            Rule::while_part,
            Rule::with_part,
            Rule::binding,
        ];
        let (mut clauses, mut seen) = (Clauses::default(), Seen::default());
        while let Some(node) = parts.any(&CLAUSES) {
            if node.as_rule() == Rule::binding {
                let mut alone = Parts::alone(node.clone());
                let binding = self.binding(&mut alone);
                self.once(&mut clauses.binding, binding, &mut seen, &node);
                continue;
            }
            let mut inner = Parts::of(node.clone());
            inner.next();
            match node.as_rule() {
                Rule::max => {
                    clauses.seen_max = true;
                    let max = self.number(&mut inner, "the largest number of turns");
                    self.once(&mut clauses.max, max, &mut seen, &node);
                }
                Rule::at_once => {
                    let parallel = self.number(&mut inner, "how many turns run at once");
                    self.once(&mut clauses.parallel, parallel, &mut seen, &node);
                }
                Rule::while_part => {
                    let condition = Some(self.expression(&mut inner, "a condition after `while`"));
                    self.once(&mut clauses.condition, condition, &mut seen, &node);
                }
                _ => {
                    let accumulators = Some(self.accumulators(inner));
                    self.once(&mut clauses.accumulators, accumulators, &mut seen, &node);
                }
            }
        }
        clauses
    }

    fn accumulators(&mut self, mut parts: Parts<'_>) -> Vec<(Name, Expr)> {
        let what = "an accumulator and its first value: `n = 0`";
        let mut accumulators = Vec::new();
        let mut next = self.need(&mut parts, Rule::accumulator, what);
        while let Some(node) = next {
            let mut inner = Parts::of(node);
            let name = self.name(&mut inner, "a name");
            let first = self.assigned(&mut inner, "`=` and the first value");
            accumulators.extend(name.map(|name| (name, first)));
            next = parts.take(Rule::accumulator);
        }
        accumulators
    }
}

/// Clauses of a loop.
#[derive(Default)]
struct Clauses {
    max: Option<Spanned<u64>>,
    seen_max: bool,
    parallel: Option<Spanned<u64>>,
    condition: Option<Expr>,
    accumulators: Option<Vec<(Name, Expr)>>,
    binding: Option<Name>,
}
