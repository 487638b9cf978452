//! What the corpus is run with: reading cases, and a module for each kind.

pub mod case;
pub mod cel;
pub mod command;
pub mod diagnostics;
pub mod dump;
pub mod format;
pub mod functions;
pub mod graph;
pub mod machine;
pub mod mistakes;
pub mod mutants;
pub mod lowering;
pub mod run;
pub mod pairs;
pub mod syntax;
pub mod tokens;
