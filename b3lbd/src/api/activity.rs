//! Tracks the activity of a connection, to close it if it sends no requests or does not read its answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that makes no progress in this time, or twice that, is closed.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Bytes of an answer that a peer must read in that time, so that nobody holds large answers by sipping at them.
const LEAST_READ: u64 = 256 * 1024;

/// What happened on a connection. One timer per connection that is never reset is cheaper than one per request.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Number of requests.
    begun: AtomicU64,
    /// Number of answers handed to the connection.
    answered: AtomicU64,
    /// Number of bytes that the connection has taken.
    written: AtomicU64,
}

impl Activity {
    /// A request has arrived.
    pub(super) fn request(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Its answer is ready to be sent.
    pub(super) fn answer(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Completes once the peer has neither sent a request nor read of an answer for a while. The time that an
    /// answer takes us does not count.
    pub(super) async fn ceases(&self) {
        let mut before = None;
        loop {
            tokio::time::sleep(LONGEST_PAUSE).await;
            let [begun, answered, written] =
                [&self.begun, &self.answered, &self.written].map(|it| it.load(Ordering::Relaxed));
            let stalled = |(past, read): (u64, u64)| past == begun && written - read < LEAST_READ;
            if begun == answered && before.is_some_and(stalled) {
                return;
            }
            before = Some((begun, written));
        }
    }
}

/// A stream that counts what is written, so that a large answer shows its progress without being cut into pieces.
#[derive(Debug)]
pub(super) struct Counted<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Counted<S> {
    /// Counts the writes of `stream`.
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &written {
            self.activity.written.fetch_add(*bytes as u64, Ordering::Relaxed);
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.count(written)
    }

    // Without this hyper copies every body into its own buffer.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::{Instant, sleep};

    use super::*;

    /// Bytes that fit into the connection at a time.
    const PIECE: usize = 512 * 1024;

    #[tokio::test(start_paused = true)]
    async fn finding_11_a_slow_reader_is_not_cut_off_and_one_that_has_stopped_is() {
        let activity = Arc::new(Activity::default());
        let (mut client, server) = tokio::io::duplex(PIECE);
        activity.request();
        activity.answer();
        let mut server = Counted::new(server, Arc::clone(&activity));
        let answer = tokio::spawn(async move { server.write_all(&vec![0; 40 * PIECE]).await });
        let begun = Instant::now();
        let ceased = tokio::spawn({
            let activity = Arc::clone(&activity);
            async move { activity.ceases().await }
        });
        // One piece every fifty seconds, for half an hour.
        for _ in 0..36 {
            sleep(Duration::from_secs(50)).await;
            client.read_exact(&mut vec![0; PIECE]).await.unwrap();
            assert!(!ceased.is_finished(), "after {:?}", begun.elapsed());
        }
        // From here on it only sips.
        let sip = tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(1)).await;
                client.read_exact(&mut [0; 16]).await.unwrap();
            }
        });
        ceased.await.unwrap();
        sip.abort();
        assert!(begun.elapsed() < Duration::from_mins(30) + 3 * LONGEST_PAUSE);
        assert!(!answer.is_finished(), "it was still being sent");
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_that_an_answer_takes_us_does_not_count() {
        let activity = Arc::new(Activity::default());
        activity.request();
        let waited = tokio::time::timeout(Duration::from_mins(30), activity.ceases()).await;
        assert!(waited.is_err());
        activity.answer();
        tokio::time::timeout(3 * LONGEST_PAUSE, activity.ceases()).await.unwrap();
    }
}
