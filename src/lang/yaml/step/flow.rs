//! Steps that hold steps: `if`, `match`, `for`, `repeat`, `parallel`, `block`.

use super::{AS, CONDITION, ON, StepForm};
use crate::ast::{Block, Expr, Name, ParallelPolicy, Spanned, StepKind};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::yaml::node::{Kind, Node, entries};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};

pub(super) const NUMBER: Shape = Shape::Text("a whole number");

pub(super) static IF: StepForm = StepForm::new(
    Construct {
        what: "`if`",
        fields: &[
            required("if", CONDITION),
            required("then", Shape::Steps),
            optional(
                "elif",
                Shape::List("a list of mappings with `if` and `then`"),
            ),
            optional("else", Shape::Steps),
            optional("on", ON),
        ],
    },
    read_if,
);

static ELIF: Construct = Construct {
    what: "an item of `elif`",
    fields: &[required("if", CONDITION), required("then", Shape::Steps)],
};

pub(super) static MATCH: StepForm = StepForm::new(
    Construct {
        what: "`match`",
        fields: &[
            required("match", Shape::Text("an expression: \"${ … }\"")),
            required(
                "cases",
                Shape::List("a list of mappings with `when` and `do`"),
            ),
            optional("otherwise", Shape::Steps),
        ],
    },
    read_match,
);

pub(super) static CASE: Construct = Construct {
    what: "a case",
    fields: &[
        required("when", Shape::Value),
        optional("if", CONDITION),
        required("do", Shape::Steps),
    ],
};

pub(super) static FOR: StepForm = StepForm::new(
    Construct {
        what: "`for`",
        fields: &[
            required("for", Shape::Text("a name, or two: item, index")),
            required("in", Shape::Text("a list: \"${ … }\"")),
            required("max", NUMBER),
            optional("parallel", NUMBER),
            required("do", Shape::Steps),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    read_for,
);

pub(super) static REPEAT: StepForm = StepForm::new(
    Construct {
        what: "`repeat`",
        fields: &[
            required("repeat", NUMBER),
            required("while", CONDITION),
            optional(
                "with",
                Shape::Map("a mapping of names to their first values"),
            ),
            required("do", Shape::Steps),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    read_repeat,
);

pub(super) static PARALLEL: StepForm = StepForm::new(
    Construct {
        what: "`parallel`",
        fields: &[
            required("parallel", Shape::Text("`all`, `first` or `settle`")),
            required(
                "branches",
                Shape::Map("a mapping of names to lists of steps"),
            ),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    read_parallel,
);

pub(super) static BLOCK: StepForm = StepForm::new(
    Construct {
        what: "`block`",
        fields: &[required("block", Shape::Steps), optional("on", ON)],
    },
    read_block,
);

fn read_if(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let mut branches = vec![branch(reader, fields)];
    if let Some(Node {
        kind: Kind::List(items),
        ..
    }) = fields.get("elif")
    {
        branches.extend(items.iter().map(|item| elif(reader, item)));
    }
    let otherwise = fields.get("else").map(|steps| reader.block(Some(steps)));
    let on_failure = reader.on_failure(fields.get("on"), "`if`");
    let branches: Option<Vec<_>> = branches.into_iter().collect();
    Some(StepKind::If {
        branches: branches?,
        otherwise,
        on_failure,
    })
}

/// A condition and its steps.
fn branch(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<(Expr, Block)> {
    let condition = fields
        .get("if")
        .map(|condition| reader.expression(condition));
    let block = reader.block(fields.get("then"));
    Some((condition?, block))
}

fn elif(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<(Expr, Block)> {
    if !reader.fits(Shape::Map("a mapping with `if` and `then`"), node) {
        return None;
    }
    let Kind::Map(map) = &node.kind else {
        return None;
    };
    let fields = reader.fields(map, node.span, &ELIF);
    branch(reader, &fields)
}

fn read_match(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let subject = fields
        .get("match")
        .map(|subject| reader.expression(subject));
    let mut arms = Vec::new();
    if let Some(Node {
        kind: Kind::List(items),
        ..
    }) = fields.get("cases")
    {
        arms.extend(items.iter().filter_map(|item| reader.arm(item)));
    }
    let otherwise = fields
        .get("otherwise")
        .map(|steps| reader.block(Some(steps)));
    Some(StepKind::Match {
        subject: subject?,
        arms,
        otherwise,
    })
}

fn read_for(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let names = reader.item_and_index(fields.get("for"));
    let list = fields.get("in").map(|list| reader.expression(list));
    let max = reader.number(fields.get("max"));
    let parallel = reader.number(fields.get("parallel"));
    let block = reader.block(fields.get("do"));
    let binding = reader.name(fields.get("as"));
    let handlers = reader.handlers(fields.get("on"));
    let (item, index) = names?;
    Some(StepKind::For {
        item,
        index,
        list: list?,
        max: max?,
        parallel,
        block,
        binding,
        handlers,
    })
}

fn read_repeat(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let max = reader.number(fields.get("repeat"));
    let condition = fields
        .get("while")
        .map(|condition| reader.expression(condition));
    let accumulators = reader.accumulators(fields.get("with"));
    let block = reader.block(fields.get("do"));
    let binding = reader.name(fields.get("as"));
    let handlers = reader.handlers(fields.get("on"));
    Some(StepKind::Repeat {
        max: max?,
        condition: condition?,
        accumulators,
        block,
        binding,
        handlers,
    })
}

fn read_parallel(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let policy = reader.policy(fields.get("parallel"));
    let branches = entries(fields.get("branches")).iter();
    let branches = branches.filter_map(|entry| reader.branch(entry)).collect();
    let binding = reader.name(fields.get("as"));
    let handlers = reader.handlers(fields.get("on"));
    Some(StepKind::Parallel {
        policy: policy?,
        branches,
        binding,
        handlers,
    })
}

fn read_block(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let block = reader.block(fields.get("block"));
    let handlers = reader.handlers(fields.get("on"));
    fields
        .complete
        .then_some(StepKind::Block { block, handlers })
}

impl Reader<'_> {
    /// `item` or `item, index`
    fn item_and_index(&mut self, node: Option<&Node<'_>>) -> Option<(Name, Option<Name>)> {
        let words = self.words("a name", node?)?;
        let mut names = words.into_iter().filter(|word| word.node != ",");
        let (item, index) = (names.next()?, names.next());
        if let Some(extra) = names.next() {
            let finding = Diagnostic::new(
                Code::UNEXPECTED,
                extra.span,
                "`for` takes two names at most",
            );
            self.report(finding.help("write `for: item` or `for: item, index`"));
        }
        let index = index.filter(|name| self.is_name(name));
        self.is_name(&item).then_some((item, index))
    }

    fn accumulators(&mut self, node: Option<&Node<'_>>) -> Vec<(Name, Expr)> {
        let mut accumulators = Vec::new();
        for entry in entries(node) {
            let name = self.whole_key(entry);
            let value = self.value(&entry.value);
            if self.is_name(&name) {
                accumulators.push((name, value));
            }
        }
        accumulators
    }

    fn policy(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<ParallelPolicy>> {
        const POLICIES: [(&str, ParallelPolicy); 3] = [
            ("all", ParallelPolicy::All),
            ("first", ParallelPolicy::First),
            ("settle", ParallelPolicy::Settle),
        ];
        self.choice(node, &POLICIES)
    }
}
