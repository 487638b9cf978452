//! Tests that need more than a case file: fixtures, folders, sockets.

mod jose;
