//! The text form: any text is read, checked and, if nothing is wrong with it, lowered; what can be read can be printed.
#![no_main]
use libfuzzer_sys::fuzz_target;

#[path = "source.rs"]
mod source;

fuzz_target!(|text: &str| source::survives("a.journey", text));
