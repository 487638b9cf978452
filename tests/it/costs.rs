//! What is said of a journey before it runs holds: no run of any journey takes more steps than its bound.

use journey_lang::cost;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use journey_machine::machine::{Cause, Limits, Machine, Stop, Surroundings, Turn};
use journey_machine::program::Program;
use journey_machine::value::{Map, Timestamp, Value};
use proptest::prelude::*;
use std::fmt::Write as _;

const HEAD: &str = r#"
sub twice(n: int) { outcomes { ok int } return ok n * 2 }
journey all {
  endpoint POST "/all"
  auth none "a test"
  input { body { n: int, text: string(..20), list: list<int>(..5) } }
  answers { 200 int  500 string }
"#;

const TAIL: &str =
    "  complete 200 json input.n\n  on failure as e { complete 500 json e.code }\n}\n";

/// Numbers; `%a` and `%b` are others.
const NUMBERS: &[&str] = &[
    "%a + %b",
    "%a * 3 / %b",
    "input.list.map(x, x + %a).size()",
    "input.list.filter(x, x > %a).map(x, x * %b).size()",
    "input.list.all(x, input.list.exists(y, y == x)) ? %a : %b",
    "input.list.sortBy(x, -x).size() + input.list.distinct().size()",
    "(input.text + string(%a) + input.text).size()",
    "(input.text + \"-\" + string(%a)).split(\"a\").size()",
    "%a > %b && input.text.contains(\"a\") || %a == 7 ? %a : %b",
    "({\"a\": %a, \"b\": %b})[?input.text].orValue(%a)",
    "%a in [1, 2, 3] ? 1 : %a == 4 ? 2 : %a == 5 ? 3 : %b",
    "input.text.matches(\"[a-c]+d\") || input.text.matches(input.text) ? %a : %b",
    "cel.bind(all, input.list + input.list, all.size() > 3 ? all[3] : %a)",
];

/// What a generated journey does.
#[derive(Clone, Debug)]
enum Step {
    Let(Number),
    Run(Number),
    If(Number, Vec<Step>, Vec<Step>),
    For(bool, Number, Vec<Step>),
    Repeat(Number, Vec<Step>),
    Parallel(Vec<(Vec<Step>, Number)>),
}

/// One of [`NUMBERS`], and which of the names in scope stand in it.
type Number = (usize, usize, usize);

fn number() -> impl Strategy<Value = Number> {
    (0..NUMBERS.len(), 0_usize..50, 0_usize..50)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let leaf = prop_oneof![number().prop_map(Step::Let), number().prop_map(Step::Run)];
    let step = leaf.prop_recursive(3, 16, 3, |inner| {
        let block = || prop::collection::vec(inner.clone(), 0..3);
        let branch = (block(), number());
        prop_oneof![
            (number(), block(), block()).prop_map(|(n, a, b)| Step::If(n, a, b)),
            (any::<bool>(), number(), block()).prop_map(|(p, n, a)| Step::For(p, n, a)),
            (number(), block()).prop_map(|(n, a)| Step::Repeat(n, a)),
            prop::collection::vec(branch, 1..3).prop_map(Step::Parallel),
        ]
    });
    prop::collection::vec(step, 1..5)
}

/// A journey that is being written.
struct Writer {
    source: String,
    /// Names of numbers in scope.
    scope: Vec<String>,
    /// How many names were given.
    names: usize,
}

impl Writer {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("_v{}", self.names)
    }

    fn number(&self, (kind, a, b): Number) -> String {
        let named = |at: usize| self.scope[at % self.scope.len()].as_str();
        let number = NUMBERS[kind]
            .replace("%a", named(a))
            .replace("%b", named(b));
        format!("({number})")
    }

    fn line(&mut self, line: &str) {
        writeln!(self.source, "{line}").unwrap();
    }

    fn block(&mut self, steps: &[Step], last: &str) {
        let outside = self.scope.len();
        steps.iter().for_each(|step| self.step(step));
        self.line(last);
        self.scope.truncate(outside);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Let(number) => {
                let (name, number) = (self.name(), self.number(*number));
                self.line(&format!("let {name} = {number}"));
                self.scope.push(name);
            }
            Step::Run(number) => {
                let (name, number) = (self.name(), self.number(*number));
                self.line(&format!("run twice(n: {number}) as {name}"));
                self.scope.push(name);
            }
            Step::If(number, then, otherwise) => {
                let number = self.number(*number);
                self.line(&format!("if {number} > 2 {{"));
                self.block(then, "} else {");
                self.block(otherwise, "}");
            }
            Step::For(parallel, number, body) => {
                let (name, item, number) = (self.name(), self.name(), self.number(*number));
                let parallel = if *parallel { " parallel 2" } else { "" };
                self.line(&format!(
                    "for {item} in input.list max 5{parallel} as {name} {{"
                ));
                self.block(body, &format!("collect {item} + {number}\n}}"));
            }
            Step::Repeat(number, body) => {
                let (name, turn, number) = (self.name(), self.name(), self.number(*number));
                self.line(&format!(
                    "repeat max 4 while {turn} < {number} with {turn} = 0 as {name} {{"
                ));
                let next = format!("next {turn} + 1\non exhausted {{ emit exhausted }}\n}}");
                self.block(body, &next);
            }
            Step::Parallel(branches) => {
                let name = self.name();
                self.line(&format!("parallel all as {name} {{"));
                for (steps, number) in branches {
                    let (branch, number) = (self.name(), self.number(*number));
                    self.line(&format!("branch b{branch} {{"));
                    self.block(steps, &format!("collect {number}\n}}"));
                }
                self.line("}");
            }
        }
    }
}

