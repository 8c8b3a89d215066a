//! Connects to a daemon on another machine by running `b3lb-cli proxy` there through the system's `ssh`.

use std::fmt;
use std::process::Stdio;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Join};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// First line that the proxy writes before it relays bytes, followed by a space and the address that the
/// operator connects from, or `-`.
pub const BANNER: &str = "b3lb-proxy 1";

/// Maximum number of bytes before the banner, such as greetings of a login shell.
const MOST_NOISE: u64 = 64 * 1024;

/// The ssh destination: `[USER@]HOST[:PORT][/SOCKET]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    login: String,
    port: Option<u16>,
    socket: Option<String>,
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule =
            || format!("ssh://{text} must be ssh://[USER@]HOST[:PORT], or that and the path of a socket");
        let (place, socket) = match text.find('/') {
            Some(at) => (&text[..at], Some(&text[at..]).filter(|it| it.len() > 1)),
            None => (text, None),
        };
        let (login, port) = split_port(place).ok_or_else(rule)?;
        // Reject anything that ssh could take for an option, or a remote shell for more than one word.
        let plain = |it: &str, more: &str| it.chars().all(|c| c.is_alphanumeric() || more.contains(c));
        let good_login = !login.is_empty()
            && !login.starts_with(['-', '@'])
            && !login.ends_with('@')
            && !login.contains("@-")
            && plain(login, "@._-:[]%");
        if !good_login || !socket.is_none_or(|it| plain(it, "/._-")) {
            return Err(rule());
        }
        let login = login.replace(['[', ']'], "");
        Ok(Self { login, port, socket: socket.map(str::to_owned) })
    }
}

/// Splits login and port. IPv6 addresses are written in brackets.
fn split_port(place: &str) -> Option<(&str, Option<u16>)> {
    let end = place.rfind(']').map_or(0, |at| at + 1);
    match place[end..].rfind(':').map(|at| at + end) {
        Some(at) => Some((&place[..at], Some(place[at + 1..].parse().ok().filter(|port| *port > 0)?))),
        None => Some((place, None)),
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssh://{}", self.login)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(self.socket.as_deref().unwrap_or_default())
    }
}

impl Host {
    fn command(&self, may_ask: bool) -> Command {
        let mut command = Command::new("ssh");
        // Detect a dead connection within a minute.
        command.args(["-T", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"]);
        if !may_ask {
            command.args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]);
        }
        if let Some(port) = self.port {
            command.args(["-p", &port.to_string()]);
        }
        command.args(["--", &self.login, "b3lb-cli", "proxy"]);
        if let Some(socket) = &self.socket {
            command.args(["--connect", &format!("unix:{socket}")]);
        }
        command
    }

    /// Logs in. If `may_ask` is set, ssh may prompt for a password on the terminal.
    pub(crate) async fn open(&self, may_ask: bool) -> Result<Link, String> {
        let mut command = self.command(may_ask);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("ssh cannot be started: {error}"))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err("ssh has no pipes".to_owned());
        };
        let last_words = LastWords::default();
        let listening = tokio::spawn(last_words.clone().listen(stderr));
        let mut stdout = BufReader::new(stdout);
        match banner(&mut stdout).await {
            Some(origin) => Ok(Link { stream: tokio::io::join(stdout, stdin), origin, child, last_words }),
            None => {
                // ssh writes its error message before it exits.
                let _ = tokio::time::timeout(Duration::from_secs(2), listening).await;
                Err(last_words.get().unwrap_or_else(|| "the remote side is not b3lb-cli".to_owned()))
            }
        }
    }
}

/// The origin in the remote banner; `None` if there is no banner.
async fn banner(stdout: &mut BufReader<ChildStdout>) -> Option<Option<String>> {
    let mut lines = stdout.take(MOST_NOISE);
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(origin) = String::from_utf8_lossy(&line).trim_end().strip_prefix(BANNER) {
            return Some(Some(origin.trim().to_owned()).filter(|it| !it.is_empty() && it != "-"));
        }
    }
}

/// A connection to the remote daemon.
pub(crate) struct Link {
    /// Carries the RPC messages.
    pub(crate) stream: Join<BufReader<ChildStdout>, ChildStdin>,
    /// The address that the operator connects from, according to the remote side.
    pub(crate) origin: Option<String>,
    /// The last error line of ssh.
    pub(crate) last_words: LastWords,
    /// The running `ssh`.
    pub(crate) child: Child,
}

/// The last line that `ssh` wrote to its standard error.
#[derive(Clone, Debug, Default)]
pub struct LastWords(Arc<Mutex<Option<String>>>);

impl LastWords {
    /// Returns the line, if there is one.
    pub fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn listen(self, stderr: ChildStderr) {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let line = line.trim();
            // Hints follow the error message, which is more useful.
            if !line.is_empty() && !line.starts_with("hint:") {
                let clean = line.trim_start_matches("error: ").replace(char::is_control, " ");
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(clean);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(host: &str) -> Vec<String> {
        let command = host.parse::<Host>().unwrap().command(true);
        let args = command.as_std().get_args().skip(5);
        args.map(|it| it.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn logins_ports_and_sockets() {
        assert_eq!(words("host"), ["--", "host", "b3lb-cli", "proxy"]);
        assert_eq!(words("ada@host:2222"), ["-p", "2222", "--", "ada@host", "b3lb-cli", "proxy"]);
        assert_eq!(words("[::1]:22")[2..4], ["--", "::1"]);
        assert_eq!(words("host/run/x.sock")[4..], ["--connect", "unix:/run/x.sock"]);
        assert_eq!("ada@host:22".parse::<Host>().unwrap().to_string(), "ssh://ada@host:22");
    }

    #[test]
    fn nothing_that_could_be_an_option_or_a_second_word() {
        for bad in [
            "",
            "-oProxyCommand=x",
            "a b",
            "a;b",
            "host:0",
            "host:x",
            "ada@",
            "@host",
            "ada@-x",
            "host/a b",
            "h/$x",
        ] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
    }
}
