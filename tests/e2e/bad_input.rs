//! What no client should send: too much, no text, strange paths, nonsense. And what never gets into a log.

mod log;
mod nonsense;
mod paths;
mod sizes;
mod text;
