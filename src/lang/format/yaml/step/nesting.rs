//! Steps that hold steps.

use super::super::named;
use super::super::out::{Out, dashed, entry, entry_at, present};
use crate::ast::{Block, Branch, Expr, Handler, MatchArm, Name, Spanned, StepKind};
use crate::format::doc::{Doc, item, lines};
use crate::format::expr::Writer;

impl Writer<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    pub(super) fn yaml_nesting(&self, kind: &StepKind) -> Vec<Doc> {
        match kind {
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => self.yaml_if(branches, otherwise.as_ref(), on_failure.as_ref()),
            StepKind::Match {
                subject,
                arms,
                otherwise,
            } => self.yaml_match(subject, arms, otherwise.as_ref()),
            StepKind::Parallel {
                policy,
                branches,
                binding,
                handlers,
            } => {
                let word = Out::words(policy.node.word());
                let branches = branches.iter().map(|branch| self.yaml_branch(branch));
                let branches = Out::block(branches.collect());
                let branches = entry(
                    "branches",
                    branches.unwrap_or_else(|| Out::as_written("{}")),
                );
                let head = entry_at(policy.span, "parallel", word);
                self.yaml_work(head, Some(branches), binding.as_ref(), handlers)
            }
            StepKind::For {
                block,
                binding,
                handlers,
                ..
            } => self.yaml_turns(self.yaml_for(kind), block, binding.as_ref(), handlers),
            StepKind::Repeat {
                block,
                binding,
                handlers,
                ..
            } => self.yaml_turns(self.yaml_repeat(kind), block, binding.as_ref(), handlers),
            StepKind::Block { block, handlers } => present([
                Some(entry("block", self.yaml_steps(block))),
                self.yaml_on(handlers.iter()),
            ]),
            _ => Vec::new(),
        }
    }

    fn yaml_if(
        &self,
        branches: &[(Expr, Block)],
        otherwise: Option<&Block>,
        on_failure: Option<&Handler>,
    ) -> Vec<Doc> {
        let branch = |(condition, block): &(Expr, Block)| {
            vec![
                self.yaml_at("if", condition),
                entry("then", self.yaml_steps(block)),
            ]
        };
        let mut branches = branches.iter().map(branch);
        let mut parts = branches.next().unwrap_or_default();
        let others = branches.map(|parts| dashed(lines(parts))).collect();
        parts.extend(Out::block(others).map(|others| entry("elif", others)));
        parts.extend(otherwise.map(|block| entry("else", self.yaml_steps(block))));
        parts.extend(self.yaml_on(on_failure.into_iter()));
        parts
    }

    fn yaml_match(&self, subject: &Expr, arms: &[MatchArm], otherwise: Option<&Block>) -> Vec<Doc> {
        let cases = Out::block(arms.iter().map(|arm| self.yaml_arm(arm)).collect());
        let cases = cases.unwrap_or_else(|| Out::as_written("[]"));
        present([
            Some(self.yaml_at("match", subject)),
            Some(entry("cases", cases)),
            otherwise.map(|block| entry("otherwise", self.yaml_steps(block))),
        ])
    }

    fn yaml_arm(&self, arm: &MatchArm) -> Doc {
        let when = match arm.values.as_slice() {
            [only] => self.yaml_value(only),
            values => self.yaml_list(values),
        };
        let parts = present([
            Some(entry("when", when)),
            arm.guard.as_ref().map(|guard| self.yaml_at("if", guard)),
            Some(entry("do", self.yaml_steps(&arm.block))),
        ]);
        item(arm.span, dashed(lines(parts)))
    }

    fn yaml_branch(&self, branch: &Branch) -> Doc {
        item(
            branch.span,
            entry(&branch.name.node, self.yaml_steps(&branch.block)),
        )
    }

    /// The head of a loop, its turn, its result and its handlers.
    fn yaml_turns(
        &self,
        head: Vec<Doc>,
        block: &Block,
        binding: Option<&Name>,
        handlers: &[Handler],
    ) -> Vec<Doc> {
        let rest = [
            Some(entry("do", self.yaml_steps(block))),
            named("as", binding),
            self.yaml_on(handlers.iter()),
        ];
        head.into_iter().chain(present(rest)).collect()
    }

    fn yaml_for(&self, kind: &StepKind) -> Vec<Doc> {
        let StepKind::For {
            item,
            index,
            list,
            max,
            parallel,
            ..
        } = kind
        else {
            return Vec::new();
        };
        let names = [Some(item), index.as_ref()].into_iter().flatten();
        let words: Vec<&str> = names.map(|name| name.node.as_str()).collect();
        let span = index
            .as_ref()
            .map_or(item.span, |index| item.span.to(index.span));
        present([
            Some(entry_at(span, "for", Out::words(&words.join(", ")))),
            Some(self.yaml_at("in", list)),
            Some(number("max", max)),
            parallel.as_ref().map(|most| number("parallel", most)),
        ])
    }

    fn yaml_repeat(&self, kind: &StepKind) -> Vec<Doc> {
        let StepKind::Repeat {
            max,
            condition,
            accumulators,
            ..
        } = kind
        else {
            return Vec::new();
        };
        let start = accumulators
            .iter()
            .map(|(name, value)| self.yaml_pair(name, value));
        present([
            Some(number("repeat", max)),
            Some(self.yaml_at("while", condition)),
            Out::block(start.collect()).map(|start| entry("with", start)),
        ])
    }
}

pub(super) fn number(word: &str, number: &Spanned<u64>) -> Doc {
    entry_at(number.span, word, Out::words(&number.node.to_string()))
}
