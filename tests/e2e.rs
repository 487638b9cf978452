//! End to end: the built program as a process, called over real sockets, as a user would.

mod http;
mod payments;
mod reload;
mod server;
mod tokens;

use libtest_mimic::Trial;

/// All end-to-end tests.
pub(crate) fn trials() -> Vec<Trial> {
    [payments::trials(), tokens::trials(), reload::trials()]
        .into_iter()
        .flatten()
        .collect()
}

/// A trial that fails by panicking.
fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(format!("e2e::{name}"), move || {
        test();
        Ok(())
    })
}
