//! Answers that several calls have in common.

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use crate::http::Reply;
use crate::options::number_of;
use crate::{Options, xml};

/// A refusal.
pub(super) fn failed(key: &str, message: &str) -> Reply {
    response("FAILED", |out| {
        xml::element(out, "messageKey", key);
        xml::element(out, "message", message);
    })
}

/// A refusal by the template `insert-document.ftlx`, which has no key.
pub(super) fn refused_document(message: &str) -> Reply {
    response("FAILED", |out| xml::element(out, "message", message))
}

/// A refusal in the form BBB gives to some failed validations.
pub(super) fn failed_validation(key: &str, message: &str) -> Reply {
    response("FAILED", |out| {
        xml::open(out, "errors");
        xml::open(out, "error");
        xml::element(out, "key", key);
        xml::element(out, "message", message);
        xml::close(out, "error");
        xml::close(out, "errors");
    })
}

/// The refusal of calls about unknown meetings.
pub(super) fn not_found() -> Reply {
    failed("notFound", "A meeting with that ID does not exist")
}

/// A success with whatever the call adds.
pub(super) fn success(add: impl FnOnce(&mut String)) -> Reply {
    response("SUCCESS", add)
}

/// An answer in JSON, as Groovy's `JsonBuilder.toPrettyString` writes it.
pub(super) fn json(value: &serde_json::Value) -> Reply {
    Reply::new(200, "application/json;charset=utf-8", format!("{value:#}"))
}

/// The answer to the bare API address.
pub(super) fn version(options: &Options) -> Reply {
    let now = Timestamp::now() + SignedDuration::from_secs(options.clock_ahead);
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default();
    let answer = success(|out| {
        xml::element(out, "version", "2.0");
        xml::element(out, "apiVersion", "2.0");
        xml::element(out, "bbbVersion", &options.bbb_version);
        // GraphQL came with 3.0.
        if number_of(&options.bbb_version) >= (3, 0) {
            xml::element(out, "graphqlWebsocketUrl", "wss://node.invalid/graphql");
            xml::element(out, "graphqlApiUrl", "https://node.invalid/api/rest");
        }
    });
    answer.with("Date", date)
}

fn response(code: &str, add: impl FnOnce(&mut String)) -> Reply {
    let mut out = String::with_capacity(1024);
    xml::open(&mut out, "response");
    out.push('\n');
    xml::element(&mut out, "returncode", code);
    add(&mut out);
    xml::close(&mut out, "response");
    Reply::xml(out)
}
