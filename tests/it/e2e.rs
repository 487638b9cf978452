//! End to end: the built program as a process, called over real sockets, as a user would.

mod client_actions;
mod discovery;
mod grants;
mod http;
mod journey_builder;
mod limits;
mod kills;
mod partners;
mod payments;
mod receiver;
mod redirects;
mod reload;
mod social;
mod server;
mod signing;
mod space;
mod standin;
mod state;
mod tokens;
mod uploads;
mod upstream;
mod webhooks;
