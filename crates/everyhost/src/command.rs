//! What every command line of the workspace does alike: parse, act, say what is wrong, end with a code.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::out;
use crate::results::End;
use crate::run::guard;

/// How a command ends; a command line or input that is wrong is an error, and ends with 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is as it should be.
    Good,
    /// 1: something is not, and it was said what.
    Bad,
    /// 3: there was nothing to do it with.
    NothingDone,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Good => 0,
            Exit::Bad => 1,
            Exit::NothingDone => 3,
        })
    }
}

impl From<End> for Exit {
    fn from(end: End) -> Self {
        match end {
            End::Green => Self::Good,
            End::Red => Self::Bad,
            End::NothingRan => Self::NothingDone,
        }
    }
}

/// Parses the command line and acts on it.
pub fn run<C: Parser>(act: impl FnOnce(C) -> Result<Exit>) -> ExitCode {
    guard::become_one_if_asked();
    let code = match C::try_parse() {
        Ok(command) => act(command).map_or_else(
            |error| {
                out::complain_of(&error);
                ExitCode::from(2)
            },
            ExitCode::from,
        ),
        Err(help) => use_of(&help),
    };
    if let Err(error) = out::finish() {
        out::complain(format!("cannot write to stdout: {error}"));
        return ExitCode::from(2);
    }
    code
}

/// Prints what was asked for with `--help`, or what is wrong with the command line.
fn use_of(help: &clap::Error) -> ExitCode {
    let text = help.render();
    if help.use_stderr() {
        out::pass_on(text.ansi().to_string().trim_end());
        return ExitCode::from(2);
    }
    out::own(&text.ansi().to_string());
    ExitCode::SUCCESS
}
