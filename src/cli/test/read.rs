//! Reading specifications: data with places, and a finding for whatever does not fit.

use journey_lang::ast::{Name, Spanned};
use journey_lang::diagnostic::{Code, Diagnostic, Diagnostics};
use journey_lang::suggest::suggestion;
use journey_lang::yaml::{Data, DataKind};
use journey_machine::span::Span;
use journey_machine::value::Value;

/// The sink of what is wrong with a specification.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) findings: Diagnostics,
}

impl Reader {
    pub(crate) fn wrong(&mut self, span: Span, what: impl Into<String>) {
        self.findings
            .push(Diagnostic::new(Code::BAD_SPECIFICATION, span, what));
    }

    /// A mapping that has no other keys than these.
    pub(crate) fn mapping<'d>(
        &mut self,
        data: &'d Data,
        what: &str,
        known: &[&str],
    ) -> &'d [(Name, Data)] {
        let entries = self.entries(data, what);
        for (name, _) in entries
            .iter()
            .filter(|(name, _)| !known.contains(&name.node.as_str()))
        {
            let help = suggestion(&name.node, known.iter().copied());
            let finding = Diagnostic::new(
                Code::BAD_SPECIFICATION,
                name.span,
                format!("{what} has no `{}`", name.node),
            );
            self.findings
                .push(finding.help(help.unwrap_or_else(|| format!("it has {}", known.join(", ")))));
        }
        entries
    }

    /// A mapping that may have any keys.
    pub(crate) fn entries<'d>(&mut self, data: &'d Data, what: &str) -> &'d [(Name, Data)] {
        match &data.kind {
            DataKind::Map(entries) => entries,
            DataKind::Scalar(Value::Null) => &[],
            DataKind::Scalar(_) | DataKind::List(_) => {
                self.wrong(data.span, format!("{what} is a mapping"));
                &[]
            }
        }
    }

    pub(crate) fn list<'d>(&mut self, data: &'d Data, what: &str) -> &'d [Data] {
        match &data.kind {
            DataKind::List(items) => items,
            DataKind::Scalar(Value::Null) => &[],
            DataKind::Scalar(_) | DataKind::Map(_) => {
                self.wrong(data.span, format!("{what} is a list"));
                &[]
            }
        }
    }

    pub(crate) fn required<'d>(
        &mut self,
        data: &'d Data,
        what: &str,
        key: &str,
    ) -> Option<&'d Data> {
        let found = data.get(key);
        if found.is_none() {
            self.wrong(data.span, format!("{what} needs `{key}`"));
        }
        found
    }

    /// A text.
    pub(crate) fn name(&mut self, data: &Data, what: &str) -> Option<Name> {
        if let DataKind::Scalar(Value::String(text)) = &data.kind {
            return Some(Spanned {
                node: text.to_string(),
                span: data.span,
            });
        }
        self.wrong(data.span, format!("{what} is a text"));
        None
    }
}
