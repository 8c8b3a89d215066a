//! What operators can do and see over the admin service.

mod audit;
mod backup;
mod capacity;
mod care;
mod changes;
mod config;
mod drains;
mod guards;
mod history;
mod meetings;
mod socket;
mod watch;
mod why;

use rpc::{AdminError, AdminResult, ErrorCode};
use tarpc::client::RpcError;

/// The answer of a call that went well.
fn good<T>(answer: Result<AdminResult<T>, RpcError>) -> T {
    answer.expect("the daemon answers").expect("it does as told")
}

/// The refusal of a call, which has this code.
fn refused<T: std::fmt::Debug>(answer: Result<AdminResult<T>, RpcError>, code: ErrorCode) -> AdminError {
    let error = answer.expect("the daemon answers").expect_err("it refuses");
    assert_eq!(error.code, code, "{error:?}");
    error
}
