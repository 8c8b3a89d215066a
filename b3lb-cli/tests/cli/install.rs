//! Completions and man pages.

use std::process::Command;

use crate::fake::Daemon;
use crate::help::VERBS;
use crate::run::{alone, command};

/// Loads the completions of bash, and asks for the last word of each line; the candidates of each.
fn candidates(daemon: &Daemon, lines: &[&[&str]]) -> Vec<Vec<String>> {
    let functions = "
        PATH=$(dirname \"$TOOL\"):$PATH
        source <(b3lb-cli completions bash)
        words=($(complete -p b3lb-cli)) || exit 1
        for ((i = 0; i < ${#words[@]}; i++)); do [[ ${words[i]} == -F ]] && loaded=${words[i + 1]}; done
        function candidates {
            COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMP_TYPE=9 COMPREPLY=()
            $loaded \"$1\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
            echo ${COMPREPLY[@]}
        }
    ";
    let calls = lines.iter().map(|line| {
        let words: Vec<_> = line.iter().map(|word| format!("'{word}'")).collect();
        format!("candidates b3lb-cli {}\n", words.join(" "))
    });
    let output = Command::new("bash")
        .args(["--norc", "-uc", &format!("{functions}{}", calls.collect::<String>())])
        .env("TOOL", env!("CARGO_BIN_EXE_b3lb-cli"))
        .env("B3LB_ADMIN_SOCKET", format!("unix:{}", daemon.socket()))
        .output()
        .unwrap();
    let (said, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    said.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn bash_loads_the_completions_and_knows_the_verbs() {
    let found = candidates(&Daemon::start(), &[&["node", ""], &["node", "list", "--state", ""]]);
    for verb in VERBS.iter().filter_map(|verb| verb.strip_prefix("node ")) {
        assert!(found[0].iter().any(|it| it == verb), "{verb}: {found:?}");
    }
    assert_eq!(found[1], ["up", "suspect", "down", "unknown"]);
}

#[test]
fn completions_know_the_names_of_the_daemon() {
    let daemon = Daemon::start();
    let of = |list: &[&str]| -> Vec<String> {
        let items: serde_json::Value = serde_json::from_str(&daemon.run(list).good()).unwrap();
        let name = |it: &serde_json::Value| {
            let name = it.get("name").or_else(|| it.get("slug")).unwrap();
            name.as_str().unwrap().to_owned()
        };
        let mut names: Vec<_> = items.as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    };
    let lines: [(&[&str], &[&str]); 5] = [
        (&["node", "drain", ""], &["node", "list", "--json"]),
        (&["node", "list", "--cluster", ""], &["cluster", "list", "--json"]),
        (&["tenant", "set", ""], &["tenant", "list", "--json"]),
        (&["tenant", "add", "NEW", "--group", ""], &["group", "list", "--json"]),
        (&["secret", "rotate", ""], &["secret", "list", "--json"]),
    ];
    let found = candidates(&daemon, &lines.map(|(line, _)| line));
    for ((line, list), mut found) in lines.into_iter().zip(found) {
        found.retain(|it| !it.starts_with('-'));
        found.sort();
        assert!(!found.is_empty(), "{line:?}");
        assert_eq!(found, of(list), "{line:?}");
    }
}

/// Without a daemon there are no names, and no errors between the words of the prompt.
#[test]
fn completions_without_a_daemon_are_silent() {
    let daemon = Daemon::failing(rpc::ErrorCode::Unavailable);
    let found = candidates(&daemon, &[&["node", "drain", "n"], &["node", "dra"]]);
    assert_eq!(found, [Vec::<String>::new(), vec!["drain".to_owned()]]);
}

#[test]
fn other_shells_get_their_script() {
    for (shell, sign) in
        [("zsh", "#compdef b3lb-cli"), ("fish", "complete --keep-order --exclusive --command b3lb-cli")]
    {
        let script = alone(&["completions", shell]).good();
        assert!(script.contains(sign) && script.contains("COMPLETE"), "{shell}: {script}");
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
