//! Slide, logo and CSS of a tenant, as nodes and browsers fetch them.

use harness::{Answer, World, world::soon};
use rpc::{AssetFile, AssetKind};

/// Kind, file name, content in base64, content, content type.
const FILES: [(AssetKind, &str, &str, &str, &str); 3] = [
    (AssetKind::Slide, "start.pdf", "JVBERi0xLjQK", "%PDF-1.4\n", "application/pdf"),
    (AssetKind::Logo, "logo.svg", "PHN2Zy8+", "<svg/>", "image/svg+xml"),
    (AssetKind::Css, "own.css", "Ym9keSB7fQo=", "body {}\n", "text/css; charset=utf-8"),
];

async fn set(world: &World, files: &[(AssetKind, &str, &str)]) {
    let file = |(kind, name, base64): &(AssetKind, &str, &str)| AssetFile {
        kind: *kind,
        file_name: (*name).to_owned(),
        base64: (*base64).to_owned(),
    };
    let files = files.iter().map(file).collect();
    world.admin().await.asset_set(soon(), "FOO".into(), files).await.unwrap().unwrap();
}

async fn fetch(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = world.foo.request("GET", &format!("http://{}/b3lb/t/{path}", world.foo.address));
    world.foo.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test]
async fn assets_come_with_their_type_and_etag() {
    let world = World::start(0).await;
    set(&world, &FILES.map(|(kind, name, base64, ..)| (kind, name, base64))).await;
    for (kind, _, _, content, content_type) in FILES {
        let path = format!("foo/{}", kind.as_str());
        let answer = fetch(&world, &path, &[]).await;
        assert_eq!(answer.essence(), (200, Some(content_type), content), "{path}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"), "{path}");
        let etag = answer.header("etag").expect("an ETag");
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "{path}: {etag}");

        for known in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            let answer = fetch(&world, &path, &[("if-none-match", &known)]).await;
            let seen = (answer.status, answer.header("etag"), answer.body.as_str());
            assert_eq!(seen, (304, Some(etag), ""), "{path}, {known} known");
        }
        let answer = fetch(&world, &path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(answer.essence(), (200, Some(content_type), content), "{path}, another one known");
        assert_eq!(fetch(&world, &path.replace("foo", "FOO"), &[]).await.status, 200, "slugs in any case");
        let post = world.foo.request("POST", &format!("http://{}/b3lb/t/{path}", world.foo.address));
        assert_eq!(world.foo.send(post).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn assets_change_at_once() {
    let world = World::start(0).await;
    let (kind, name, base64, ..) = FILES[2];
    set(&world, &[(kind, name, base64)]).await;
    let old = fetch(&world, "foo/css", &[]).await;
    let etag = old.header("etag").expect("an ETag").to_owned();

    set(&world, &[(kind, name, "aHRtbCB7fQo=")]).await;
    let new = fetch(&world, "foo/css", &[("if-none-match", &etag)]).await;
    assert_eq!((new.status, new.body.as_str()), (200, "html {}\n"));
    assert_ne!(new.header("etag"), Some(etag.as_str()));

    world.admin().await.asset_rm(soon(), "FOO".into(), vec![kind]).await.unwrap().unwrap();
    assert_eq!(fetch(&world, "foo/css", &[]).await.status, 404);
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let world = World::start(0).await;
    let (kind, name, base64, ..) = FILES[0];
    set(&world, &[(kind, name, base64)]).await;
    world.add_tenant("BAR").await;
    for path in [
        "foo/logo",
        "foo/css",
        "bar/slide",
        "nobody/slide",
        "foo-012/slide",
        "foo/slides",
        "foo/",
        "foo",
        "foo/slide/x",
    ] {
        assert_eq!(fetch(&world, path, &[]).await.status, 404, "{path}");
    }
}
