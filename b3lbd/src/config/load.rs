//! Determines the value of each setting, and its source.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches as _};

use super::Config;
use super::arguments::{self, Arguments};
use super::settings::Setting;

/// Names the env file. The only variable that is not a setting.
const ENV_FILE: &str = "B3LB_ENV_FILE";

/// The daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The only required setting is missing.
    #[error("B3LB_API_BASE_DOMAIN is required: set it as a flag, in the environment, or in .env")]
    NoBaseDomain,
    /// A takeover without a store.
    #[error("--take-over needs B3LB_REPLICA_URL, the store to take over")]
    NoStore,
    /// A value is invalid.
    #[error("{variable}={value:?} ({source_name}): {rule}")]
    Invalid {
        /// `B3LB_X_Y`.
        variable: String,
        /// The value.
        value: String,
        /// Where the value came from.
        source_name: &'static str,
        /// The rule that it breaks.
        rule: String,
    },
    /// The env file cannot be read.
    #[error("the env file {} cannot be read: {error}", path.display())]
    EnvFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: String,
    },
    /// A flag is unknown, or help was asked for.
    #[error(transparent)]
    Flags(clap::Error),
}

/// The source of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Flag,
    Environment,
    EnvFile,
    Default,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::EnvFile => "env file",
            Self::Default => "default",
        }
    }
}

/// The settings, and warnings about them.
#[derive(Debug)]
pub struct Loaded {
    /// The command line.
    pub arguments: Arguments,
    /// The validated settings.
    pub config: Config,
    /// Variables that start with `B3LB_` but are unknown to this version.
    pub unknown: Vec<String>,
    /// The value of each setting as it is shown, and its source.
    effective: Vec<(Setting, Option<(String, Source)>)>,
}

impl Loaded {
    /// Lists the effective settings, one per line, in the format of an env file.
    pub fn describe(&self) -> String {
        let line = |(setting, value): &(Setting, Option<(String, Source)>)| {
            let variable = setting.variable();
            match value {
                Some((value, source)) => format!("{variable}={value}  # {}\n", source.name()),
                None => format!("# {variable} is not set\n"),
            }
        };
        self.effective.iter().map(line).collect()
    }
}

/// Loads and validates all settings. `demo` has the settings of `b3lbd demo`, which only flags override.
pub fn load(
    mut command_line: Vec<OsString>,
    environment: impl Iterator<Item = (OsString, OsString)>,
    demo: &[(&str, &str)],
) -> Result<Loaded, ConfigError> {
    let flags = parse(&command_line, |_| Source::Flag)?;
    let demo = if flags.subcommand_name() == Some("demo") { demo } else { &[] };
    let environment: BTreeMap<String, String> = environment
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("B3LB_"))
        .collect();
    let file = read_env_file(environment.get(ENV_FILE).map(Path::new))?;

    let settings = Setting::all();
    let mut sources: BTreeMap<&str, Source> = BTreeMap::new();
    let mut more_flags = Vec::new();
    for setting in &settings {
        if flags.value_source(&setting.id) == Some(ValueSource::CommandLine) {
            sources.insert(&setting.id, Source::Flag);
            continue;
        }
        let variable = setting.variable();
        let of = |map: &BTreeMap<String, String>| map.get(&variable).filter(|it| !it.is_empty()).cloned();
        let preset = demo.iter().find(|(id, _)| *id == setting.id).map(|(_, value)| (*value).to_owned());
        let found = preset
            .map(|value| (value, Source::Flag))
            .or_else(|| of(&environment).map(|value| (value, Source::Environment)))
            .or_else(|| of(&file).map(|value| (value, Source::EnvFile)));
        if let Some((value, source)) = found {
            more_flags.push(OsString::from(format!("{}={value}", setting.flag())));
            sources.insert(&setting.id, source);
        }
    }
    let program = command_line.len().min(1);
    command_line.splice(program..program, more_flags);
    let source = |id: &str| sources.get(id).copied().unwrap_or(Source::Default);
    let matches = parse(&command_line, source)?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(ConfigError::Flags)?;

    let effective = |setting: &Setting| {
        let value = matches.get_raw(&setting.id).and_then(|mut it| it.next());
        let value = value.map(|it| setting.shown(&it.to_string_lossy()));
        (setting.clone(), value.map(|it| (it, source(&setting.id))))
    };
    let effective = settings.iter().map(effective).collect();
    let known: Vec<_> = settings.iter().map(Setting::variable).collect();
    let names = environment.into_keys().chain(file.into_keys());
    let unknown = |name: &String| name.starts_with("B3LB_") && name != ENV_FILE && !known.contains(name);
    let unknown = names.filter(unknown).collect();
    Ok(Loaded { config: Config::new(&arguments)?, arguments, unknown, effective })
}

