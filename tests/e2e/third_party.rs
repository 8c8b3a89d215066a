//! BigBlueButton clients that others wrote drive the daemon.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use harness::{World, eventually::PATIENCE};
use tokio::process::Command;
use tokio::time::timeout;

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Runs a driver to its end; what it printed.
async fn drive(program: &Path, script: &str, api: &str, key: &str) -> String {
    let run = Command::new(program)
        .arg(clients().join(script))
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs([("B3LB_API", api), ("B3LB_KEY", key), ("PYTHONUTF8", "1"), ("PYTHONDONTWRITEBYTECODE", "1")])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let run = timeout(2 * PATIENCE, run).await.expect("the driver comes to an end");
    let hint = "Node.js and Python 3 are needed, then: tests/clients/install";
    let run = run.unwrap_or_else(|error| panic!("{} does not run ({error}). {hint}", program.display()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&run.stdout), text(&run.stderr));
    assert!(run.status.success(), "{script} against {api}: {}\n{out}{err}", run.status);
    out
}

/// A file that `tests/clients/install` makes.
fn installed(path: &str) -> PathBuf {
    let path = clients().join(path);
    assert!(path.exists(), "{} is missing. Run tests/clients/install, as tests/run does", path.display());
    path
}

/// The drivers follow their joins into the meetings and end them.
fn all_done(world: &World, printed: &str) {
    for step in ["create", "join: ", "getMeetingInfo", "end: SUCCESS"] {
        assert!(printed.contains(step), "{step} is missing in:\n{printed}");
    }
    assert!(world.nodes.iter().all(|node| node.meeting_count() == 0), "all meetings have ended");
    assert!(world.nodes.iter().any(|node| node.count("join") > 0), "somebody came in");
}

#[tokio::test]
async fn the_javascript_client_works_by_path_and_by_host() {
    installed("node_modules/bigbluebutton-js/package.json");
    let world = World::start(2).await;
    let foo = &world.foo;
    let port = foo.address.port();
    for api in [
        format!("http://127.0.0.1:{port}/b3lb/t/foo/bbb"),
        format!("http://foo.b3lb.test:{port}/bigbluebutton/"),
    ] {
        all_done(&world, &drive(Path::new("node"), "drive.js", &api, &foo.key).await);
    }
}

#[tokio::test]
async fn the_python_client_works_by_host() {
    let python = installed("venv/bin/python");
    let world = World::start(2).await;
    let sub = world.add_secret("FOO", 12).await;
    for client in [&world.foo, &sub] {
        let api = format!("http://{}:{}/bigbluebutton/api/", client.host(), client.address.port());
        all_done(&world, &drive(&python, "drive.py", &api, &client.key).await);
    }
}

/// This client cuts an address off and puts `bigbluebutton/api` there, unless it ends with that.
#[tokio::test]
async fn the_python_client_works_by_path() {
    let python = installed("venv/bin/python");
    let world = World::start(2).await;
    let api = format!("http://{}/b3lb/t/foo/bbb/bigbluebutton/api/", world.foo.address);
    all_done(&world, &drive(&python, "drive.py", &api, &world.foo.key).await);
}

#[tokio::test]
async fn bbb_api_makes_its_calls_by_host() {
    installed("node_modules/bbb-api/package.json");
    let world = World::start(2).await;
    let sub = world.add_secret("FOO", 12).await;
    for client in [&world.foo, &sub] {
        let api = format!("http://{}:{}", client.host(), client.address.port());
        all_done(&world, &drive(Path::new("node"), "drive-bbb-api.js", &api, &client.key).await);
    }
}

/// This client appends `bigbluebutton/api` to whatever it is given.
#[tokio::test]
async fn bbb_api_makes_its_calls_by_path() {
    installed("node_modules/bbb-api/package.json");
    let world = World::start(2).await;
    let api = format!("http://{}/b3lb/t/foo/bbb", world.foo.address);
    all_done(&world, &drive(Path::new("node"), "drive-bbb-api.js", &api, &world.foo.key).await);
}

#[tokio::test]
async fn bbb_promise_makes_its_calls_by_path_and_by_host() {
    installed("node_modules/bbb-promise/package.json");
    let world = World::start(2).await;
    let foo = &world.foo;
    for api in [
        format!("http://{}/b3lb/t/foo/bbb", foo.address),
        format!("http://{}:{}/bigbluebutton", foo.host(), foo.address.port()),
    ] {
        all_done(&world, &drive(Path::new("node"), "drive-bbb-promise.js", &api, &foo.key).await);
    }
}

#[tokio::test]
async fn bbbctl_makes_its_calls_by_path_and_by_host() {
    let python = installed("venv/bin/python");
    let world = World::start(2).await;
    let foo = &world.foo;
    for api in [
        format!("http://{}/b3lb/t/foo/bbb/api", foo.address),
        format!("http://{}:{}", foo.host(), foo.address.port()),
    ] {
        all_done(&world, &drive(&python, "drive-bbbctl.py", &api, &foo.key).await);
    }
}

#[tokio::test]
async fn sage_bbb_makes_its_calls_by_host() {
    let python = installed("venv/bin/python");
    let world = World::start(2).await;
    let sub = world.add_secret("FOO", 12).await;
    for client in [&world.foo, &sub] {
        let api = format!("http://{}:{}/bigbluebutton/api/", client.host(), client.address.port());
        all_done(&world, &drive(&python, "drive-sage-bbb.py", &api, &client.key).await);
    }
}

/// This client insists on `bigbluebutton/api`, too.
#[tokio::test]
async fn sage_bbb_makes_its_calls_by_path() {
    let python = installed("venv/bin/python");
    let world = World::start(2).await;
    let api = format!("http://{}/b3lb/t/foo/bbb/bigbluebutton/api/", world.foo.address);
    all_done(&world, &drive(&python, "drive-sage-bbb.py", &api, &world.foo.key).await);
}

#[tokio::test]
async fn bigbluebutton2_makes_its_calls_by_path_and_by_host() {
    let python = installed("venv/bin/python");
    let world = World::start(2).await;
    let foo = &world.foo;
    for api in [
        format!("http://{}/b3lb/t/foo/bbb/api/", foo.address),
        format!("http://{}:{}/bigbluebutton/api/", foo.host(), foo.address.port()),
    ] {
        all_done(&world, &drive(&python, "drive-bigbluebutton2.py", &api, &foo.key).await);
    }
}
