//! The parser made from `grammar/journey.pest`.

#[derive(pest_derive::Parser)]
#[grammar = "../../grammar/journey.pest"]
pub(super) struct Grammar;
