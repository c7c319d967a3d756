//! The verdicts: what becomes of a planned case on a row.

use serde::{Deserialize, Serialize};

/// Every planned case × row × module ends in exactly one of these. What hosts.toml leaves out for a row
/// (`n/a`) is not planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// The expected answer.
    Pass,
    /// The wrong answer that known-gaps.toml has on record.
    KnownGap,
    /// A wrong answer.
    Fail,
    /// A reply that breaks the protocol, another module than the one given, or `unsupported`.
    Error,
    /// The adapter ended.
    Crash,
    /// No answer in time.
    Timeout,
    /// The adapter says that it cannot do what hosts.toml says it can.
    Missing,
    /// On record as a known gap, and right.
    UnexpectedPass,
    /// The host is not installed.
    Unavailable,
}

impl Verdict {
    /// All of them, the good ones first.
    pub(crate) const ALL: [Self; 9] = [
        Self::Pass,
        Self::KnownGap,
        Self::Fail,
        Self::Error,
        Self::Crash,
        Self::Timeout,
        Self::Missing,
        Self::UnexpectedPass,
        Self::Unavailable,
    ];

    /// The name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::KnownGap => "known-gap",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Crash => "crash",
            Self::Timeout => "timeout",
            Self::Missing => "missing",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether it makes a run red. A missing host is a failure only of a strict run.
    pub(crate) const fn is_red(self, strict: bool) -> bool {
        match self {
            Self::Pass | Self::KnownGap => false,
            Self::Unavailable => strict,
            _ => true,
        }
    }

    /// Whether it ran, or would have had the adapter's hello not ruled it out.
    pub(crate) const fn is_executed(self) -> bool {
        !matches!(self, Self::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_in_json() {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.name());
        }
    }

    #[test]
    fn only_a_missing_host_depends_on_strictness() {
        for verdict in Verdict::ALL {
            let differs = verdict.is_red(true) != verdict.is_red(false);
            assert_eq!(differs, verdict == Verdict::Unavailable, "{verdict:?}");
        }
        assert!(!Verdict::Pass.is_red(true) && !Verdict::KnownGap.is_red(true));
        assert!(Verdict::UnexpectedPass.is_red(false));
    }
}
