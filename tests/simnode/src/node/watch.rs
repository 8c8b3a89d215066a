//! Seeing what has happened on a node, and waiting for it.

use std::time::Duration;

use crate::{CallbackResult, Request, SimNode};

impl SimNode {
    /// The requests that have arrived, oldest first, as far as they are kept.
    pub fn requests(&self) -> Vec<Request> {
        self.shared().recorder.after(0).iter().map(|request| Request::clone(request)).collect()
    }

    /// How many requests of a call have arrived since the last `clear_requests`, kept or not.
    pub fn count(&self, call: &str) -> usize {
        self.shared().recorder.count(call)
    }

    /// Forgets the requests and their counts.
    pub fn clear_requests(&self) {
        self.shared().recorder.clear();
    }

    /// Switches the keeping of requests; they are counted in any case.
    pub fn set_recording(&self, on: bool) {
        self.shared().recorder.switch(on);
    }

    /// Waits until a request has arrived that fulfils a condition; those kept are looked at
    /// first. An arrived request need not have been handled: see `wait_until`.
    pub async fn wait_for(&self, timeout: Duration, pred: impl Fn(&Request) -> bool) -> Option<Request> {
        let mut seen = 0;
        let search = async {
            loop {
                let changed = self.shared().changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                for request in self.shared().recorder.after(seen) {
                    seen = request.number;
                    if pred(&request) {
                        return Request::clone(&request);
                    }
                }
                changed.await;
            }
        };
        tokio::time::timeout(timeout, search).await.ok()
    }

    /// Waits until a condition is true; it is tried after every request, change of a meeting
    /// and callback. False if the time is over.
    pub async fn wait_until(&self, timeout: Duration, condition: impl Fn(&SimNode) -> bool) -> bool {
        let search = async {
            loop {
                let changed = self.shared().changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if condition(self) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(timeout, search).await.is_ok()
    }

    /// The end callbacks that have been made, in the order they were finished.
    pub fn callbacks(&self) -> Vec<CallbackResult> {
        self.shared().callbacks.all()
    }
}
