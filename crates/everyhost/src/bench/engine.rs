//! The engines' programs: started, given the settings, and listened to until they hand over their results.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::build::run_quietly;

/// Where a race can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Node: V8 and OpenSSL.
    Node,
    /// Chromium: V8 in a page.
    Chromium,
    /// The wasmtime crate, against native code.
    Wasmtime,
}

impl Engine {
    /// All, in the order in which they race.
    pub const ALL: [Self; 3] = [Self::Node, Self::Chromium, Self::Wasmtime];

    /// Whether what is promised for V8 holds here.
    #[must_use]
    pub fn is_v8(self) -> bool {
        matches!(self, Self::Node | Self::Chromium)
    }

    /// The program, built if it has to be; `None` where what runs it is not here.
    pub(super) fn command(self, root: &Path) -> Result<Option<Command>> {
        let mut command = match self {
            Self::Node | Self::Chromium => {
                if !root.join("hosts/node/node_modules").is_dir()
                    || !root.join("hosts/browser/node_modules").is_dir()
                {
                    return Ok(None);
                }
                let mut node = Command::new("node");
                // The race collects the young generation between turns.
                node.arg("--expose-gc").arg(root.join(match self {
                    Self::Node => "hosts/node/bench.mjs",
                    _ => "hosts/browser/bench.mjs",
                }));
                node
            }
            Self::Wasmtime => Command::new(build_wasmtime_program(root)?),
        };
        command.current_dir(root);
        Ok(Some(command))
    }

    /// What to do where [`command`](Self::command) finds nothing.
    pub(super) fn how_to_get(self) -> &'static str {
        "its npm packages are not installed; `make setup` installs them"
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "node",
            Self::Chromium => "chromium",
            Self::Wasmtime => "wasmtime",
        })
    }
}

/// With `--release`, which nothing else in the workspace needs.
fn build_wasmtime_program(root: &Path) -> Result<PathBuf> {
    let program = root.join("target/release/examples/bench");
    if !program.is_file() {
        eprintln!("bench: building wasmtime with optimization, which takes some minutes the first time");
    }
    let mut command = Command::new("cargo");
    command
        .args([
            "build",
            "--locked",
            "--release",
            "-p",
            "host-wasmtime",
            "--example",
            "bench",
            "--target-dir",
        ])
        .arg(root.join("target"))
        .current_dir(root);
    run_quietly(&mut command).context("building hosts/wasmtime/bench")?;
    Ok(program)
}

/// What a program is told: one line of JSON on its stdin.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Config {
    /// How many times each contestant is timed.
    pub(super) rounds: usize,
    /// `hello0`, `hello1` and so on, so many.
    pub(super) messages: usize,
    /// How long each contestant runs, at least, before it is timed.
    pub(super) warm_up_ms: u64,
    /// About how long a contestant may take in a round.
    pub(super) slice_ms: u64,
    /// Hex.
    pub(super) keypair: String,
    /// The .wasm files.
    pub(super) modules: BTreeMap<String, PathBuf>,
    /// wasm-bindgen's JavaScript for the web.
    pub(super) glue: PathBuf,
}

/// One line of a program's stdout.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Progress(Progress),
    Unavailable(String),
    Result(Outcome),
}

/// How far a race is.
#[derive(Debug, Deserialize)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) of: u64,
    pub(super) what: String,
}

/// What a program hands over.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Outcome {
    /// Such as `Node 20.20.2`.
    pub(super) version: String,
    /// What runs Wasm in it.
    pub(super) runtime: String,
    /// Who did not take part.
    pub(super) missing: Vec<Missing>,
    pub(super) lanes: Vec<Lane>,
}

/// A contestant that an engine does not have.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Missing {
    pub(super) id: String,
    pub(super) why: String,
}

/// What one contestant did.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Lane {
    pub(super) id: String,
    pub(super) version: Option<String>,
    /// How many messages each timed slice had.
    pub(super) slice_messages: usize,
    /// Microseconds a signature, one for each round.
    pub(super) samples_us: Vec<f64>,
    /// The same in the processor's time, where the engine tells it.
    pub(super) cpu_samples_us: Option<Vec<f64>>,
    /// Of every message, in order, in hex.
    pub(super) signatures: Vec<String>,
    /// Messages whose signatures were others while the clock ran.
    pub(super) changed: Vec<Changed>,
}

