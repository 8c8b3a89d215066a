//! Completions and man pages.

use std::process::Command;

use crate::help::VERBS;
use crate::run::{alone, command};

#[test]
fn bash_loads_the_completions_and_knows_the_verbs() {
    let script = "
        source <(\"$TOOL\" completions bash)
        words=($(complete -p b3lb-cli)) || exit 1
        for ((i = 0; i < ${#words[@]}; i++)); do [[ ${words[i]} == -F ]] && loaded=${words[i + 1]}; done
        function candidates {
            COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            $loaded \"$1\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
            echo \"${COMPREPLY[@]}\"
        }
        candidates b3lb-cli node ''
        candidates b3lb-cli node list --state ''
    ";
    let output = Command::new("bash")
        .args(["--norc", "-uc", script])
        .env("TOOL", env!("CARGO_BIN_EXE_b3lb-cli"))
        .output()
        .unwrap();
    let (said, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    let lines: Vec<Vec<_>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    for verb in VERBS.iter().filter_map(|verb| verb.strip_prefix("node ")) {
        assert!(lines[0].contains(&verb), "{verb}: {said}");
    }
    assert_eq!(lines[1], ["up", "suspect", "down", "unknown"]);
}

#[test]
fn other_shells_get_their_script() {
    for (shell, sign) in [("zsh", "#compdef b3lb-cli"), ("fish", "complete -c b3lb-cli")] {
        let script = alone(&["completions", shell]).good();
        assert!(script.contains(sign) && script.contains("evacuate"), "{shell}");
    }
}

#[test]
fn each_verb_has_a_man_page_that_renders_without_warnings() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("man1");
    let said = alone(&["man", folder.to_str().unwrap()]).good();
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(said, format!("{} man pages written to {}\n", pages.len(), folder.display()));
    for verb in VERBS {
        let page = folder.join(format!("b3lb-cli-{}.1", verb.replace(' ', "-")));
        assert!(pages.contains(&page), "{verb}");
    }
    pages.sort();
    for page in pages {
        let output = Command::new("man")
            .args(["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"])
            .arg(&page)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("man renders the pages; install man-db and groff");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{}: {errors}", page.display());
        assert!(String::from_utf8_lossy(&output.stdout).contains("EXAMPLES"), "{}", page.display());
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let outcome = alone(&["man", "/dev/null/man1"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.starts_with("error: cannot write /dev/null/man1: "), "{}", outcome.stderr);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = command(&["completions", "bash"]).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
}
