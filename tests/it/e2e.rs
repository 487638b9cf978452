//! End to end: the built program as a process, called over real sockets, as a user would.

mod client_actions;
mod grants;
mod http;
mod limits;
mod payments;
mod receiver;
mod redirects;
mod reload;
mod social;
mod server;
mod state;
mod tokens;
mod uploads;
mod webhooks;
