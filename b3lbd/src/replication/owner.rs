//! The identity of a daemon among those that share a store.

use std::path::Path;
use std::{fs, io};

use super::beside;
use crate::role::Owner;

/// Identifies a Linux installation: `machine-id(5)`.
const MACHINE_ID: &str = "/etc/machine-id";

/// Reads the identity next to a database, or writes a new one. A data directory that was copied to another
/// machine gets an identity of its own, else both daemons would take themselves for the primary.
pub(super) fn owner(database: &Path) -> io::Result<Owner> {
    let machine = fs::read_to_string(MACHINE_ID).unwrap_or_default();
    owner_on(database, machine.trim())
}

fn owner_on(database: &Path, machine: &str) -> io::Result<Owner> {
    let path = beside(database, ".owner");
    let known = fs::read_to_string(&path).unwrap_or_default();
    if let Some((id, rest)) = known.split_once(' ')
        && rest.trim_end() == machine
        && let Ok(id) = u128::from_str_radix(id, 16)
    {
        return Ok(Owner(id));
    }
    let id: u128 = rand::random();
    let new = beside(database, ".owner.new");
    fs::write(&new, format!("{id:032x} {machine}\n"))?;
    fs::File::open(&new)?.sync_all()?;
    fs::rename(&new, &path)?;
    Ok(Owner(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_stays_but_does_not_move_to_another_machine() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("b3lb.db");
        let first = owner_on(&database, "one").unwrap();
        assert_eq!(owner_on(&database, "one").unwrap(), first);
        let other = owner_on(&database, "two").unwrap();
        assert_ne!(other, first);
        fs::write(beside(&database, ".owner"), "nonsense").unwrap();
        assert_ne!(owner_on(&database, "two").unwrap(), other);
    }
}
