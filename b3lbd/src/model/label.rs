//! Labels that name a tenant and a sub id: `foo` or `foo-012`.

use std::fmt;
use std::str::FromStr;

use super::{InvalidName, SubId, TenantSlug};

/// A tenant and a sub id, as used in host names, paths and the admin tools.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantLabel {
    /// The tenant.
    pub slug: TenantSlug,
    /// Its secret.
    pub sub_id: SubId,
}

impl TenantLabel {
    /// The label in the API host name: `foo` for sub id 0, otherwise `foo-012`.
    pub fn host_label(&self) -> String {
        let slug = self.slug.as_str().to_ascii_lowercase();
        match self.sub_id.get() {
            0 => slug,
            n => format!("{slug}-{n:03}"),
        }
    }
}

impl FromStr for TenantLabel {
    type Err = InvalidName;

    /// Parses `foo` or `foo-012`, ignoring case. The number has exactly three digits.
    fn from_str(label: &str) -> Result<Self, InvalidName> {
        let Some((slug, number)) = label.split_once('-') else {
            return Ok(Self { slug: label.parse()?, sub_id: SubId::ZERO });
        };
        let digits = number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits);
        let rule =
            InvalidName { field: "secret", rule: "a secret is named SLUG or SLUG-NNN, NNN from 000 to 999" };
        Ok(Self { slug: slug.parse()?, sub_id: SubId::new(number.ok_or(rule)?)? })
    }
}

impl fmt::Display for TenantLabel {
    /// Formats as `FOO-012`, including the number for sub id 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:03}", self.slug, self.sub_id.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_tenant_and_sub_id() {
        let label: TenantLabel = "foo-012".parse().unwrap();
        assert_eq!((label.slug.as_str(), label.sub_id.get()), ("FOO", 12));
        assert_eq!(label.to_string(), "FOO-012");
        assert_eq!(label.host_label(), "foo-012");
        assert_eq!("FOO-000".parse::<TenantLabel>().unwrap().host_label(), "foo");
        for bad in ["", "foo-", "foo-1", "foo-0012", "foo-+12", "foo-012-1", "-012", "evil.foo"] {
            assert!(bad.parse::<TenantLabel>().is_err(), "{bad}");
        }
    }
}
