//! Operators between two operands, and how strongly they bind.

use super::token::Token;
use crate::ast::BinaryOp;

/// An operator between two operands.
#[derive(Clone, Copy)]
pub(super) enum Infix {
    Logic { and: bool },
    Relation(BinaryOp),
    Arithmetic(BinaryOp),
}

/// The operator a word is, and how strongly it binds.
pub(super) fn infix(token: Token) -> Option<(Infix, u8)> {
    let relation = |op| Some((Infix::Relation(op), 3));
    let arithmetic = |op, power| Some((Infix::Arithmetic(op), power));
    match token {
        Token::Or => Some((Infix::Logic { and: false }, 1)),
        Token::And => Some((Infix::Logic { and: true }, 2)),
        Token::Equal => relation(BinaryOp::Eq),
        Token::NotEqual => relation(BinaryOp::Ne),
        Token::Less => relation(BinaryOp::Lt),
        Token::LessEqual => relation(BinaryOp::Le),
        Token::Greater => relation(BinaryOp::Gt),
        Token::GreaterEqual => relation(BinaryOp::Ge),
        Token::In => relation(BinaryOp::In),
        Token::Plus => arithmetic(BinaryOp::Add, 4),
        Token::Minus => arithmetic(BinaryOp::Sub, 4),
        Token::Star => arithmetic(BinaryOp::Mul, 5),
        Token::Slash => arithmetic(BinaryOp::Div, 5),
        Token::Percent => arithmetic(BinaryOp::Rem, 5),
        _ => None,
    }
}
