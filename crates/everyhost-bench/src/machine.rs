//! Which machine the figures are from: without it they mean little.

use std::fs;
use std::thread::available_parallelism;

use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// The model's name, with its numbers: many machines in a cloud say only "AMD EPYC".
    pub(crate) cpu: String,
    pub(crate) threads: usize,
    pub(crate) os: String,
    /// How many programs wanted to run in the minute before, on average.
    pub(crate) load_before: Option<f64>,
}

pub(crate) fn look() -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: String, key: &str, between: char| {
        text.lines()
            .filter_map(|line| line.split_once(between))
            .find(|(name, _)| name.trim() == key)
            .map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let cpu = |key: &str| value(read("/proc/cpuinfo"), key, ':');
    let unknown = || "unknown".to_owned();
    let os = value(read("/etc/os-release"), "PRETTY_NAME", '=').unwrap_or_else(|| std::env::consts::OS.to_owned());
    Machine {
        cpu: cpu("model name").map_or_else(unknown, |name| match (cpu("cpu family"), cpu("model")) {
            (Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
            _ => name,
        }),
        threads: available_parallelism().map_or(1, usize::from),
        os: format!("{os}, {}", std::env::consts::ARCH),
        load_before: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()),
    }
}

impl Machine {
    /// In words, where other programs are likely to disturb.
    pub(crate) fn warning(&self) -> Option<String> {
        let load = self.load_before.filter(|load| *load > 0.5 * self.threads as f64)?;
        Some(format!("this machine is busy (load {load:.1} on {} threads): the figures will vary", self.threads))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_told() {
        let machine = Machine { load_before: Some(3.0), threads: 2, ..look() };
        assert!(machine.warning().unwrap().contains("load 3.0 on 2 threads"));
        assert_eq!(Machine { load_before: Some(0.4), threads: 2, ..machine.clone() }.warning(), None);
        assert_eq!(Machine { load_before: None, ..machine }.warning(), None);
        assert!(look().threads >= 1);
    }
}
