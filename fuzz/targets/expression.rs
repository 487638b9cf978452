//! Expressions: any text gives a tree or findings.
#![no_main]
use journey_lang::ast::Ids;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::expr::{parse_expression, parse_interpolated, parse_type, parse_value};
use journey_lang::source::SpanMap;
use journey_machine::span::FileId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (map, mut ids, mut diagnostics) = (SpanMap::verbatim(FileId(0), 0), Ids::default(), Diagnostics::default());
    let _ = parse_expression(text, &map, &mut ids, &mut diagnostics);
    let _ = parse_value(text, &map, &mut ids, &mut diagnostics);
    let _ = parse_interpolated(text, &map, &mut ids, &mut diagnostics);
    let _ = parse_type(text, &map, &mut ids, &mut diagnostics);
});
