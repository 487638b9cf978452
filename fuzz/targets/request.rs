//! Requests: whatever stands in path, query, headers, cookies and body, the input is typed or the faults are told.
#![no_main]
use journey_lang::compile;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use journey_machine::http::{Body, Headers, Intake, Origin, Received, decode, encode, may_redirect};
use journey_machine::program::Program;
use journey_machine::schema::Decoder;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use url::Url;

struct Api {
    program: Program,
    decoder: Decoder,
}

static API: LazyLock<Api> = LazyLock::new(|| {
    let text = include_str!("../../examples/tour/inputs.journey").to_owned();
    let file = Source { path: "inputs.journey".to_owned(), text };
    let program = compile(&Sources::new(vec![file]), &mut Diagnostics::default()).expect("an example compiles");
    let decoder = Decoder::new(&program.types).expect("its types are sound");
    Api { program, decoder }
});

/// Every header that is asked for has this one line.
struct Line<'a>(&'a [u8]);

impl Headers for Line<'_> {
    fn each<'a>(&'a self, _: &str, each: &mut dyn FnMut(&'a [u8])) {
        each(self.0);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (path, query, header, body) = (line(), line(), line(), line());
    let (Ok(path), Ok(query)) = (std::str::from_utf8(path), std::str::from_utf8(query)) else { return };
    for journey in &API.program.manifest.journeys {
        for body in [Body::None, Body::Json(body), Body::Form(body)] {
            let received = Received { path, query, headers: &Line(header), body };
            let _ = Intake::new(&API.program, journey).read(&API.decoder, &received);
        }
    }
    let mut encoded = String::new();
    encode(query, &mut encoded);
    assert_eq!(decode(&encoded, false).as_deref(), Some(query));
    redirects(query);
});

/// Where we let a browser go, it arrives at this server or at a declared origin.
fn redirects(location: &str) {
    let here = Url::parse("https://api.example/v1/start").expect("it is a URL");
    let shop = Url::parse("https://shop.example").expect("it is a URL");
    let declared = [Origin::of(shop.as_str()).expect("it is an origin")];
    if may_redirect(location, &declared) {
        let there = here.join(location).map(|url| url.origin());
        assert!(there.is_ok_and(|origin| origin == here.origin() || origin == shop.origin()));
    }
}