/// Parses flags; `source` tells where the value of a setting came from.
fn parse(flags: &[OsString], source: impl Fn(&str) -> Source) -> Result<ArgMatches, ConfigError> {
    arguments::command().try_get_matches_from(flags).map_err(|error| {
        let Some((setting, value, rule)) = broken_rule(&error) else { return ConfigError::Flags(error) };
        ConfigError::Invalid {
            source_name: source(&setting.id).name(),
            variable: setting.variable(),
            value: setting.shown(&value),
            rule,
        }
    })
}

/// The setting, its value, and the rule that the value breaks.
fn broken_rule(error: &clap::Error) -> Option<(Setting, String, String)> {
    let (ContextValue::String(flag), ContextValue::String(value)) =
        (error.get(ContextKind::InvalidArg)?, error.get(ContextKind::InvalidValue)?)
    else {
        return None;
    };
    let flag = flag.split(' ').next()?;
    let setting = Setting::all().into_iter().find(|it| it.flag() == flag)?;
    let rule = match (error.kind(), error.get(ContextKind::ValidValue)) {
        (ErrorKind::InvalidValue, Some(ContextValue::Strings(values))) if !values.is_empty() => {
            format!("must be {}", values.join(" or "))
        }
        (ErrorKind::ValueValidation, _) => error.source()?.to_string(),
        _ => return None,
    };
    Some((setting, value.clone(), rule))
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

    fn load_from(flags: &[&str], environment: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        let command_line = ["b3lbd"].iter().chain(flags).map(OsString::from).collect();
        load(command_line, environment.iter().map(|(name, value)| (name.into(), value.into())), &[])
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
        let loaded = load_from(&["--listen=127.0.0.1:2"], &environment).unwrap();
        let config = &loaded.config;
        assert_eq!(config.api_base_domain, "file.example");
        assert_eq!(config.public_url, "https://file.example");
        assert_eq!(config.settings.poll_interval.as_secs(), 2);
        assert_eq!(config.settings.listen.port(), 2);
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
    fn a_flag_replaces_a_wrong_variable() {
        let environment = [("B3LB_API_BASE_DOMAIN", "a.b"), ("B3LB_POLL_INTERVAL", "often")];
        let loaded = load_from(&["--poll-interval=3"], &environment).unwrap();
        assert!(loaded.describe().contains("B3LB_POLL_INTERVAL=3  # flag\n"));
    }

    #[test]
    fn secrets_are_shown_nowhere() {
        let environment = |token| [("B3LB_API_BASE_DOMAIN", "a.b"), ("B3LB_METRICS_TOKEN", token)];
        let loaded = load_from(&[], &environment("hush-hush-hush")).unwrap();
        assert!(loaded.describe().contains("B3LB_METRICS_TOKEN=***  # environment\n"));
        assert!(!format!("{loaded:?}").contains("hush"));
        let error = load_from(&[], &environment("hush")).unwrap_err();
        assert!(error.to_string().starts_with("B3LB_METRICS_TOKEN=\"***\" (environment): must be 8"));
        assert!(load_from(&["--metrics-token=hush"], &[]).unwrap_err().to_string().contains("***"));
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
        load_from(&["--api-base-domain=b.example"], &[]).unwrap();
    }
}
