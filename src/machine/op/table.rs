//! One row an operation: its number in artifacts, its name in listings, its operands with their roles.
//! The verifier, the listing and the encoding are written over these rows, so that none of them can forget an operation.

use super::{Context, Op};
use crate::index::{
    AnswerId, BuiltinCallId, ConstId, FieldId, FuncId, PathId, Pc, Reg, ScopeSiteId, ShapeId,
    SiteId, SourcesId, SwitchId, TestId,
};

/// What an operand of an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A register that is written.
    Write(Reg),
    /// A register that is read.
    Read(Reg),
    /// A register that is read and written.
    Update(Reg),
    /// The two registers of an iteration.
    Iteration(Reg),
    /// The first of consecutive registers that are read.
    First(Reg),
    /// How many items or pairs.
    Count(u16),
    /// A constant.
    Const(ConstId),
    /// A constant that begins with the name of a kind of error.
    Kind(ConstId),
    /// A field.
    Field(FieldId),
    /// A part of a value.
    Path(PathId),
    /// A test of a value.
    Test(TestId),
    /// A shape.
    Shape(ShapeId),
    /// Where the fields of an object come from.
    Sources(SourcesId),
    /// A jump table.
    Switch(SwitchId),
    /// A call of a built-in function.
    Builtin(BuiltinCallId),
    /// An effect.
    Site(SiteId),
    /// A scope.
    Scope(ScopeSiteId),
    /// An answer.
    Answer(AnswerId),
    /// A function.
    Func(FuncId),
    /// A jump target.
    Target(Pc),
    /// What surrounds a run.
    Context(Context),
}

impl Operand {
    /// Its number in artifacts.
    #[must_use]
    pub fn raw(self) -> u16 {
        match self {
            Self::Write(Reg(n))
            | Self::Read(Reg(n))
            | Self::Update(Reg(n))
            | Self::Iteration(Reg(n))
            | Self::First(Reg(n))
            | Self::Count(n)
            | Self::Const(ConstId(n))
            | Self::Kind(ConstId(n))
            | Self::Field(FieldId(n))
            | Self::Path(PathId(n))
            | Self::Test(TestId(n))
            | Self::Shape(ShapeId(n))
            | Self::Sources(SourcesId(n))
            | Self::Switch(SwitchId(n))
            | Self::Builtin(BuiltinCallId(n))
            | Self::Site(SiteId(n))
            | Self::Scope(ScopeSiteId(n))
            | Self::Answer(AnswerId(n))
            | Self::Func(FuncId(n))
            | Self::Target(Pc(n)) => n,
            Self::Context(what) => what as u16,
        }
    }
}

/// An operand by its number; `None`: there is no such one.
trait FromRaw: Sized {
    fn from_raw(raw: u16) -> Option<Self>;
}

macro_rules! from_raw {
    ($($name:ident)*) => {$(
        impl FromRaw for $name {
            fn from_raw(raw: u16) -> Option<Self> {
                Some(Self(raw))
            }
        }
    )*};
}

from_raw!(Reg ConstId FieldId PathId TestId ShapeId SourcesId SwitchId BuiltinCallId SiteId ScopeSiteId AnswerId FuncId Pc);

impl FromRaw for u16 {
    fn from_raw(raw: u16) -> Option<Self> {
        Some(raw)
    }
}

impl FromRaw for Context {
    fn from_raw(raw: u16) -> Option<Self> {
        Self::ALL.get(usize::from(raw)).copied()
    }
}

macro_rules! table {
    ($($code:literal $name:literal $op:ident { $($field:ident: $role:ident),* })*) => {
        impl Op {
            /// Every row's number and name.
            pub const NAMES: &'static [(u8, &'static str)] = &[$(($code, $name)),*];

            /// Its number in artifacts.
            #[must_use]
            pub fn code(self) -> u8 {
                match self { $(Self::$op { .. } => $code,)* }
            }

            /// Its name in listings.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$op { .. } => $name,)* }
            }

            /// Its operands, in the order of artifacts and listings.
            pub fn operands(self, mut visit: impl FnMut(Operand)) {
                match self { $(Self::$op { $($field),* } => { $(visit(Operand::$role($field));)* })* }
            }

            /// The operation with this number; `None`: there is no such one.
            /// `next` gets a blank operand of the role that is asked for, and gives its number.
            ///
            /// # Errors
            /// Those of `next`.
            pub fn build<E>(code: u8, mut next: impl FnMut(Operand) -> Result<u16, E>) -> Result<Option<Self>, E> {
                Ok(match code {
                    $($code => {
                        $(
                            let blank = Operand::$role(Default::default());
                            let Some($field) = FromRaw::from_raw(next(blank)?) else { return Ok(None) };
                        )*
                        Some(Self::$op { $($field),* })
                    })*
                    _ => None,
                })
            }
        }
    };
}

