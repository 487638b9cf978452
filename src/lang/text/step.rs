//! Steps: a function for each.

use super::grammar::Rule;
use super::reader::{Node, Parts, Reader, Seen};
use crate::ast::{Argument, CompleteBody, Expr, ExprKind, Name, Step, StepKind, TemplateEntry};
use crate::diagnostic::{Code, Diagnostic};

impl Reader<'_> {
    pub(super) fn step(&mut self, node: Node<'_>) -> Step {
        let (docs, span) = (self.docs(&node), self.span(&node));
        let rule = node.as_rule();
        let mut parts = Parts::of(node);
        // The word the step begins with.
        parts.next();
        let kind = match rule {
            Rule::let_step => self.let_step(parts),
            Rule::if_step => self.if_step(parts),
            Rule::match_step => self.match_step(parts),
            Rule::call_step => self.call_step(parts),
            Rule::validate_step => self.validate_step(parts),
            Rule::parallel_step => self.parallel_step(parts),
            Rule::for_step => self.for_step(parts),
            Rule::repeat_step => self.repeat_step(parts),
            Rule::run_step => self.run_step(parts),
            Rule::block_step => self.block_step(parts),
            Rule::emit_step => self.emit_step(parts),
            Rule::complete_step => self.complete_step(parts),
            Rule::fail_step => self.fail_step(parts),
            Rule::collect_step => Some(StepKind::Collect {
                value: self.value(&mut parts, "the value to collect"),
            }),
            Rule::next_step => Some(self.next_step(parts)),
            Rule::return_step => self.return_step(parts),
            _ => self.state_step(rule, parts),
        };
        Step {
            docs,
            kind: kind.unwrap_or(StepKind::Error),
            span,
        }
    }

    fn let_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let name = self.name(&mut parts, "a name after `let`");
        if let Some(ty) = parts.take(Rule::type_text) {
            let diagnostic =
                Diagnostic::new(Code::UNEXPECTED, self.span(&ty), "a `let` has no type");
            self.report(diagnostic.help("the type is that of its value: `let x = …`"));
        }
        let value = self.assigned(&mut parts, "`=` and a value after the name");
        Some(StepKind::Let { name: name?, value })
    }

    /// `= V`
    pub(super) fn assigned(&mut self, parts: &mut Parts<'_>, what: &str) -> Expr {
        match self.need(parts, Rule::equals, what) {
            Some(equals) if equals.as_str() != "=" => {
                let message = format!("expected `=` here, found `{}`", equals.as_str());
                let diagnostic = Diagnostic::new(Code::UNEXPECTED, self.span(&equals), message);
                self.report(diagnostic);
            }
            _ => {}
        }
        self.value(parts, "a value after `=`")
    }

    /// `as NAME`, which may be left out.
    pub(super) fn binding(&mut self, parts: &mut Parts<'_>) -> Option<Name> {
        let node = parts.take(Rule::binding)?;
        let mut inner = Parts::of(node.clone());
        if inner.take(Rule::as_).is_none() {
            let diagnostic = Diagnostic::new(
                Code::UNEXPECTED,
                self.span(&node),
                "expected `as` before the name",
            );
            self.report(diagnostic.help(format!("write `as {}`", node.as_str().trim())));
        }
        self.name(&mut inner, "a name after `as`")
    }

    fn call_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let target = self.need(
            &mut parts,
            Rule::call_target,
            "the connection and its operation: `crm.customer`",
        );
        let names = target.and_then(|target| self.call_target(target));
        let args = self.arguments(&mut parts);
        let binding = self.binding(&mut parts);
        let handlers = self.handlers(&mut parts);
        let (connection, operation) = names?;
        Some(StepKind::Call {
            connection,
            operation,
            args,
            binding,
            handlers,
        })
    }

    fn call_target(&mut self, node: Node<'_>) -> Option<(Name, Name)> {
        let mut parts = Parts::of(node);
        let connection = self.name(&mut parts, "a connection")?;
        let what = format!("`.` and an operation after `{}`", connection.node);
        Some((connection, self.name(&mut parts, &what)?))
    }

    pub(super) fn arguments(&mut self, parts: &mut Parts<'_>) -> Vec<Argument> {
        let Some(parens) = self.need(parts, Rule::parens, "`(` and the arguments") else {
            return Vec::new();
        };
        self.arguments_of(&parens)
    }

    fn run_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let sub = self.name(&mut parts, "the name of a sub-journey");
        let args = self.arguments(&mut parts);
        let binding = self.binding(&mut parts);
        let handlers = self.handlers(&mut parts);
        Some(StepKind::Run {
            sub: sub?,
            args,
            binding,
            handlers,
        })
    }

    fn validate_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        self.need(&mut parts, Rule::token_, "`token` and an expression");
        let token = self.expression(&mut parts, "the token: an expression");
        let with = self.need(&mut parts, Rule::with_, "`with` and the issuer");
        let issuer = with.and_then(|_| self.name(&mut parts, "the issuer"));
        let binding = self.binding(&mut parts);
        let handlers = self.handlers(&mut parts);
        Some(StepKind::Validate {
            token,
            issuer: issuer?,
            binding,
            handlers,
        })
    }

    fn block_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let body = self.body(&mut parts, "`{` and steps");
        Some(StepKind::Block {
            block: body.block,
            handlers: body.handlers,
        })
    }

    fn emit_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let name = self.name(&mut parts, "the name of the event");
        let data = parts
            .any(&[Rule::value, Rule::bad_value])
            .map(|value| self.value_of(&value));
        Some(StepKind::Emit { name: name?, data })
    }

    fn complete_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let status = self.status(&mut parts, "a status after `complete`: `200`");
        let body = match parts.take(Rule::complete_body) {
            Some(node) => self.complete_body(node),
            None => Some(CompleteBody::Empty),
        };
        let (mut location, mut headers, mut seen) = (None, None, Seen::default());
        while let Some(node) = parts.any(&[Rule::location, Rule::headers]) {
            let mut inner = Parts::of(node.clone());
            inner.next();
            if node.as_rule() == Rule::location {
                let value = Some(self.value(&mut inner, "a location after `location`"));
                self.once(&mut location, value, &mut seen, &node);
            } else {
                let value = self.need(
                    &mut inner,
                    Rule::braces,
                    "`{` and headers: `{ \"x-a\": value }`",
                );
                let value = value.map(|braces| self.headers(&braces));
                self.once(&mut headers, value, &mut seen, &node);
            }
        }
        Some(StepKind::Complete {
            status: status?,
            body: body?,
            location,
            headers: headers.unwrap_or_default(),
        })
    }

    fn complete_body(&mut self, node: Node<'_>) -> Option<CompleteBody> {
        let node = node.into_inner().next()?;
        let rule = node.as_rule();
        if rule == Rule::bare_body {
            return self.bare_body(&node);
        }
        let mut parts = Parts::of(node);
        parts.next();
        Some(match rule {
            Rule::json_body => CompleteBody::Json(self.value(&mut parts, "a value after `json`")),
            Rule::text_body => CompleteBody::Text(self.value(&mut parts, "a text after `text`")),
            Rule::html_body => CompleteBody::Html(self.value(&mut parts, "a text after `html`")),
            Rule::bytes_body => CompleteBody::Bytes(self.value(&mut parts, "bytes after `bytes`")),
            Rule::problem_body => CompleteBody::Problem(self.problem(parts)?),
            _ => CompleteBody::Empty,
        })
    }

    fn bare_body(&mut self, node: &Node<'_>) -> Option<CompleteBody> {
        let span = self.span(node);
        let word = if node.as_str().starts_with('{') {
            "json"
        } else {
            "text"
        };
        let diagnostic = Diagnostic::new(Code::UNEXPECTED, span, "what kind of body is this?");
        self.report(diagnostic.help(format!(
            "write `{word}` before it; others are `json`, `text`, `html`, `bytes`, `empty`"
        )));
        None
    }

    /// `("code")`
    fn problem(&mut self, mut parts: Parts<'_>) -> Option<Name> {
        let what = "`(\"code\")` after `problem`";
        let parens = match parts.take(Rule::parens) {
            Some(parens) => parens,
            None => {
                self.missing(&mut parts, what);
                return None;
            }
        };
        let inner = parens
            .as_str()
            .trim_start_matches('(')
            .trim_end_matches(')')
            .trim();
        let start = parens.as_span().start() + parens.as_str().find(inner).unwrap_or_default();
        self.text_at(start, start + inner.len())
    }

    fn headers(&mut self, braces: &Node<'_>) -> Vec<(Name, Expr)> {
        let mut headers = Vec::new();
        for (key, value) in self.entries(braces, "headers have no spreads and no optional names") {
            headers.push((key, value));
        }
        headers
    }

    /// The entries of an object template that are plain: `key: V`.
    pub(super) fn entries(&mut self, braces: &Node<'_>, otherwise: &str) -> Vec<(Name, Expr)> {
        let template = self.value_of(braces);
        let ExprKind::Object(entries) = template.kind else {
            return Vec::new();
        };
        let mut plain = Vec::new();
        for entry in entries {
            match entry {
                TemplateEntry::Field {
                    key,
                    optional: false,
                    value,
                } => plain.push((key, value)),
                TemplateEntry::Field {
                    key: Name { span, .. },
                    ..
                }
                | TemplateEntry::Spread(Expr { span, .. }) => {
                    self.report(Diagnostic::new(Code::UNEXPECTED, span, otherwise));
                }
            }
        }
        plain
    }

    fn fail_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        if let Some(wrong) = parts.take(Rule::bad_value) {
            let message = "expected the code of a declared error";
            let diagnostic = Diagnostic::new(Code::UNEXPECTED, self.span(&wrong), message);
            self.report(diagnostic.help(
                "codes are declared in `errors { … }` and stand here without quotes: `fail CODE`",
            ));
            return None;
        }
        let code = self.name(&mut parts, "the code of a declared error")?;
        Some(StepKind::Fail { code })
    }

    fn next_step(&mut self, mut parts: Parts<'_>) -> StepKind {
        let mut values = vec![self.value(&mut parts, "the next value of each accumulator")];
        while let Some(value) = parts.any(&[Rule::value, Rule::bad_value]) {
            values.push(self.value_of(&value));
        }
        StepKind::Next { values }
    }

    fn return_step(&mut self, mut parts: Parts<'_>) -> Option<StepKind> {
        let rest = self.text.get(parts.end..).unwrap_or_default().trim_start();
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            let span = self.map.span(parts.end, parts.end);
            self.missed_at = Some(self.text.len() - rest.len());
            let diagnostic = Diagnostic::new(
                Code::WRONG_STEP,
                span,
                "`return` ends a sub-journey with an outcome",
            );
            self.report(diagnostic.help("an endpoint answers with `complete STATUS json …`"));
            return None;
        }
        let outcome = parts.take(Rule::name).map(|name| self.name_of(&name));
        let value = parts
            .any(&[Rule::value, Rule::bad_value])
            .map(|value| self.value_of(&value));
        Some(StepKind::Return { outcome, value })
    }
}
