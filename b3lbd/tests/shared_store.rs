//! Claims and the lease in a folder, and in a real S3 server (`tests/replicas/install`) behind a proxy that loses
//! answers or removes conditions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod s3_server;

use std::net::SocketAddr;
use std::path::Path;

use b3lbd::role::{Claim, Epoch, Lease, Nonce, Outcome, Owner, Takeover};
use b3lbd::shared::{ClaimRecord, ReplicaUrl, SharedError, SharedStore};

use s3_server::Server;
use s3_server::gate::{Fault, Gate};

fn keys(name: &str) -> Option<String> {
    matches!(name, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY").then(|| "for-tests".to_owned())
}

fn bucket(address: SocketAddr, name: &str) -> SharedStore {
    let url: ReplicaUrl = format!("s3://{name}/b3lb?endpoint=http://{address}").parse().unwrap();
    SharedStore::new(&url, keys).unwrap().unwrap()
}

fn folder(path: &Path) -> SharedStore {
    SharedStore::new(&ReplicaUrl::Folder(path.to_owned()), keys).unwrap().unwrap()
}

fn record(epoch: u64, owner: u128, takeover: Takeover) -> ClaimRecord {
    let epoch = Epoch::new(epoch).unwrap();
    ClaimRecord {
        claim: Claim { epoch, owner: Owner(owner), nonce: Nonce(rand::random()), takeover },
        url: Some("http://one.example:8000".to_owned()),
        host: "one".to_owned(),
        time: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn lease(holder: u128) -> Lease {
    Lease { nonce: Nonce(rand::random()), holder: Owner(holder), epoch: Epoch::FIRST }
}

/// What every store must do, with two clients of it.
async fn behaves(one: &SharedStore, other: &SharedStore) {
    one.check().await.unwrap();
    assert_eq!(one.claims().await.unwrap().highest, None);

    let first = record(1, 1, Takeover::First);
    assert_eq!(one.claim(&first).await.unwrap(), first);
    assert_eq!(one.claim(&first).await.unwrap(), first, "a repetition finds itself");
    let second = record(1, 2, Takeover::First);
    let stored = other.claim(&second).await.unwrap();
    assert_eq!(second.claim.settle(stored.claim), Outcome::Lost(first.claim));

    // Ten at once: one gets it, and all agree on which.
    let records: Vec<_> = (0..10).map(|owner| record(2, owner, Takeover::Automatic)).collect();
    let stored = futures::future::join_all(records.iter().map(|it| other.claim(it))).await;
    let stored: Vec<_> = stored.into_iter().map(Result::unwrap).collect();
    assert!(stored.iter().all(|it| *it == stored[0]) && records.contains(&stored[0]));
    one.claim(&record(12, 1, Takeover::ByHand)).await.unwrap();
    let listed = other.claims().await.unwrap();
    assert_eq!(listed.claims.highest.unwrap().epoch.get(), 12, "12 is higher than 2");
    assert_eq!(listed.claims.automatic.unwrap().get(), 2);

    assert_eq!(one.lease().await.unwrap(), None);
    assert!(one.write_lease(None, &lease(1)).await.unwrap());
    assert!(!other.write_lease(None, &lease(2)).await.unwrap(), "it is there");
    let held = other.lease().await.unwrap().unwrap();
    assert_eq!(held.lease.holder, Owner(1));
    assert!(one.write_lease(Some(&held), &lease(1)).await.unwrap());
    assert!(!other.write_lease(Some(&held), &lease(2)).await.unwrap(), "it has changed");
    for _ in 0..8 {
        let now = one.lease().await.unwrap().unwrap();
        assert!(one.write_lease(Some(&now), &lease(1)).await.unwrap());
    }
    assert!(!other.write_lease(Some(&held), &lease(2)).await.unwrap(), "it has changed often");
    assert_eq!(other.lease().await.unwrap().unwrap().lease.holder, Owner(1));
}

#[tokio::test]
async fn a_folder_carries_claims_and_lease() {
    let place = tempfile::tempdir().unwrap();
    behaves(&folder(place.path()), &folder(place.path())).await;
    let store = folder(place.path());
    assert_eq!(store.claims().await.unwrap().claims.highest.unwrap().epoch.get(), 12);
    std::fs::remove_file(place.path().join("claims/12")).unwrap();
    assert_eq!(store.claims().await.unwrap().claims.highest.unwrap().epoch.get(), 2, "it is not remembered");
    let missing = folder(&place.path().join("not-mounted")).check().await.unwrap_err();
    assert!(missing.to_string().contains("not-mounted"), "{missing}");
}

#[tokio::test]
async fn a_bucket_carries_claims_and_lease() {
    let server = Server::start().await;
    behaves(&bucket(server.address, "classes"), &bucket(server.address, "classes")).await;
    let missing = bucket(server.address, "nowhere").check().await.unwrap_err();
    assert!(matches!(missing, SharedError::Missing(_)), "{missing}");
    let url: ReplicaUrl = "s3://classes/b3lb".parse().unwrap();
    let no_keys = SharedStore::new(&url, |_| None).unwrap_err();
    assert!(no_keys.to_string().contains("AWS_SECRET_ACCESS_KEY"), "{no_keys}");
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_settled_by_its_nonce() {
    let server = Server::start().await;
    let gate = Gate::start(server.address).await;
    let (behind, direct) = (bucket(gate.address, "classes"), bucket(server.address, "classes"));
    gate.set(Fault::LosesAnswers);
    let mine = record(1, 1, Takeover::First);
    let stored = behind.claim(&mine).await.unwrap();
    assert_eq!(mine.claim.settle(stored.claim), Outcome::Won);
    gate.set(Fault::None);
    let stored = behind.claim(&mine).await.unwrap();
    assert_eq!(mine.claim.settle(stored.claim), Outcome::Won, "its repetition was refused");
    assert_eq!(direct.claims().await.unwrap().highest, Some(mine));
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_told() {
    let server = Server::start().await;
    let gate = Gate::start(server.address).await;
    bucket(gate.address, "classes").check().await.unwrap();
    gate.set(Fault::IgnoresConditions);
    let told = bucket(gate.address, "classes").check().await.unwrap_err();
    assert!(matches!(told, SharedError::Unconditional(_)), "{told}");
}
