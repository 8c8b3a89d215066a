//! `export`: the configuration as a file.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::fake::{Daemon, configuration};

#[test]
fn what_is_exported_can_be_read_again() {
    let daemon = Daemon::start();
    for (options, secrets) in [(&[][..], false), (&["--with-secrets", "--with-assets"][..], true)] {
        let text = daemon.run(&[&["export"], options].concat()).good();
        assert!(text.starts_with("# Configuration of B3LB, "), "{text}");
        assert_eq!(toml::from_str(&text), Ok(configuration(secrets)));
        assert_eq!(text.contains("key0"), secrets);
        assert_eq!(
            daemon.calls().pop(),
            Some(json!(["config_export", {"secrets": secrets, "assets": secrets, "state": false}]))
        );
    }
    assert_eq!(daemon.run(&["export", "--json"]).json(), json!(configuration(false)));
}

#[test]
fn a_file_with_secrets_is_for_its_owner() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b3lb.toml");
    let name = file.to_str().unwrap();
    let daemon = Daemon::start();
    let said = daemon.run(&["export", "--with-secrets", name]).good();
    assert_eq!(said, format!("Configuration written to {name}\n"));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(toml::from_str(&std::fs::read_to_string(&file).unwrap()), Ok(configuration(true)));

    std::fs::write(&file, "mine").unwrap();
    let outcome = daemon.run(&["export", name]);
    assert_eq!(outcome.code, Some(2));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(daemon.run(&["export", name, "--yes", "--json"]).json(), json!({"file": name}));
    assert_eq!(toml::from_str(&std::fs::read_to_string(&file).unwrap()), Ok(configuration(false)));
}
