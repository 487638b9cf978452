//! Parts of values by the way that leads to them, and questions that are answered where a value is.

use super::constant;
use super::frame::Frame;
use crate::ast::{BinaryOp, Expr, ExprId, ExprKind, Literal};
use crate::types::{Callee, Global, Ty};
use journey_machine::op::{Context, Op, Reg};
use journey_machine::program::{FieldRef, Path, Question, Test, TestId};
use journey_machine::span::Span;
use journey_machine::value::ops::Relation;
use journey_machine::value::{Map, Value};

/// What is asked of an expression; its path begins there.
pub(super) struct About<'a> {
    pub(super) subject: &'a Expr,
    question: Question,
}

impl<'a> Frame<'_, 'a> {
    /// An expression as fields inside another expression; without any it is that expression.
    pub(super) fn path_to(&self, expr: &'a Expr) -> (&'a Expr, Path) {
        let (mut base, mut fields) = (expr, Vec::new());
        while let Some((object, field)) = self.step_into(base) {
            fields.push(field);
            base = object;
        }
        fields.reverse();
        (base, Path(fields))
    }

    /// A field of something that is there for certain; the text key of a map is one too.
    fn step_into(&self, expr: &'a Expr) -> Option<(&'a Expr, FieldRef)> {
        let (object, name) = match &expr.kind {
            ExprKind::Member {
                object,
                field,
                optional: false,
            } if !self.project.checked.types.globals.contains_key(&expr.id) => {
                (object, &*field.node)
            }
            ExprKind::Index {
                object,
                index,
                optional: false,
            } if matches!(self.ty(object.id), Ty::Map(..)) => match &index.kind {
                ExprKind::Literal(Literal::String(key)) if is_plain(key) => (object, &**key),
                _ => return None,
            },
            _ => return None,
        };
        let certain = !matches!(self.ty(object.id), Ty::Optional(_));
        certain.then(|| (&**object, self.field_ref(object.id, name)))
    }

    /// A field with the slot it has in the type of the object.
    pub(super) fn field_ref(&self, object: ExprId, name: &str) -> FieldRef {
        let object = self.project.checked.types.object(object);
        let slot = object
            .and_then(|o| o.field(name))
            .and_then(|(slot, _)| u16::try_from(slot).ok());
        FieldRef::new(name, slot.unwrap_or(0))
    }

    /// The register where a part of a value is to be looked for, and the way from there.
    pub(super) fn placed(&mut self, expr: &'a Expr) -> (Reg, Path) {
        let (base, path) = self.path_to(expr);
        (self.value(base), path)
    }

    /// `dst` = a part of a value.
    pub(super) fn copy_part(&mut self, expr: &'a Expr, dst: Reg) {
        let (base, mut path) = self.path_to(expr);
        if let Some(Global::Context(what)) = self.project.checked.types.globals.get(&base.id) {
            return self.surrounding(expr.span, dst, *what, path);
        }
        let obj = self.value_or(base, dst);
        let op = if path.0.len() > 1 {
            let path = self.project.tables.path(path);
            Op::Path { dst, obj, path }
        } else {
            let Some(field) = path.0.pop() else {
                return self.project.unexpected(expr.span);
            };
            let field = self.project.tables.field(field);
            Op::Field { dst, obj, field }
        };
        self.code.emit(expr.span, op);
    }

    /// `dst` = what surrounds the run, or a part of it.
    pub(super) fn surrounding(&mut self, span: Span, dst: Reg, what: Context, path: Path) {
        let path = self.project.tables.path(path);
        self.code.emit(span, Op::Context { dst, what, path });
    }

    /// The question that the expression asks, if it is one about a constant.
    pub(super) fn as_question(&self, expr: &'a Expr) -> Option<About<'a>> {
        match &expr.kind {
            ExprKind::Binary { op, left, right } => self.comparison(*op, left, right),
            ExprKind::Call {
                receiver: Some(subject),
                args,
                ..
            } => self.text_question(expr.id, subject, args),
            _ => None,
        }
    }

    fn comparison(&self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Option<About<'a>> {
        let types = &self.project.checked.types;
        let (subject, constant, mirrored) = match constant::fold(types, right) {
            Some(constant) => (left, constant, false),
            None => (right, constant::fold(types, left)?, true),
        };
        let question = Question {
            path: Path::default(),
            relation: relation(op, mirrored)?,
            constant,
            negated: op == BinaryOp::Ne,
        };
        let of_size = self.measured(subject);
        let about_empty = of_size.and_then(|of| self.emptiness(of, &question));
        Some(about_empty.unwrap_or(About { subject, question }))
    }

    /// Whose size the expression is.
    fn measured(&self, expr: &'a Expr) -> Option<&'a Expr> {
        let ExprKind::Call { receiver, args, .. } = &expr.kind else {
            return None;
        };
        let callee = self.project.checked.types.callees.get(&expr.id);
        let is_size = matches!(callee, Some(Callee::Builtin { name, .. }) if name == "size");
        let mut all = receiver.as_deref().into_iter().chain(args);
        all.next().filter(|_| is_size && all.next().is_none())
    }

    /// A question about a size that only asks whether there is anything: is it the empty value?
    fn emptiness(&self, subject: &'a Expr, size: &Question) -> Option<About<'a>> {
        let negated = match (size.relation, size.constant.as_i64()?) {
            (Relation::Equal, 0) => size.negated,
            (Relation::Less, 1) | (Relation::AtMost, 0) => false,
            (Relation::Greater, 0) | (Relation::AtLeast, 1) => true,
            _ => return None,
        };
        let constant = match self.ty(subject.id) {
            Ty::String => Value::string(""),
            Ty::List(_) => Value::from(Vec::<Value>::new()),
            Ty::Map(..) => Map::new().into(),
            _ => return None,
        };
        let question = Question {
            path: Path::default(),
            relation: Relation::Equal,
            constant,
            negated,
        };
        Some(About { subject, question })
    }

    fn text_question(
        &self,
        call: ExprId,
        subject: &'a Expr,
        args: &'a [Expr],
    ) -> Option<About<'a>> {
        let types = &self.project.checked.types;
        let Some(Callee::Builtin {
            name,
            receiver: true,
        }) = types.callees.get(&call)
        else {
            return None;
        };
        let relation = match name.as_str() {
            "startsWith" => Relation::StartsWith,
            "endsWith" => Relation::EndsWith,
            "contains" => Relation::Contains,
            _ => return None,
        };
        let [text] = args else {
            return None;
        };
        let constant = constant::fold(types, text).filter(|c| c.as_str().is_some())?;
        let question = Question {
            path: Path::default(),
            relation,
            constant,
            negated: false,
        };
        self.is_text(subject.id)
            .then_some(About { subject, question })
    }

    /// The register and the test that does not hold if the answer is the wanted one.
    pub(super) fn asked(&mut self, about: About<'a>, wanted: bool) -> (Reg, TestId) {
        let (src, path) = self.placed(about.subject);
        let negated = about.question.negated != wanted;
        let question = Question {
            path,
            negated,
            ..about.question
        };
        (src, self.project.tables.test(Test(vec![question])))
    }

    /// The condition as a test of what `reg` holds, if it asks nothing else. Of several questions none may fail: an error
    /// is absorbed by a later one.
    pub(super) fn test_of(&mut self, reg: Reg, condition: &'a Expr) -> Option<TestId> {
        let sides = match &condition.kind {
            ExprKind::Logic {
                and: true,
                operands,
            } if !operands.iter().any(|o| self.can_fail(o)) => operands.as_slice(),
            _ => std::slice::from_ref(condition),
        };
        let questions = sides.iter().map(|side| {
            let about = self.as_question(side)?;
            let (base, path) = self.path_to(about.subject);
            (self.as_local(base) == Some(reg)).then_some(Question {
                path,
                ..about.question
            })
        });
        let test = Test(questions.collect::<Option<_>>()?);
        Some(self.project.tables.test(test))
    }

    /// `subject in [constants]`: what a jump table can hold.
    pub(super) fn membership(&self, expr: &'a Expr) -> Option<(&'a Expr, Vec<Value>)> {
        let ExprKind::Binary {
            op: BinaryOp::In,
            left,
            right,
        } = &expr.kind
        else {
            return None;
        };
        let list = constant::fold(&self.project.checked.types, right)?;
        let items = list.as_list().filter(|items| items.iter().all(is_arm))?;
        Some((left, items.to_vec()))
    }

    /// A chain of conditionals that compare one thing with constants: the arms, and what stands for all else.
    pub(super) fn chain(&self, expr: &'a Expr) -> Option<Chain<'a>> {
        let mut chain = Chain::default();
        let mut rest = expr;
        while let ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } = &rest.kind
            && let Some((subject, constant)) = self.as_arm(condition)
            && chain.subject.is_none_or(|known| self.same(known, subject))
        {
            chain.subject = Some(subject);
            chain.arms.push((constant, then));
            rest = otherwise;
        }
        chain.otherwise = Some(rest);
        (chain.arms.len() >= SHORTEST_CHAIN).then_some(chain)
    }

    fn as_arm(&self, condition: &'a Expr) -> Option<(&'a Expr, Value)> {
        let About { subject, question } = self.as_question(condition)?;
        let fits =
            question.relation == Relation::Equal && !question.negated && is_arm(&question.constant);
        fits.then_some((subject, question.constant))
    }

    /// Do both lead to the same part of the same name?
    fn same(&self, a: &'a Expr, b: &'a Expr) -> bool {
        let ((a, path_a), (b, path_b)) = (self.path_to(a), self.path_to(b));
        let globals = &self.project.checked.types.globals;
        let same = match [a, b].map(|base| globals.get(&base.id)) {
            [Some(Global::Context(a)), Some(Global::Context(b))] => a == b,
            _ => self.as_local(a).is_some() && self.as_local(a) == self.as_local(b),
        };
        same && path_a == path_b
    }
}

/// Fewer arms are as quick one after the other.
const SHORTEST_CHAIN: usize = 3;

/// `x == A ? a : x == B ? b : c`
#[derive(Default)]
pub(super) struct Chain<'a> {
    pub(super) subject: Option<&'a Expr>,
    pub(super) arms: Vec<(Value, &'a Expr)>,
    pub(super) otherwise: Option<&'a Expr>,
}

/// Can it be an arm of a jump table?
fn is_arm(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::String(_))
}

/// A key that reads like a name.
fn is_plain(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !key.is_empty() && key.bytes().all(plain)
}

/// What an operator asks of its left operand; mirrored: of its right one.
fn relation(op: BinaryOp, mirrored: bool) -> Option<Relation> {
    Some(match (op, mirrored) {
        (BinaryOp::Eq | BinaryOp::Ne, _) => Relation::Equal,
        (BinaryOp::Lt, false) | (BinaryOp::Gt, true) => Relation::Less,
        (BinaryOp::Le, false) | (BinaryOp::Ge, true) => Relation::AtMost,
        (BinaryOp::Gt, false) | (BinaryOp::Lt, true) => Relation::Greater,
        (BinaryOp::Ge, false) | (BinaryOp::Le, true) => Relation::AtLeast,
        (BinaryOp::In, true) => Relation::Holds,
        (BinaryOp::In, false)
        | (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem, _) => {
            return None;
        }
    })
}
