//! Determines the value of each setting, and its source.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Config, SETTINGS, Setting};

/// An invalid setting. The daemon does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A required setting is missing.
    #[error("{0} is required: set it as a flag, in the environment, or in .env")]
    Missing(String),
    /// A value is invalid.
    #[error("{variable}={value:?} ({source_name}): {rule}")]
    Invalid {
        /// `B3LB_X_Y`.
        variable: String,
        /// The value.
        value: String,
        /// Where the value came from.
        source_name: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// The env file cannot be read.
    #[error("the env file {} cannot be read: {error}", path.display())]
    EnvFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: String,
    },
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag.
    Flag,
    /// The environment.
    Environment,
    /// The env file.
    EnvFile,
    /// The default value.
    Default,
}

impl Source {
    fn name(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::EnvFile => "env file",
            Self::Default => "default",
        }
    }
}

/// The text of each setting that has a value, and its source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(BTreeMap<&'static str, (String, Source)>);

impl Values {
    /// Parses a required setting.
    pub(super) fn read<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<T, ConfigError> {
        self.optional(name, parse)?.ok_or_else(|| ConfigError::Missing(format!("B3LB_{name}")))
    }

    /// Parses an optional setting.
    pub(super) fn optional<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, ConfigError> {
        let Some((value, source)) = self.0.get(name) else { return Ok(None) };
        parse(value).map(Some).map_err(|rule| ConfigError::Invalid {
            variable: format!("B3LB_{name}"),
            value: if is_secret(name) { "***".to_owned() } else { value.clone() },
            source_name: source.name().to_owned(),
            rule,
        })
    }
}

/// The settings, and warnings about them.
#[derive(Debug)]
pub struct Loaded {
    /// The validated settings.
    pub config: Config,
    /// Variables that start with `B3LB_` but are unknown to this version.
    pub unknown: Vec<String>,
    values: Values,
}

impl Loaded {
    /// Lists the effective settings, one per line, in the format of an env file.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for setting in SETTINGS {
            let line = match self.values.0.get(setting.name) {
                Some((_, source)) if setting.secret => {
                    format!("{}=***  # {}\n", setting.variable(), source.name())
                }
                Some((value, source)) => format!("{}={value}  # {}\n", setting.variable(), source.name()),
                None => format!("# {} is not set\n", setting.variable()),
            };
            text.push_str(&line);
        }
        text
    }
}

/// Loads and validates all settings. `flag` returns the value of a flag, `environment` is that of the
/// process.
pub fn load(
    flag: impl Fn(&Setting) -> Option<String>,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Loaded, ConfigError> {
    let environment: BTreeMap<String, String> = environment
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("B3LB_"))
        .collect();
    let file = read_env_file(environment.get("B3LB_ENV_FILE").map(Path::new))?;
    let mut values = Values::default();
    for setting in SETTINGS {
        let variable = setting.variable();
        let said = |map: &BTreeMap<String, String>| map.get(&variable).filter(|it| !it.is_empty()).cloned();
        let found = flag(setting)
            .map(|value| (value, Source::Flag))
            .or_else(|| said(&environment).map(|value| (value, Source::Environment)))
            .or_else(|| said(&file).map(|value| (value, Source::EnvFile)))
            .or_else(|| setting.default.map(|value| (value.to_owned(), Source::Default)));
        if let Some(found) = found {
            values.0.insert(setting.name, found);
        }
    }
    let known = |name: &str| name == "B3LB_ENV_FILE" || SETTINGS.iter().any(|it| it.variable() == name);
    let names = environment.into_keys().chain(file.into_keys());
    let unknown = names.filter(|name| name.starts_with("B3LB_") && !known(name)).collect();
    Ok(Loaded { config: Config::from_values(&values)?, unknown, values })
}

fn is_secret(name: &str) -> bool {
    SETTINGS.iter().any(|it| it.name == name && it.secret)
}

/// A file given by name must exist; `.env` is optional.
fn read_env_file(named: Option<&Path>) -> Result<BTreeMap<String, String>, ConfigError> {
    let path = named.unwrap_or(Path::new(".env"));
    if named.is_none() && !path.exists() {
        return Ok(BTreeMap::new());
    }
    let failed = |error: dotenvy::Error| {
        let error = match error {
            // Do not show the line itself, which may contain a secret.
            dotenvy::Error::LineParse(..) => {
                "a line is not NAME=value; values with spaces need quotes".to_owned()
            }
            other => other.to_string(),
        };
        ConfigError::EnvFile { path: path.to_owned(), error }
    };
    let lines = dotenvy::from_path_iter(path).map_err(failed)?;
    lines.collect::<Result<_, _>>().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_from(flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        let flag = |setting: &Setting| {
            flags.iter().find(|(name, _)| *name == setting.flag()).map(|(_, value)| (*value).to_owned())
        };
        load(flag, environment.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn flags_beat_the_environment_beats_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("b3lb.env");
        std::fs::write(
            &file,
            "B3LB_API_BASE_DOMAIN=file.example\nB3LB_MAX_BODY=2048\nB3LB_POLL_INTERVAL=1\nB3LB_TYPO=1\n",
        )
        .unwrap();
        let file = file.to_str().unwrap();
        let environment = [("B3LB_ENV_FILE", file), ("B3LB_POLL_INTERVAL", "2"), ("B3LB_LISTEN", "[::1]:1")];
        let loaded = load_from(&[("listen", "127.0.0.1:2")], &environment).unwrap();
        let config = &loaded.config;
        assert_eq!(config.api_base_domain, "file.example");
        assert_eq!(config.public_url, "https://file.example");
        assert_eq!(config.polls.interval.as_secs(), 2);
        assert_eq!(config.listen.port(), 2);
        assert_eq!(loaded.unknown, ["B3LB_TYPO"]);
        let text = loaded.describe();
        assert!(
            text.contains("B3LB_LISTEN=127.0.0.1:2  # flag\n")
                && text.contains("B3LB_MAX_BODY=2048  # env file\n")
        );
    }

    #[test]
    fn errors_name_the_setting_the_value_and_the_rule() {
        let error = |environment: &[(&str, &str)]| load_from(&[], environment).unwrap_err().to_string();
        assert!(error(&[("B3LB_LISTEN", "127.0.0.1:1")]).starts_with("B3LB_API_BASE_DOMAIN is required"));
        let wrong = error(&[("B3LB_API_BASE_DOMAIN", "a.b"), ("B3LB_POLL_INTERVAL", "often")]);
        assert_eq!(
            wrong,
            "B3LB_POLL_INTERVAL=\"often\" (environment): must be a number of seconds above 0, at most 86400"
        );
        assert!(error(&[("B3LB_ENV_FILE", "/nowhere/b3lb.env")]).contains("/nowhere/b3lb.env"));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("b3lb.env");
        std::fs::write(&file, "B3LB_METRICS_TOKEN=secret words\n").unwrap();
        let error = load_from(&[], &[("B3LB_ENV_FILE", file.to_str().unwrap())]).unwrap_err().to_string();
        assert!(error.contains("b3lb.env") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn every_default_is_valid() {
        load_from(&[("api-base-domain", "b.example")], &[]).unwrap();
    }
}
