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
    pub(crate) hello: Hello,
    module: String,
    timeout: Duration,
    seq: u64,
}

impl Client {
    /// Fails if the adapter has not loaded the very file that it was given.
    pub(crate) fn open(root: &Path, row: &Row, module: &str, file: &ModuleFile) -> Result<Self, String> {
        let mut process = Process::start(&row.command, root)
            .map_err(|error| format!("{} could not be started: {error}", row.command[0]))?;
        let modules = BTreeMap::from([(module.to_string(), file.clone())]);
        process.say(to_line(&Request::Hello { protocol: PROTOCOL, modules })?);
        let line = process.hear(row.hello_timeout()).map_err(|broken| format!("hello: {}", broken.reason))?;
        let hello = reply::hello(&line)?;
        let loaded = hello.modules.get(module).ok_or("hello does not have the module that it was given")?;
        if loaded.sha256 != file.sha256 {
            return Err(format!("hello says sha256 {}, and it was given {}", loaded.sha256, file.sha256));
        }
        if let Some(why) = &loaded.refused {
            return Err(format!("the host cannot load the module: {why}"));
        }
        Ok(Self { process, hello, module: module.to_string(), timeout: row.timeout(), seq: 0 })
    }

    pub(crate) fn ask(&mut self, op: &Op) -> Result<Answer, String> {
        self.seq += 1;
        self.process.say(to_line(&Request::Run { seq: self.seq, module: self.module.clone(), op: op.clone() })?);
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
