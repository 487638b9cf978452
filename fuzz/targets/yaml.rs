//! The YAML form: any text is read, checked and, if nothing is wrong with it, lowered.
#![no_main]
use journey_lang::compile;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let source = Source { path: "a.journey.yaml".to_owned(), text: text.to_owned() };
    let _ = compile(&Sources::new(vec![source]), &mut Diagnostics::default());
});
