//! The Dockerfile and the compose files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use harness::daemon::binary;
use harness::eventually;
use serde_json::Value;
use tokio::process::Command;

use super::share;
use crate::replication::litestream;

/// A program that `tests/share/install` has installed.
pub(super) fn tool(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("share/venv/bin").join(name);
    assert!(program.exists(), "run tests/share/install first");
    program
}

/// The compose files as compose itself understands them, with the example's settings.
pub(super) async fn compose(files: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("env");
    let text = std::fs::read_to_string(share("docker/b3lb.env.example")).unwrap();
    // Who copies the example has to set the secrets.
    let text: Vec<_> =
        text.lines().map(|it| if it.ends_with('=') { format!("{it}secret") } else { it.into() }).collect();
    std::fs::write(&settings, text.join("\n")).unwrap();
    let mut command = Command::new(tool("docker-compose"));
    command.env_clear().env("HOME", folder.path()).arg("--env-file").arg(&settings);
    for file in files {
        command.arg("--file").arg(share("docker").join(file));
    }
    let output = command.args(["config", "--format", "json"]).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{files:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The instructions of the Dockerfile, with its continued lines joined.
fn instructions() -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(share("docker/Dockerfile")).unwrap().replace("\\\n", "");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let words = lines.map(|line| line.split_whitespace().map(str::to_owned));
    words.map(|mut words| (words.next().unwrap(), words.collect())).collect()
}

#[tokio::test]
async fn hadolint_finds_no_fault_in_the_dockerfile() {
    let mut command = Command::new(tool("hadolint"));
    let output = command.args(["--no-color"]).arg(share("docker/Dockerfile")).output().await.unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// What the Dockerfile copies, copied into a plain folder: cargo finds the workspace there, with all files of the
/// programs.
#[tokio::test]
async fn the_build_stage_has_all_sources() {
    let root = share("..");
    let folder = tempfile::tempdir().unwrap();
    let ignored = std::fs::read_to_string(share("docker/Dockerfile.dockerignore")).unwrap();
    let all = instructions();
    for (_, words) in all.iter().filter(|(name, words)| name == "COPY" && !words[0].starts_with("--")) {
        let (target, sources) = words.split_last().unwrap();
        for source in sources {
            assert!(ignored.lines().any(|it| it.strip_prefix('!') == Some(source)), "{source} is ignored");
            copy(&root.join(source), &folder.path().join(if target == "./" { source } else { target }));
        }
    }
    let plan = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .current_dir(folder.path())
        .output()
        .await
        .unwrap();
    assert!(plan.status.success(), "{}", String::from_utf8_lossy(&plan.stderr));
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let ours = |it: &&Value| it["source"].is_null();
    for target in
        plan["packages"].as_array().unwrap().iter().filter(ours).filter_map(|it| it["targets"].as_array())
    {
        for target in target {
            assert!(Path::new(target["src_path"].as_str().unwrap()).exists(), "{target}");
        }
    }

    // The same programs as in the Debian package, built in the same way.
    let builds: Vec<_> = all.iter().filter(|(name, words)| name == "RUN" && words[0] == "cargo").collect();
    let build = builds[0].1.join(" ");
    let package = std::fs::read_to_string(share("debian/build")).unwrap();
    assert!(package.contains(&build.replace("--profile dist", "--profile \"$profile\"")), "{build}");
    assert!(package.contains("profile=dist") && builds.len() == 1);
    let rust = format!("rust:{}.", toolchain(&root));
    assert!(all.iter().any(|(name, words)| name == "FROM" && words[0].starts_with(&rust)), "{rust}");
}

/// The oldest Rust that builds the workspace.
fn toolchain(root: &Path) -> String {
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    line.trim_matches('"').to_owned()
}

/// Copies a file or a folder, without what is built or installed there.
fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        std::fs::copy(from, to).unwrap();
        return;
    }
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        if !["node_modules", "root", "target", "venv"].iter().any(|it| name == *it) {
            copy(&from.join(&name), &to.join(&name));
        }
    }
}

