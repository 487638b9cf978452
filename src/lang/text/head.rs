//! The head of a journey: endpoint, authorisation, input, answers; and parameters, which operations have too.

use super::grammar::Rule;
use super::phrase::{self, Phrase};
use super::reader::{Node, Parts, Reader, Seen};
use super::wrong;
use crate::ast::{
    AnswerDecl, Auth, BodyContent, BodyDecl, BodyKind, Endpoint, Expr, Input, ParamDecl, Place,
    Route, Spanned, TypeExpr, TypeKind,
};
use crate::diagnostic::{Code, Diagnostic};
use journey_machine::span::Span;

impl Reader<'_> {
    /// One item of the head; `first_step`: a step that stands before it.
    pub(super) fn head_item(
        &mut self,
        node: &Node<'_>,
        head: &mut Endpoint,
        seen: &mut Seen,
        first_step: Option<Span>,
    ) {
        self.before_steps(node, first_step);
        let mut parts = Parts::of(node.clone());
        parts.next();
        match node.as_rule() {
            Rule::endpoint => {
                let route = self.route(&mut parts);
                self.once(&mut head.route, route, seen, node);
            }
            Rule::auth => {
                let auth = self.client_auth(&mut parts);
                self.once(&mut head.auth, auth, seen, node);
            }
            Rule::deadline => {
                let deadline = self.time(&mut parts, "a time after `deadline`: `800ms`");
                self.once(&mut head.deadline, deadline, seen, node);
            }
            Rule::error_style => {
                self.noise(&mut parts);
                let name = self.name(&mut parts, "the name of an `errors` declaration");
                self.once(&mut head.errors, name, seen, node);
            }
            Rule::redirects => {
                let (mut redirects, read) = (None, self.redirects(parts));
                self.once(&mut redirects, Some(read), seen, node);
                head.redirects.extend(redirects.unwrap_or_default());
            }
            Rule::limited => {
                let span = self.span(node);
                head.limits.extend(self.limit_use(parts, span));
            }
            Rule::input => {
                let input = self.input(parts, self.span(node));
                self.once(&mut head.input, input, seen, node);
            }
            _ => {
                let mut answers = None;
                let read = self.answers(parts);
                self.once(&mut answers, Some(read), seen, node);
                head.answers.extend(answers.unwrap_or_default());
            }
        }
    }

    /// `GET, POST "/path"`, or the rest of the line, which is not that.
    pub(super) fn route(&mut self, parts: &mut Parts<'_>) -> Option<Route> {
        self.noise(parts);
        match parts.any(&[Rule::route, Rule::rest]) {
            Some(node) if node.as_rule() == Rule::route => self.phrase().route(node),
            Some(node) => self.wrong_phrase(&node, phrase::ROUTE),
            None => {
                self.missing(parts, "methods and a path: `GET, POST \"/customers/{id}\"`");
                None
            }
        }
    }

    /// `config.app_url, "https://login.example.com"`
    fn redirects(&mut self, mut parts: Parts<'_>) -> Vec<Expr> {
        self.noise(&mut parts);
        self.expressions(&mut parts, "the origin of a page: `config.app_url`")
    }

    /// At least one expression, and what stands behind commas.
    pub(super) fn expressions(&mut self, parts: &mut Parts<'_>, what: &str) -> Vec<Expr> {
        let mut all = vec![self.expression(parts, what)];
        while let Some(next) = parts.any(&[Rule::expression, Rule::bad_value]) {
            all.push(self.expression_of(&next));
        }
        all
    }

    pub(super) fn phrase(&mut self) -> Phrase<'_> {
        Phrase {
            map: self.map,
            diags: self.diags,
        }
    }

    pub(super) fn wrong_phrase<T>(&mut self, node: &Node<'_>, help: &str) -> Option<T> {
        let span = self.span(node);
        self.lose(node);
        self.phrase().wrong(node.as_str(), span, help);
        None
    }

    fn client_auth(&mut self, parts: &mut Parts<'_>) -> Option<Spanned<Auth>> {
        self.noise(parts);
        match parts.any(&[Rule::client_auth, Rule::rest]) {
            Some(node) if node.as_rule() == Rule::client_auth => self.phrase().auth(node),
            Some(node) => self.wrong_phrase(&node, phrase::AUTH),
            None => {
                self.missing(parts, "`client_token`, `basic` or `none \"reason\"`");
                None
            }
        }
    }

    fn input(&mut self, mut parts: Parts<'_>, span: Span) -> Option<Input> {
        self.noise(&mut parts);
        let list = self.need(
            &mut parts,
            Rule::input_list,
            "`{` and what the request brings",
        )?;
        let (mut params, mut body, mut seen) = (Vec::new(), None, Seen::default());
        for item in list.into_inner() {
            match item.as_rule() {
                Rule::body => {
                    let read = self.body_decl(item.clone());
                    self.once(&mut body, read, &mut seen, &item);
                }
                _ => params.extend(self.param(&item, true)),
            }
        }
        Some(Input { span, params, body })
    }

    fn body_decl(&mut self, node: Node<'_>) -> Option<BodyDecl> {
        let docs = self.docs(&node);
        let mut parts = Parts::of(node);
        let word = parts.take(Rule::body_kind)?;
        let kind = match word.as_str() {
            "form" => BodyKind::Form,
            "multipart" => BodyKind::Multipart,
            _ => BodyKind::Json,
        };
        let kind = Spanned {
            node: kind,
            span: self.span(&word),
        };
        let content = match parts.any(&[Rule::braces, Rule::field]) {
            Some(node) if node.as_rule() == Rule::field => {
                let field = self.field_of(&node)?;
                BodyContent::Whole(crate::ast::FieldDecl { docs, ..field })
            }
            Some(node) => body_fields(self.type_of(&node))?,
            None => {
                self.unnamed_body(&mut parts, &word);
                return None;
            }
        };
        Some(BodyDecl { kind, content })
    }

    fn unnamed_body(&mut self, parts: &mut Parts<'_>, word: &Node<'_>) {
        let ty = parts
            .any(&[Rule::colon])
            .and_then(|_| parts.take(Rule::type_text));
        let ty = ty.map_or("T", |ty| ty.as_str());
        let span = self.span(word);
        let diagnostic = Diagnostic::new(Code::MISSING_PART, span, "a whole body has a name");
        self.report(diagnostic.help(format!(
            "write `{} NAME: {ty}`, or its fields in braces",
            word.as_str()
        )));
    }

    /// A parameter of an endpoint (which must say where it is) or of an operation.
    pub(super) fn param(&mut self, node: &Node<'_>, of_endpoint: bool) -> Option<ParamDecl> {
        let docs = self.docs(node);
        let mut parts = Parts::of(node.clone());
        let place = parts.take(Rule::place).map(|place| Spanned {
            node: place_of(place.as_str()),
            span: self.span(&place),
        });
        let Some(written) = parts.any(&[Rule::field, Rule::bad_field]) else {
            self.missing(&mut parts, "a parameter: `query name: type`");
            return None;
        };
        let mut field = self.field_of(&written)?;
        if field.docs.is_empty() {
            field.docs = docs;
        }
        let wire = parts.take(Rule::wire).and_then(|wire| {
            let mut inner = Parts::of(wire);
            inner.next();
            let text = self.need(&mut inner, Rule::text, "a name in quotes after `from`")?;
            self.text_of(&text)
        });
        if of_endpoint && place.is_none() {
            let diagnostic = Diagnostic::new(
                Code::MISSING_PART,
                field.name.span,
                "where is this in the request?",
            );
            let help = format!(
                "write `query {0}: …`, `path {0}: …`, `header {0}: …` or `cookie {0}: …`",
                field.name.node
            );
            self.report(diagnostic.help(help));
        }
        Some(ParamDecl { place, field, wire })
    }

    fn answers(&mut self, mut parts: Parts<'_>) -> Vec<AnswerDecl> {
        const ANSWER: wrong::Context =
            wrong::items("an answer: a status, and its type on the same line", &[]);
        self.noise(&mut parts);
        let list = self.need(&mut parts, Rule::answer_list, "`{` and answers: `200 T`");
        let mut answers = Vec::new();
        for item in list.into_iter().flat_map(Node::into_inner) {
            match item.as_rule() {
                Rule::answer => answers.extend(self.answer(item)),
                _ => self.wrong_item(&item, &ANSWER),
            }
        }
        answers
    }

    pub(super) fn answer(&mut self, node: Node<'_>) -> Option<AnswerDecl> {
        let docs = self.docs(&node);
        let mut parts = Parts::of(node);
        let status = self.status(&mut parts, "a status");
        self.noise(&mut parts);
        let ty = parts.take(Rule::type_text).map(|ty| self.type_of(&ty));
        Some(AnswerDecl {
            docs,
            status: status?,
            ty,
        })
    }
}

fn body_fields(ty: TypeExpr) -> Option<BodyContent> {
    match ty.kind {
        TypeKind::Object { fields, open } => Some(BodyContent::Fields { fields, open }),
        _ => None,
    }
}

fn place_of(word: &str) -> Place {
    match word {
        "path" => Place::Path,
        "header" => Place::Header,
        "cookie" => Place::Cookie,
        "body" => Place::Body,
        "form" => Place::Form,
        _ => Place::Query,
    }
}
