//! How much memory an adapter may take, where nobody says.

use std::fs;

/// What remains for everything else on the machine: a quarter.
const OF_FOUR: u64 = 3;

/// Less than this no browser and no JVM can work with.
const LEAST: u64 = 1 << 30;

/// The share of each of so many adapters that run at once, in bytes: together they take three quarters of the machine's
/// memory. 0, which is no limit, where the system does not say how much that is.
#[must_use]
pub fn share(at_once: usize) -> u64 {
    match machine() {
        0 => 0,
        all => (all / 4 * OF_FOUR / at_once.max(1) as u64).max(LEAST),
    }
}

/// What this machine has, or the container that this runs in.
fn machine() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let total = total.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    let total = total.unwrap_or_default() << 10;
    let limits = [
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ];
    let limits = limits
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok());
    limits
        .chain([total])
        .filter(|bytes| *bytes > 0)
        .min()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fit_together() {
        let all = machine();
        assert!(all > 0);
        assert_eq!(share(1), (all / 4 * 3).max(LEAST));
        assert!(share(6) == LEAST || share(6) * 6 <= all / 4 * 3);
    }
}
