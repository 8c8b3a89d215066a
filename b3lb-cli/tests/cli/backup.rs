//! `backup`: a whole copy or none.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rpc::ErrorCode;

use crate::fake::{BACKUP, Daemon};
use crate::terminal;

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn the_copy_arrives_whole_and_is_for_its_owner() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b3lb.db");
    let name = file.to_str().unwrap();
    let daemon = Daemon::start();
    let said = daemon.run(&["backup", name]).good();
    assert!(said.starts_with(&format!("Backup written to {name}: ")), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), BACKUP);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(files(dir.path()), 1);
    assert_eq!(daemon.names().first().map(String::as_str), Some("backup_begin"));
    assert_eq!(daemon.names().last().map(String::as_str), Some("backup_end"));
}

#[test]
fn an_existing_file_is_overwritten_only_after_asking() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b3lb.db");
    let name = file.to_str().unwrap();
    std::fs::write(&file, "mine").unwrap();
    let daemon = Daemon::start();
    let outcome = daemon.run(&["backup", name]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.ends_with("hint: add --yes\n"), "{}", outcome.stderr);
    let shown = terminal::run(&daemon, &["backup", name], "n\n");
    assert!(shown.screen.contains("of 4 bytes? [y/N] "), "{}", shown.screen);
    assert_eq!((shown.code, std::fs::read(&file).unwrap()), (1, b"mine".to_vec()));
    assert!(daemon.calls().is_empty());

    let done = daemon.run(&["backup", name, "--yes", "--json"]).json();
    assert_eq!((&done["file"], &done["bytes"]), (&name.into(), &BACKUP.len().into()));
    assert_eq!(std::fs::read(&file).unwrap(), BACKUP);
}

#[test]
fn a_link_stays_and_what_is_no_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("b3lb.db"), dir.path().join("link"));
    std::fs::write(&file, "mine").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let daemon = Daemon::start();
    daemon.run(&["backup", link.to_str().unwrap(), "--yes"]).good();
    assert!(link.is_symlink());
    assert_eq!(std::fs::read(&file).unwrap(), BACKUP);

    for place in ["/dev/null", "/"] {
        assert_eq!(daemon.run(&["backup", place, "--yes"]).code, Some(2));
    }
}

#[test]
fn a_broken_copy_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b3lb.db");
    let name = file.to_str().unwrap();
    let sick = Daemon::sick();
    let outcome = sick.run(&["backup", name]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.starts_with("error: the copy was damaged in transit: its checksum"),
        "{}",
        outcome.stderr
    );
    assert_eq!(sick.names().last().map(String::as_str), Some("backup_end"));
    let outcome = Daemon::failing_at("backup_read", ErrorCode::Unavailable).run(&["backup", name]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(files(dir.path()), 0);

    let outcome = Daemon::start().run(&["backup", "/nowhere/b3lb.db"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.starts_with("error: cannot write /nowhere/b3lb.db: "), "{}", outcome.stderr);
}
