//! How much memory an adapter may take, unless `--max-memory` says.

use std::fs;

/// Less than this no browser and no JVM can work with.
const LEAST: u64 = 1 << 30;

/// Half of the machine's memory, in bytes. A module may rightly have 4 GiB, and hardly two rows are that far at once. 0, which
/// is no limit, if the system does not say how much memory there is.
pub(crate) fn most() -> u64 {
    match machine() {
        0 => 0,
        all => (all / 2).max(LEAST),
    }
}

/// What this machine has, or the container that this runs in.
fn machine() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let total = total.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    let total = total.unwrap_or_default() << 10;
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limits = limits.iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok());
    limits.chain([total]).filter(|bytes| *bytes > 0).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_adapter_leaves_half_of_the_machine() {
        let all = machine();
        assert!(all > 0);
        assert!(most() == LEAST || most() <= all / 2);
    }
}