fn written(steps: &[Step]) -> String {
    let mut writer = Writer {
        source: HEAD.to_owned(),
        scope: vec!["input.n".to_owned(), "3".to_owned()],
        names: 0,
    };
    writer.block(steps, TAIL);
    writer.source
}

/// The program, and the steps that a run of its journey takes at most.
fn compiled(text: &str) -> (Program, u64) {
    let sources = Sources::new(vec![Source {
        path: "a.journey".to_owned(),
        text: text.to_owned(),
    }]);
    let mut findings = Diagnostics::new();
    let program = journey_lang::compile(&sources, &mut findings);
    let wrong: Vec<_> = findings.iter().collect();
    let program = program.unwrap_or_else(|| panic!("{wrong:?}\n{text}"));
    let mut findings = Diagnostics::new();
    let files = journey_lang::parse(&sources, &mut findings);
    let costs = cost::of_journeys(&journey_lang::check(&files, &mut findings));
    let journey = costs.iter().find(|cost| cost.name == "all").unwrap();
    (program, journey.most)
}

fn run(program: &Program, steps: u64, (n, text, list): (i64, &str, &[i64])) -> Stop {
    let items: Vec<Value> = list.iter().copied().map(Value::Int).collect();
    let input: Map = [
        ("n", n.into()),
        ("text", text.into()),
        ("list", items.into()),
    ]
    .into_iter()
    .collect();
    let around = Surroundings {
        input: input.into(),
        ..Surroundings::default()
    };
    let limits = Limits {
        steps,
        ..Limits::default()
    };
    let function = program.manifest.journeys[0].function;
    let turn = Turn {
        now: Timestamp::EPOCH,
        fuel: u32::MAX,
    };
    let mut machine = Machine::start(program, function, Vec::new(), around, 1).with_limits(limits);
    machine.run(program, turn, &mut Vec::new())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_run_takes_more_steps_than_its_bound(
        steps in steps(),
        n in -2_i64..9,
        text in "[a-d.*]{0,20}",
        list in prop::collection::vec(-2_i64..9, 0..=5),
    ) {
        let source = written(&steps);
        let (program, most) = compiled(&source);
        let stop = run(&program, most, (n, &text, &list));
        let outrun = matches!(&stop, Stop::Failed(failure) if failure.cause == Cause::Steps);
        prop_assert!(!outrun, "more than {most} steps:\n{source}");
        prop_assert!(matches!(stop, Stop::Done(_)), "{stop:?}\n{source}");
    }
}

/// The property above says something: a step fewer than a run takes ends it.
#[test]
fn a_run_ends_with_its_steps() {
    let (program, most) = compiled(&written(&[Step::Let((3, 0, 1))]));
    let input = (4, "abc", [1, 5, 8].as_slice());
    let enough = (0..=most).find(|steps| matches!(run(&program, *steps, input), Stop::Done(_)));
    assert!(enough.is_some_and(|steps| steps > 10), "{enough:?}");
}