impl Lane {
    /// The times that figures are made of: the processor's, which other programs on the machine do not lengthen,
    /// where the engine tells them.
    pub(super) fn times_us(&self) -> &[f64] {
        self.cpu_samples_us.as_deref().unwrap_or(&self.samples_us)
    }
}

/// A signature that was another one than the first time.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Changed {
    pub(super) message: usize,
    pub(super) signature: String,
}

/// How a program ended that did not fail.
pub(super) enum Ending {
    Result(Outcome),
    Unavailable(String),
}

/// Runs a program.
///
/// # Errors
///
/// Where it fails, or says something else than it should. Its stderr has been passed on by then.
pub(super) fn race(
    mut command: Command,
    config: &Config,
    mut progress: impl FnMut(Progress),
) -> Result<Ending> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
        Ok(child) => Running(child),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Ending::Unavailable(format!(
                "there is no {program} on PATH; `make doctor` says how to get it"
            )));
        }
        Err(error) => return Err(error).with_context(|| format!("cannot start {program}")),
    };
    let mut stdin = child.0.stdin.take().context("its stdin is piped")?;
    let line = serde_json::to_string(config)? + "\n";
    // A program that ends without reading tells why by how it ends.
    if let Err(error) = stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        return Err(error.into());
    }
    drop(stdin);
    let mut ending = None;
    for line in BufReader::new(child.0.stdout.take().context("its stdout is piped")?).lines() {
        let line = line?;
        match serde_json::from_str(&line) {
            Ok(Line::Progress(step)) => progress(step),
            Ok(Line::Unavailable(why)) => ending = Some(Ending::Unavailable(why)),
            Ok(Line::Result(outcome)) => ending = Some(Ending::Result(outcome)),
            Err(error) => bail!(
                "cannot understand {:?}: {error}",
                line.chars().take(200).collect::<String>()
            ),
        }
    }
    let status = child.0.wait()?;
    ensure!(
        status.success(),
        "{program} failed ({status}); its messages are above"
    );
    ending.with_context(|| format!("{program} ended without a result"))
}

/// A program that ends with us.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both do nothing where it has ended, as it usually has.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::config_for_tests;

    /// A program that says `lines` and ends with `status`.
    fn saying(lines: &[&str], status: i32) -> Command {
        let mut command = Command::new("sh");
        let script = format!("cat >/dev/null; printf '%s\\n' \"$@\"; exit {status}");
        command.args(["-c", &script, "sh"]).args(lines);
        command
    }

    fn listen(command: Command) -> Result<(Ending, Vec<u64>)> {
        let mut steps = Vec::new();
        let ending = race(command, &config_for_tests(1), |progress| {
            steps.push(progress.done)
        })?;
        Ok((ending, steps))
    }

    const PROGRESS: &str = r#"{"progress":{"done":3,"of":9,"what":"held"}}"#;
    const RESULT: &str = r#"{"result":{"version":"Node 20","runtime":"V8","missing":[{"id":"webcrypto","why":"none"}],
        "lanes":[{"id":"held","slice_messages":1,"samples_us":[5.5],"signatures":["ab"],"changed":[]}]}}"#;

    #[test]
    fn hears_progress_and_a_result() {
        let result = RESULT.replace('\n', " ");
        let (ending, steps) = listen(saying(&[PROGRESS, &result], 0)).unwrap();
        let Ending::Result(outcome) = ending else {
            panic!("no result")
        };
        assert_eq!(steps, [3]);
        assert_eq!(
            (outcome.lanes[0].samples_us[0], outcome.missing[0].id.as_str()),
            (5.5, "webcrypto")
        );
    }

    #[test]
    fn a_program_that_is_not_there_or_says_so_is_left_out() {
        let (ending, _) = listen(Command::new("no-such-program-at-all")).unwrap();
        assert!(matches!(ending, Ending::Unavailable(why) if why.contains("no-such-program-at-all")));
        let (ending, _) = listen(saying(&[r#"{"unavailable":"no Chromium"}"#], 0)).unwrap();
        assert!(matches!(ending, Ending::Unavailable(why) if why == "no Chromium"));
    }

    #[test]
    fn a_program_that_fails_is_an_error_even_with_a_result() {
        let result = RESULT.replace('\n', " ");
        for (command, expected) in [
            (saying(&[&result], 3), "failed"),
            (saying(&[PROGRESS], 0), "without a result"),
            (
                saying(&["Segmentation fault"], 0),
                "cannot understand \"Segmentation fault\"",
            ),
        ] {
            let error = listen(command).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
