//! A strict XML parser of others, as a second opinion on what the daemon sends.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A process that checks documents with expat. It ends when this goes.
///
/// Its calls block, but only for as long as parsing takes.
#[derive(Debug)]
pub struct StrictXml {
    child: Child,
    documents: ChildStdin,
    verdicts: BufReader<ChildStdout>,
}

impl StrictXml {
    /// Starts the process.
    ///
    /// # Panics
    /// If there is no Python 3.
    pub fn start() -> Self {
        let mut child = Command::new("python3")
            // Without site packages, which it does not need.
            .args(["-I", "-S"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/strict-xml.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python 3 is installed");
        let documents = child.stdin.take().expect("its stdin is piped");
        let verdicts = BufReader::new(child.stdout.take().expect("its stdout is piped"));
        Self { child, documents, verdicts }
    }

    /// Whether a document is well-formed; if not, the parser's message.
    ///
    /// # Errors
    /// If it is not.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn check(&mut self, document: impl AsRef<[u8]>) -> Result<(), String> {
        let document = document.as_ref();
        let length = u32::try_from(document.len()).expect("documents are smaller than 4 GiB");
        let mut send = || {
            self.documents.write_all(&length.to_be_bytes())?;
            self.documents.write_all(document)?;
            self.documents.flush()
        };
        send().expect("the checker reads");
        let mut verdict = String::new();
        self.verdicts.read_line(&mut verdict).expect("the checker answers in UTF-8");
        match verdict.trim_end() {
            "ok" => Ok(()),
            "" => panic!("the checker has ended"),
            error => Err(error.to_owned()),
        }
    }
}

impl Drop for StrictXml {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
