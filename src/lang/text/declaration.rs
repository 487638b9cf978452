//! Declarations: journeys, sub-journeys, types, settings, errors.

use super::block::{Body, error_step};
use super::grammar::Rule;
use super::reader::{Node, Parts, Reader, Seen};
use super::wrong;
use crate::ast::{
    Block, Decl, Endpoint, ErrorDecl, Errors, FieldDecl, HandlerEvent, Journey, JourneyKind, Label,
    OutcomeDecl, Settings, Spanned, StepKind, TypeDecl, TypeExpr, TypeKind,
};
use crate::diagnostic::{Code, Diagnostic};
use journey_machine::span::Span;

impl Reader<'_> {
    /// A declaration, or what stands in the place of one.
    pub(super) fn declaration(&mut self, node: Node<'_>) -> Option<Decl> {
        let rule = node.as_rule();
        if rule == Rule::debris {
            self.wrong_item(&node, &wrong::DECLARATION);
            return None;
        }
        let (docs, span) = (self.docs(&node), self.span(&node));
        let mut parts = Parts::of(node);
        parts.next();
        match rule {
            Rule::journey => boxed(self.journey(parts, docs, span), Decl::Journey),
            Rule::sub => boxed(self.sub(parts, docs, span), Decl::Journey),
            Rule::type_decl => self.type_decl(parts, docs, span).map(Decl::Type),
            Rule::connection => boxed(self.connection(parts, docs, span), Decl::Connection),
            Rule::issuer => boxed(self.issuer(parts, docs, span), Decl::Issuer),
            Rule::errors => Some(Decl::Errors(Box::new(self.errors(parts, docs, span)))),
            Rule::store => boxed(self.store(parts, docs, span), Decl::Store),
            Rule::task => boxed(self.task(parts, docs, span), Decl::Journey),
            Rule::signal => self.signal(parts, docs, span).map(Decl::Signal),
            Rule::rules => boxed(self.rules(parts, docs, span), Decl::Rules),
            Rule::limit => self.rate_limit(parts, docs, span).map(Decl::Limit),
            Rule::config => Some(Decl::Settings(self.config(parts, span))),
            _ => Some(Decl::Settings(self.secret(parts, span))),
        }
    }

    fn journey(&mut self, mut parts: Parts<'_>, docs: String, span: Span) -> Option<Journey> {
        let name = self.name(&mut parts, "a name after `journey`");
        self.noise(&mut parts);
        let node = self.need(&mut parts, Rule::journey_body, "`{` and the journey");
        let (mut endpoint, mut seen) = (Endpoint::default(), Seen::default());
        let body = self.journey_body(node, span, |reader, item, first_step| {
            reader.head_item(&item, &mut endpoint, &mut seen, first_step);
        });
        let (body, on_failure) = self.journey_handler(body);
        Some(Journey {
            docs,
            name: name?,
            span,
            kind: JourneyKind::Endpoint(endpoint),
            body,
            on_failure,
        })
    }

    /// The items of a journey; `head` reads what is neither step nor handler, and is told of a step before it.
    pub(super) fn journey_body(
        &mut self,
        node: Option<Node<'_>>,
        span: Span,
        mut head: impl FnMut(&mut Self, Node<'_>, Option<Span>),
    ) -> Body {
        let Some(node) = node else {
            return Body {
                block: Block {
                    steps: vec![error_step(span)],
                    span,
                },
                handlers: Vec::new(),
            };
        };
        let mut body = Body {
            block: Block {
                steps: Vec::new(),
                span: self.span(&node),
            },
            handlers: Vec::new(),
        };
        let mut end = node.as_span().start();
        for item in node.into_inner() {
            let item_end = item.as_span().end();
            if is_head(item.as_rule()) {
                let mut steps = body.block.steps.iter();
                let first = steps.find(|step| !matches!(step.kind, StepKind::Error));
                head(self, item, first.map(|step| step.span));
            } else {
                self.item(item, end, &mut body);
            }
            end = item_end;
        }
        body.finished()
    }

    /// Of a journey's handlers there is one: `on failure`.
    pub(super) fn journey_handler(&mut self, body: Body) -> (Block, Option<crate::ast::Handler>) {
        let (failures, others): (Vec<_>, Vec<_>) = body
            .handlers
            .into_iter()
            .partition(|handler| handler.event.node == HandlerEvent::Failure);
        for other in others {
            let title = "a journey handles `failure` only";
            let diagnostic = Diagnostic::new(Code::WRONG_ITEM, other.event.span, title);
            self.report(diagnostic.help("handle other events at the step where they happen"));
        }
        let mut handlers = failures.into_iter();
        let first = handlers.next();
        for other in handlers {
            let diagnostic = Diagnostic::new(
                Code::REPEATED_ITEM,
                other.event.span,
                "a journey has one handler, `on failure`",
            );
            self.report(diagnostic);
        }
        (body.block, first)
    }

    fn sub(&mut self, mut parts: Parts<'_>, docs: String, span: Span) -> Option<Journey> {
        let name = self.name(&mut parts, "a name after `sub`");
        let params = self.need(&mut parts, Rule::params, "`(` and parameters, or `()`");
        let params = params.map(|node| self.params(node)).unwrap_or_default();
        self.noise(&mut parts);
        let node = self.need(&mut parts, Rule::sub_body, "`{` and the steps");
        let (mut outcomes, mut seen) = (None, Seen::default());
        let body = self.journey_body(node, span, |reader, item, _| {
            let read = reader.outcomes(item.clone());
            reader.once(&mut outcomes, Some(read), &mut seen, &item);
        });
        let (body, on_failure) = self.journey_handler(body);
        let kind = JourneyKind::Sub {
            params,
            outcomes: outcomes.unwrap_or_default(),
        };
        Some(Journey {
            docs,
            name: name?,
            span,
            kind,
            body,
            on_failure,
        })
    }

    pub(super) fn params(&mut self, node: Node<'_>) -> Vec<FieldDecl> {
        let mut params = Vec::new();
        for param in node.into_inner() {
            params.extend(self.field_of(&param));
            if self.ids.refused() {
                break;
            }
        }
        params
    }

    fn outcomes(&mut self, node: Node<'_>) -> Vec<OutcomeDecl> {
        const OUTCOME: wrong::Context = wrong::items(
            "an outcome: a name, and a type if it carries something",
            &[],
        );
        let mut parts = Parts::of(node);
        parts.next();
        self.noise(&mut parts);
        let list = self.need(&mut parts, Rule::outcome_list, "`{` and outcomes");
        let mut outcomes = Vec::new();
        for item in list.into_iter().flat_map(Node::into_inner) {
            if item.as_rule() != Rule::outcome {
                self.wrong_item(&item, &OUTCOME);
                continue;
            }
            let docs = self.docs(&item);
            let mut parts = Parts::of(item);
            let Some(name) = self.name(&mut parts, "an outcome") else {
                continue;
            };
            self.noise(&mut parts);
            let ty = parts.take(Rule::type_text).map(|ty| self.type_of(&ty));
            outcomes.push(OutcomeDecl { docs, name, ty });
        }
        outcomes
    }

    fn type_decl(&mut self, mut parts: Parts<'_>, docs: String, span: Span) -> Option<TypeDecl> {
        let name = self.name(&mut parts, "a name after `type`");
        let equals = parts.take(Rule::equals);
        let ty = match parts.any(&[Rule::type_text, Rule::bad_value]) {
            Some(node) => {
                let is_object = node.as_str().starts_with('{');
                if equals.is_none() && !is_object {
                    self.unexpected(node.as_span().start(), "`=` before the type");
                }
                self.type_of(&node)
            }
            None => {
                self.missing(&mut parts, "`=` and a type, or `{` and fields");
                TypeExpr {
                    kind: TypeKind::Error,
                    span,
                }
            }
        };
        Some(TypeDecl {
            docs,
            name: name?,
            ty,
            span,
        })
    }

    fn config(&mut self, mut parts: Parts<'_>, span: Span) -> Settings {
        self.noise(&mut parts);
        let braces = self.need(
            &mut parts,
            Rule::braces,
            "`{` and settings: `name: type = default`",
        );
        let ty = braces.map(|braces| self.type_of(&braces));
        let fields = match ty.map(|ty| ty.kind) {
            Some(TypeKind::Object { fields, .. }) => fields,
            _ => Vec::new(),
        };
        Settings {
            secret: false,
            span,
            fields,
        }
    }

    fn secret(&mut self, mut parts: Parts<'_>, span: Span) -> Settings {
        const SECRET: wrong::Context = wrong::items("the name of a secret", &[]);
        self.noise(&mut parts);
        let list = self.need(&mut parts, Rule::secret_list, "`{` and names of secrets");
        let items = list.map(Node::into_inner);
        let mut fields = Vec::with_capacity(items.as_ref().map_or(0, ExactSizeIterator::len));
        for item in items.into_iter().flatten() {
            match item.as_rule() {
                Rule::field => fields.extend(self.field_of(&item)),
                Rule::name => fields.push(self.untyped_secret(&item)),
                _ => self.wrong_item(&item, &SECRET),
            }
        }
        Settings {
            secret: true,
            span,
            fields,
        }
    }

    /// A secret without a type is a `secret string`.
    fn untyped_secret(&mut self, node: &Node<'_>) -> FieldDecl {
        let (docs, name) = (self.docs(node), self.name_of(node));
        let span = name.span;
        let text = TypeExpr {
            kind: TypeKind::Named("string".to_owned()),
            span,
        };
        let kind = TypeKind::Labelled(
            Spanned {
                node: Label::Secret,
                span,
            },
            Box::new(text),
        );
        FieldDecl {
            docs,
            name,
            optional: false,
            ty: TypeExpr { kind, span },
            default: None,
            span,
        }
    }

    fn errors(&mut self, mut parts: Parts<'_>, docs: String, span: Span) -> Errors {
        const ERROR: wrong::Context = wrong::items(
            "an error: `code STATUS \"message\"`, or `shape { … }`",
            &["shape"],
        );
        let name = parts.take(Rule::name).map(|name| self.name_of(&name));
        self.noise(&mut parts);
        let list = self.need(&mut parts, Rule::error_list, "`{` and errors");
        let (mut codes, mut shape, mut seen) = (Vec::new(), None, Seen::default());
        for item in list.into_iter().flat_map(Node::into_inner) {
            match item.as_rule() {
                Rule::error => codes.extend(self.error(item)),
                Rule::shape => {
                    let mut inner = Parts::of(item.clone());
                    inner.next();
                    self.noise(&mut inner);
                    let template = Some(self.value(&mut inner, "`{` and the shape of an error"));
                    self.once(&mut shape, template, &mut seen, &item);
                }
                _ => self.wrong_item(&item, &ERROR),
            }
        }
        Errors {
            docs,
            name,
            span,
            codes,
            shape,
        }
    }

    fn error(&mut self, node: Node<'_>) -> Option<ErrorDecl> {
        let docs = self.docs(&node);
        let mut parts = Parts::of(node);
        let code = self.name(&mut parts, "a code")?;
        self.noise(&mut parts);
        let status = self.status(&mut parts, "a status");
        let message = self
            .need(&mut parts, Rule::text, "a message")
            .and_then(|text| self.text_of(&text));
        Some(ErrorDecl {
            docs,
            code,
            status: status?,
            message: message?,
        })
    }
}

fn boxed<T>(declared: Option<T>, declaration: impl Fn(Box<T>) -> Decl) -> Option<Decl> {
    declared.map(Box::new).map(declaration)
}

/// Is this part of a head: of a journey, of a task, or the outcomes of a sub-journey?
fn is_head(rule: Rule) -> bool {
    const HEAD: [Rule; 12] = [
        Rule::endpoint,
        Rule::auth,
        Rule::deadline,
        Rule::error_style,
        Rule::redirects,
        Rule::limited,
        Rule::input,
        Rule::answers,
        Rule::outcomes,
        Rule::attempts,
        Rule::timeout,
        Rule::keep,
    ];
    HEAD.contains(&rule)
}
