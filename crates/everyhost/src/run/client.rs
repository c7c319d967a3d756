//! Asks one row single questions, outside any plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use vectors::answer::Answer;
use vectors::ops::Op;
use vectors::protocol::{Hello, ModuleFile, PROTOCOL, Request};
use vectors::reply;

use super::process::Process;
use crate::hosts::Row;

/// A row's adapter that has one module. Ends with this value.
pub(crate) struct Client {
    process: Process,
    hello: Hello,
    timeout: Duration,
    seq: u64,
}

impl Client {
    pub(crate) fn open(root: &Path, row: &Row, module: &str, file: &ModuleFile) -> Result<Self, String> {
        let mut process = Process::start(&row.command, root)
            .map_err(|error| format!("{} could not be started: {error}", row.command[0]))?;
        let modules = BTreeMap::from([(module.to_string(), file.clone())]);
        process.say(to_line(&Request::Hello { protocol: PROTOCOL, modules })?);
        let line = process.hear(row.hello_timeout()).map_err(|broken| format!("hello: {}", broken.reason))?;
        let hello = reply::hello(&line)?;
        Ok(Self { process, hello, timeout: row.timeout(), seq: 0 })
    }

    pub(crate) const fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Requires that the adapter has loaded the very file that it was given.
    pub(crate) fn check_sha256(self, module: &str, file: &ModuleFile) -> Result<Self, String> {
        match self.hello.modules.get(module) {
            Some(loaded) if loaded.sha256 == file.sha256 => match &loaded.refused {
                None => Ok(self),
                Some(why) => Err(format!("the host cannot load the module: {why}")),
            },
            Some(loaded) => Err(format!("hello says sha256 {}, and it was given {}", loaded.sha256, file.sha256)),
            None => Err("hello does not have the module that it was given".into()),
        }
    }

    pub(crate) fn ask(&mut self, module: &str, op: &Op) -> Result<Answer, String> {
        self.seq += 1;
        self.process.say(to_line(&Request::Run { seq: self.seq, module: module.to_string(), op: op.clone() })?);
        let line = self.process.hear(self.timeout).map_err(|broken| broken.reason)?;
        let reply = reply::reply(&line)?;
        if reply.seq != self.seq {
            return Err(format!("answered request {} when it was asked {}", reply.seq, self.seq));
        }
        reply.answer
    }
}

fn to_line(request: &Request) -> Result<Vec<u8>, String> {
    serde_json::to_vec(request).map_err(|error| error.to_string())
}
