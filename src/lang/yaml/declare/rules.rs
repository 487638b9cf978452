//! Rules, and what each of them says.

use super::journey::mapping;
use super::{DeclForm, FIELDS, Head};
use crate::ast::{Decl, Rule, Rules};
use crate::rules;
use crate::yaml::node::{Kind, Node};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};
use crate::yaml::types::TYPE;

pub(super) static RULES: DeclForm = DeclForm::new(
    Construct {
        what: "rules",
        fields: &[
            required("rules", Shape::Text("the name of the rules")),
            optional("params", FIELDS),
            optional("yields", TYPE),
            optional("list", Shape::List("a list of rules: `{ rule: NAME, … }`")),
            optional("otherwise", Shape::Value),
        ],
    },
    read_rules,
);

static RULE: Construct = Construct {
    what: "a rule",
    fields: &[
        required("rule", Shape::Text("the name of the rule")),
        optional("priority", Shape::Text("a priority: 10")),
        optional("when", Shape::Text("a condition: \"${ … }\"")),
        optional("yield", Shape::Value),
        optional("preview", Shape::Text("`true`")),
    ],
};

fn read_rules(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let name = reader.name(fields.get("rules"));
    let params = mapping(fields.get("params"))
        .map(|map| reader.closed_fields(map))
        .unwrap_or_default();
    let yields = fields.get("yields").map(|ty| reader.type_of(ty));
    let list: &[Node<'_>] = match fields.get("list").map(|list| &list.kind) {
        Some(Kind::List(items)) => items,
        _ => &[],
    };
    let list = list.iter().filter_map(|rule| reader.rule(rule)).collect();
    let otherwise = fields.get("otherwise").map(|value| reader.value(value));
    let mut declared = Rules {
        docs: head.docs,
        name: name?,
        span: head.span,
        params,
        yields,
        rules: list,
        otherwise,
        subs: Vec::new(),
    };
    declared.subs = rules::subs(&declared, reader.ids);
    Some(Decl::Rules(Box::new(declared)))
}

impl Reader<'_> {
    fn rule(&mut self, node: &Node<'_>) -> Option<Rule> {
        let Kind::Map(map) = &node.kind else {
            self.expected("`{ rule: NAME, … }`", node);
            return None;
        };
        let docs = self.docs_above(node.span);
        let fields = self.fields(map, node.span, &RULE);
        let priority = self.number(fields.get("priority"));
        let when = fields.get("when").map(|when| self.expression(when));
        let value = fields.get("yield").map(|value| self.value(value));
        let preview = self.flag(fields.get("preview"));
        Some(Rule {
            docs,
            name: self.name(fields.get("rule"))?,
            span: node.span,
            priority,
            when,
            value,
            preview,
        })
    }
}