/// The last stage as a plain folder: the daemon starts with the image's settings, and the health check sees it.
#[tokio::test]
async fn the_image_starts_the_daemon_and_sees_its_health() {
    let all = instructions();
    let of = |wanted: &str| {
        all.iter().rfind(|(name, _)| name == wanted).map(|(_, words)| words.join(" ")).unwrap()
    };
    assert_eq!(of("ENTRYPOINT"), "[\"b3lbd\"]");
    assert_ne!(of("USER").split(':').next().unwrap(), "0");
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| root.path().join(path.trim_start_matches('/')).display().to_string();
    for folder in ["/var/lib/b3lb", "/run/b3lb"] {
        std::fs::create_dir_all(at(folder)).unwrap();
    }
    let settings: Vec<_> =
        of("ENV").split_whitespace().map(|it| it.replace("=/", &format!("={}/", at("")))).collect();
    let port = harness::daemon::free_port();
    let settings = settings.join("\n").replace("0.0.0.0:8000", &format!("127.0.0.1:{port}"));
    let settings: Vec<_> = settings.lines().filter_map(|it| it.split_once('=')).collect();
    let command = |program: &str| {
        let mut command = Command::new(binary(program));
        command.env_clear().envs(settings.iter().copied()).current_dir(at(&of("WORKDIR"))).kill_on_drop(true);
        command
    };
    let check = of("HEALTHCHECK");
    let check: Vec<String> = serde_json::from_str(check.split_once("CMD ").unwrap().1).unwrap();
    let healthy = async || command(&check[0]).args(&check[1..]).output().await.unwrap().status.success();
    assert!(!healthy().await, "nothing runs yet");
    let daemon = command("b3lbd").env("B3LB_API_BASE_DOMAIN", "bbb.example.org").spawn().unwrap();
    eventually("the health check succeeds", || async { healthy().await.then_some(()) }).await;
    drop(daemon);
}

/// Every image is of one version, every container can do as little as possible, and no log grows without end.
#[tokio::test]
async fn containers_are_pinned_and_hardened() {
    let mut images: Vec<String> = Vec::new();
    for files in [&["compose.yml"][..], &["compose.yml", "compose.replicas.yml"]] {
        for (name, service) in compose(files).await["services"].as_object().unwrap() {
            images.push(service["image"].as_str().unwrap().to_owned());
            assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{name}");
            assert_eq!(service["security_opt"], serde_json::json!(["no-new-privileges:true"]), "{name}");
            assert!(service["logging"]["options"]["max-size"].is_string(), "{name}");
            assert!(service["read_only"] == true || name == "store", "{name} can write");
            // The image of b3lbd has a check of its own.
            assert!(
                service["healthcheck"].is_object() || service["build"].is_object(),
                "{name} is not checked"
            );
        }
    }
    let own = format!("b3lb:{}", env!("CARGO_PKG_VERSION"));
    assert!(images.contains(&own), "{own}");
    let stages = instructions().into_iter().filter(|(name, _)| name == "FROM");
    images.extend(stages.map(|(_, words)| words[0].clone()));
    for image in images {
        let tag = image.split_once(':').map_or("", |(_, tag)| tag);
        assert!(tag.chars().any(|it| it.is_ascii_digit()), "{image}");
    }
}

/// The settings that the compose files give b3lbd exist, and are good but for the store, which is not there.
#[tokio::test]
async fn the_daemon_accepts_the_settings_of_the_compose_files() {
    let known: BTreeSet<String> = std::fs::read_to_string(share("doc/settings.md"))
        .unwrap()
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `B3LB_")?.split_once('`')?.0.to_owned()))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    for files in [&["compose.yml"][..], &["compose.yml", "compose.replicas.yml"]] {
        let all = compose(files).await;
        let daemons: Vec<_> =
            all["services"].as_object().unwrap().iter().filter(|(_, it)| it["build"].is_object()).collect();
        assert_eq!(daemons.len(), files.len());
        for (name, service) in daemons {
            let mut command = Command::new(binary("b3lbd"));
            command.arg("--check").env_clear().current_dir(folder.path());
            for (setting, value) in service["environment"].as_object().unwrap() {
                let unknown = setting.strip_prefix("B3LB_").is_some_and(|it| !known.contains(it));
                assert!(!unknown, "{name}: {setting}");
                command.env(setting, value.as_str().unwrap());
            }
            command.env("B3LB_LITESTREAM_BIN", litestream());
            // Nobody listens there.
            let url = service["environment"]["B3LB_REPLICA_URL"].as_str();
            if let Some(url) = url {
                command.env("B3LB_REPLICA_URL", url.replace("http://store:9000", "http://127.0.0.1:1"));
            }
            let output = command.output().await.unwrap();
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            // Wrong settings end with 2; the store is looked for after them.
            assert_eq!(output.status.code(), Some(i32::from(url.is_some())), "{name}: {said}");
        }
    }
}
