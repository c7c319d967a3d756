//! What the clock says.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// Runs from when it is made.
pub(crate) struct Clock {
    cpu: Duration,
    wall: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { cpu: processor_time(), wall: Instant::now() }
    }

    /// Time that passed, and the processor's.
    pub(crate) fn elapsed(&self) -> Value {
        let wall = self.wall.elapsed();
        let cpu = processor_time().saturating_sub(self.cpu);
        json!({ "wall_ns": nanoseconds(wall), "cpu_ns": nanoseconds(cpu) })
    }

    /// The time that passed since the last lap, in nanoseconds.
    pub(crate) fn lap_ns(&mut self) -> f64 {
        let lap = self.wall.elapsed();
        self.wall = Instant::now();
        nanoseconds(lap)
    }
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

/// How long this process, with all its threads, has had a processor.
fn processor_time() -> Duration {
    // It fails only where the system has no such clock, and then there is nothing to tell.
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
