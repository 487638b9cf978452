//! Rate limits: their declarations, and where a journey is held to one.

use super::{DeclForm, Head};
use crate::ast::{Decl, LimitUse, RateLimit};
use crate::yaml::node::{Kind, Node};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};

pub(super) static LIMIT: DeclForm = DeclForm::new(
    Construct {
        what: "a limit",
        fields: &[
            required("limit", Shape::Text("the name of the limit")),
            optional("rate", Shape::Text("how many in which time: 10 per 1s")),
            optional("burst", Shape::Text("how many at once: 20")),
        ],
    },
    read_limit,
);

static LIMITED: Construct = Construct {
    what: "a limit of a journey",
    fields: &[
        required("limit", Shape::Text("the name of the limit")),
        optional(
            "by",
            Shape::TextOrList("by what requests are told apart: ${ client.id }"),
        ),
    ],
};

fn read_limit(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    Some(Decl::Limit(RateLimit {
        docs: head.docs,
        span: head.span,
        rate: reader.rate(fields.get("rate")),
        burst: reader.number(fields.get("burst")),
        name: reader.name(fields.get("limit"))?,
    }))
}

impl Reader<'_> {
    /// `limits: [{ limit: NAME, by: ${ client.id } }]`
    pub(super) fn limit_uses(&mut self, node: Option<&Node<'_>>) -> Vec<LimitUse> {
        match node.map(|node| &node.kind) {
            Some(Kind::List(items)) => items.iter().filter_map(|it| self.limit_use(it)).collect(),
            _ => Vec::new(),
        }
    }

    fn limit_use(&mut self, node: &Node<'_>) -> Option<LimitUse> {
        let Kind::Map(map) = &node.kind else {
            self.expected("`{ limit: NAME, by: … }`", node);
            return None;
        };
        let fields = self.fields(map, node.span, &LIMITED);
        let by = self.values(fields.get("by"));
        Some(LimitUse {
            limit: self.name(fields.get("limit"))?,
            by,
            span: node.span,
        })
    }
}
