//! A host's bench program: started, asked, listened to.

use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::protocol::{
    Ask, Crossed, Crossing, Hello, PROTOCOL, Refused, Sign, Signed, Started, Task, Verified, Verify,
};
use everyhost::Process;

/// How long the answer to hello may take: it includes compiling every module, which for wasm2c is a C compiler's work.
const HELLO_LIMIT: Duration = Duration::from_secs(240);

const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// How much of a line that cannot be understood is shown.
const SHOWN: usize = 200;

/// Whoever can be asked: a program, or a test's stand-in.
pub(crate) trait Signers {
    fn sign(&mut self, sign: &Sign) -> Result<Signed, String>;
    fn verify(&mut self, verify: &Verify) -> Result<Verified, String>;
    /// From the module's bytes to the first signature; the inner error is a module that cannot be started.
    fn start(&mut self, module: &str) -> Result<Result<Started, String>, String>;
    /// The inner error is a module that the program can't use like this.
    fn cross(&mut self, crossing: &Crossing) -> Result<Result<Crossed, String>, String>;
    fn end(self: Box<Self>) -> Result<(), String>;
}

pub(crate) struct Program {
    process: Process,
}

impl Program {
    pub(crate) fn start(command: &[String], root: &Path) -> Result<Box<Self>, String> {
        let process =
            Process::start(command, root).map_err(|error| format!("{} could not be started: {error}", command[0]))?;
        Ok(Box::new(Self { process }))
    }

    /// Sends what will be measured, and returns the contestants.
    pub(crate) fn hello(&mut self, task: &Task) -> Result<Hello, String> {
        let hello: Hello = self.ask(&Ask::Hello(task.clone()), HELLO_LIMIT)??;
        if hello.protocol == PROTOCOL {
            return Ok(hello);
        }
        Err(format!("it speaks protocol {}, and this tool speaks {PROTOCOL}", hello.protocol))
    }

    /// The inner error is what the program says of this one question.
    fn ask<T: DeserializeOwned>(&mut self, ask: &Ask, limit: Duration) -> Result<Result<T, String>, String> {
        let line = serde_json::to_vec(ask).map_err(|error| error.to_string())?;
        self.process.say(line);
        let line = self.process.hear(limit).map_err(|broken| broken.reason)?;
        if let Ok(refused) = serde_json::from_slice::<Refused>(&line) {
            return Ok(Err(refused.error));
        }
        serde_json::from_slice(&line).map(Ok).map_err(|error| format!("cannot understand {}: {error}", shown(&line)))
    }
}

impl Signers for Program {
    fn sign(&mut self, sign: &Sign) -> Result<Signed, String> {
        self.ask(&Ask::Sign(sign.clone()), ANSWER_LIMIT)?.map_err(|why| format!("{}: {why}", sign.contestant))
    }

    fn verify(&mut self, verify: &Verify) -> Result<Verified, String> {
        self.ask(&Ask::Verify(verify.clone()), ANSWER_LIMIT)?
            .map_err(|why| format!("{}: {why}", verify.turn.contestant))
    }

    fn start(&mut self, module: &str) -> Result<Result<Started, String>, String> {
        let module = module.to_owned();
        self.ask(&Ask::Start { module }, HELLO_LIMIT)
    }

    fn cross(&mut self, crossing: &Crossing) -> Result<Result<Crossed, String>, String> {
        self.ask(&Ask::Crossing(crossing.clone()), ANSWER_LIMIT)
    }

    fn end(self: Box<Self>) -> Result<(), String> {
        let (lines, wrong) = self.process.end();
        match (lines.first(), wrong) {
            (_, Some(wrong)) => Err(wrong),
            (Some(line), None) => Err(format!("it said something unasked: {}", shown(line))),
            (None, None) => Ok(()),
        }
    }
}

fn shown(line: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(line).chars().take(SHOWN).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// A program that answers each question with the next of `answers`, then ends with `status`.
    fn answering(answers: &[&str], status: i32) -> Box<Program> {
        let script = format!(
            "for answer; do read -r question || exit 9; printf '%s\\n' \"$answer\"; done; read -r question; exit {status}"
        );
        let command = ["sh", "-c", &script, "sh"].into_iter().chain(answers.iter().copied());
        let command: Vec<String> = command.map(str::to_owned).collect();
        Program::start(&command, Path::new("/")).unwrap()
    }

    const HELLO: &str = r#"{"protocol":1,"version":"Test 1","runtime":"sh","contestants":[{"id":"held"},{"id":"x","version":"2"}],"missing":[{"id":"batch","why":"none"}]}"#;
    const SIGNED: &str = r#"{"wall_ns":5000,"cpu_ns":4000.5,"signatures":"ab"}"#;

    fn turn() -> Sign {
        Sign { contestant: "held".to_owned(), first: 0, count: 1, a_call: 1 }
    }

    #[test]
    fn hears_who_takes_part_and_what_they_sign() {
        let mut program = answering(&[HELLO, SIGNED], 0);
        let hello = program.hello(&fixture::task()).unwrap();
        assert_eq!((hello.contestants.len(), hello.missing[0].id.as_str()), (2, "batch"));
        let signed = program.sign(&turn()).unwrap();
        assert_eq!((signed.time.cpu_ns, signed.signatures.as_str()), (Some(4000.5), "ab"));
        program.end().unwrap();
    }

    #[test]
    fn a_module_that_cannot_be_started_is_no_fault_of_the_program() {
        let mut program = answering(&[r#"{"error":"no SIMD here"}"#], 0);
        assert_eq!(program.start("signer-lanes").unwrap().unwrap_err(), "no SIMD here");
        program.end().unwrap();
    }

    #[test]
    fn says_what_is_wrong_with_a_bad_program() {
        let hello = |answer: &str| answering(&[answer], 0).hello(&fixture::task()).unwrap_err();
        assert!(hello("Segmentation fault").contains("cannot understand \"Segmentation fault\""));
        assert!(hello(r#"{"protocol":1}"#).contains("missing field"));
        assert!(hello(&HELLO.replace("protocol\":1", "protocol\":2")).contains("it speaks protocol 2"));
        assert!(hello(r#"{"error":"no keypair"}"#).contains("no keypair"));
        let mut crashed = answering(&[HELLO], 7);
        crashed.hello(&fixture::task()).unwrap();
        assert!(crashed.sign(&turn()).unwrap_err().contains("exit code 7"));
        let mut refusing = answering(&[r#"{"error":"TRAPPED"}"#], 0);
        assert_eq!(refusing.sign(&turn()).unwrap_err(), "held: TRAPPED");
        assert!(answering(&[], 3).end().unwrap_err().contains("exit code 3"));
        let nobody = ["no-such-program-at-all".to_owned()];
        let error = Program::start(&nobody, Path::new("/")).err().unwrap();
        assert!(error.contains("could not be started"), "{error}");
    }
}
