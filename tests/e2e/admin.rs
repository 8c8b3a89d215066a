//! The real `b3lb-cli` against the real daemon.

mod backup;
mod changing;
mod configuration;
mod effects;
mod events;
mod import;
mod json;
mod legacy;
mod node_care;
mod remote;
mod setting_up;
mod usage;
mod verbs;
mod whole;

use std::process::Output;

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
    Run::of(line, world.daemon.cli(&line.split_whitespace().collect::<Vec<_>>()).await)
}

impl Run {
    fn of(line: &str, output: Output) -> Self {
        Self {
            line: line.to_owned(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

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

/// A line of a table: exit code, words of the command, `=>`, and what is said on standard output if the code
/// is 0, else on standard error.
struct Line<'a> {
    code: i32,
    command: &'a str,
    said: &'a str,
}

/// The lines of a table.
fn lines(table: &str) -> impl Iterator<Item = Line<'_>> {
    table.lines().map(str::trim).filter(|it| !it.is_empty()).map(|line| {
        let (command, said) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let (code, command) = command.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        Line { code: code.parse().unwrap_or_else(|_| panic!("{line}")), command, said }
    })
}

/// Runs each line of a table in its order; `{folder}` stands for the world's folder.
async fn all_run(world: &World, table: &str) {
    write_files(world);
    let folder = world.folder().display().to_string();
    for Line { code, command, said: words } in lines(table) {
        let it = run(world, &command.replace("{folder}", &folder)).await;
        assert_eq!(it.code, Some(code), "{it:?}");
        let (said, silent) = if code == 0 { (&it.stdout, &it.stderr) } else { (&it.stderr, &it.stdout) };
        assert!(said.contains(words), "{words:?} is missing: {it:?}");
        assert_eq!(silent, "", "{it:?}");
        let errors = it.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert!(code == 0 || errors == 1, "one line says what is wrong: {it:?}");
    }
}

/// The files that the tables name.
fn write_files(world: &World) {
    let more = "[[cluster]]\nname = \"more\"\ncpu_order = 0\n";
    for (name, content) in [
        ("logo.png", b"\x89PNG".as_slice()),
        ("slide.pdf", b"%PDF-1.7"),
        ("liar.pdf", b"no PDF"),
        ("slide.txt", b"text"),
        ("empty.json", b"[]"),
        ("scalelite.txt", import::SCALELITE.as_bytes()),
        ("more.toml", more.as_bytes()),
        ("unknown.toml", b"[[cluster]]\nname = \"x\"\ncpu_mix = 1\n"),
        ("wrong.toml", b"[[cluster]]\nname = \"x\"\ncpu_order = 101\n"),
        ("all.toml", b""),
        ("nothing.toml", b""),
    ] {
        std::fs::write(world.folder().join(name), content).expect("the folder can be written to");
    }
}