table! {
    1  "const"      Const { value: Const, dst: Write }
    2  "move"       Move { src: Read, dst: Write }
    3  "take"       Take { src: Update, dst: Write }
    4  "drop"       Drop { reg: Write }
    5  "context"    Context { what: Context, path: Path, dst: Write }
    6  "now"        Now { dst: Write }
    7  "uuid"       Uuid { dst: Write }
    10 "add"        Add { a: Read, b: Read, dst: Write }
    11 "sub"        Sub { a: Read, b: Read, dst: Write }
    12 "mul"        Mul { a: Read, b: Read, dst: Write }
    13 "div"        Div { a: Read, b: Read, dst: Write }
    14 "rem"        Rem { a: Read, b: Read, dst: Write }
    15 "neg"        Neg { a: Read, dst: Write }
    16 "not"        Not { a: Read, dst: Write }
    20 "eq"         Eq { a: Read, b: Read, dst: Write }
    21 "ne"         Ne { a: Read, b: Read, dst: Write }
    22 "lt"         Lt { a: Read, b: Read, dst: Write }
    23 "le"         Le { a: Read, b: Read, dst: Write }
    24 "gt"         Gt { a: Read, b: Read, dst: Write }
    25 "ge"         Ge { a: Read, b: Read, dst: Write }
    26 "in"         In { a: Read, b: Read, dst: Write }
    30 "field"      Field { obj: Read, field: Field, dst: Write }
    31 "has"        Has { obj: Read, field: Field, dst: Write }
    32 "opt_field"  OptField { obj: Read, field: Field, dst: Write }
    33 "index"      Index { obj: Read, key: Read, dst: Write }
    34 "opt_index"  OptIndex { obj: Read, key: Read, dst: Write }
    35 "path"       Path { obj: Read, path: Path, dst: Write }
    40 "list"       List { first: First, count: Count, dst: Write }
    41 "map"        Map { first: First, count: Count, dst: Write }
    42 "object"     Object { shape: Shape, sources: Sources, dst: Write }
    43 "concat"     Concat { first: First, count: Count, dst: Write }
    44 "append"     Append { item: Read, list: Update }
    45 "insert"     Insert { key: Read, item: Read, map: Update }
    46 "spread"     Spread { src: Read, into: Update }
    47 "append_opt" AppendOpt { item: Read, list: Update }
    48 "insert_opt" InsertOpt { key: Read, item: Read, map: Update }
    49 "some"       Some { src: Read, dst: Write }
    51 "insert_new" InsertNew { key: Read, item: Read, map: Update }
    52 "spread_new" SpreadNew { src: Read, into: Update }
    50 "builtin"    Builtin { call: Builtin, first: First, dst: Write }
    60 "jump"       Jump { to: Target }
    61 "jump_if"    JumpIf { cond: Read, to: Target }
    62 "jump_unless" JumpUnless { cond: Read, to: Target }
    63 "switch"     Switch { value: Read, table: Switch }
    64 "iter"       Iter { src: Read, dst: Iteration }
    65 "next"       Next { iter: Iteration, item: Write, exit: Target }
    66 "check_bool" CheckBool { src: Read }
    67 "unless"     Unless { src: Read, test: Test, to: Target }
    68 "seek"       Seek { iter: Iteration, test: Test, exit: Target }
    70 "call"       Call { func: Func, first: First, dst: Write }
    71 "return"     Return { src: Read }
    77 "return_const" ReturnConst { value: Const }
    72 "raise"      Raise { src: Read }
    73 "raise_if"   RaiseIf { src: Read }
    74 "error"      Error { value: Kind, dst: Write }
    75 "error_is"   ErrorIs { src: Read, kind: Kind, dst: Write }
    76 "describe"   Describe { src: Read, dst: Write }
    80 "perform"    Perform { site: Site, first: First, dst: Write }
    81 "scope"      Scope { site: Scope, dst: Write }
    82 "fork"       Fork { func: Func, first: First, scope: Read }
    83 "join"       Join { scope: Read, dst: Write }
    84 "complete"   Complete { answer: Answer, first: First }
}
