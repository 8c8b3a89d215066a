//! The real `b3lb-cli` against the real daemon.

mod effects;
mod json;
mod old_verbs;
mod setting_up;

use harness::World;
use serde_json::Value;

/// What a run of the tool came to.
#[derive(Debug)]
struct Run {
    line: String,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs a line of words.
async fn run(world: &World, line: &str) -> Run {
    let output = world.daemon.cli(&line.split_whitespace().collect::<Vec<_>>()).await;
    Run {
        line: line.to_owned(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

impl Run {
    /// What it printed, if it ended well.
    fn good(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        self.stdout
    }

    /// The one JSON document that it printed.
    fn json(self) -> Value {
        let line = self.line.clone();
        serde_json::from_str(&self.good()).unwrap_or_else(|error| panic!("{line}: {error}"))
    }
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Runs each line in its order: exit code, words of the command, `=>`, and what is said on standard output
/// if the code is 0, else on standard error.
async fn all_run(world: &World, lines: &str) {
    let folder = world.folder().display().to_string();
    for line in lines.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let (command, words) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let (code, command) = command.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        let it = run(world, &command.replace("{folder}", &folder)).await;
        assert_eq!(it.code, code.parse().ok(), "{it:?}");
        let (said, silent) = if code == "0" { (&it.stdout, &it.stderr) } else { (&it.stderr, &it.stdout) };
        assert!(said.contains(words), "{words:?} is missing: {it:?}");
        assert_eq!(silent, "", "{it:?}");
        let errors = it.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert!(code == "0" || errors == 1, "one line says what is wrong: {it:?}");
    }
}
