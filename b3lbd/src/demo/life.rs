//! Creates meetings. The simulated nodes let people join and leave, and end the meetings.

use std::sync::Arc;
use std::time::Duration;

use super::client::DemoClient;

const ROOMS: [&str; 12] = [
    "Algebra 7b",
    "Biology & Chemistry",
    "Café philosophique",
    "Deutsch für Anfänger",
    "English conversation",
    "Field trip planning",
    "Geography 9a",
    "History of computing",
    "Informatics lab",
    "Jour fixe",
    "Kunst und Musik",
    "Parents' evening",
];
const AT_FIRST: usize = 6;
const EVERY: Duration = Duration::from_secs(10);

/// Creates the first meetings.
pub(super) async fn begin(client: &Arc<DemoClient>) -> anyhow::Result<()> {
    for (n, name) in ROOMS.iter().enumerate().take(AT_FIRST) {
        client.create(&format!("room-{n}"), name).await?;
    }
    Ok(())
}

/// Creates more meetings, one at a time, while the demo runs.
pub(super) async fn go_on(client: Arc<DemoClient>) {
    for n in (0..ROOMS.len()).cycle().skip(AT_FIRST) {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = client.create(&format!("room-{n}"), ROOMS[n]).await {
            tracing::warn!(%error, "the demo could not create a meeting");
        }
    }
}
