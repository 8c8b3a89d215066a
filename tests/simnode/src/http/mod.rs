//! HTTP/1.1 as far as a node needs it. Written out by hand because faults need every byte
//! under control, and because longer request lines are wanted than a library allows.

pub(crate) mod connection;
mod faulty;
mod head;
mod reader;
mod reply;
mod wrong;

pub(crate) use head::Head;
pub(crate) use reply::Reply;
