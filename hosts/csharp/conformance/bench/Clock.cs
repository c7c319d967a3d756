using System.Runtime.InteropServices;
using Newtonsoft.Json.Linq;

namespace EveryhostBench
{
    /// <summary>Runs from when it is made: time that passed, and that of the processor, for all threads.</summary>
    internal sealed class Clock
    {
        private const int Monotonic = 1;
        private const int ProcessCpuTime = 2;

        private readonly long _cpu = Now(ProcessCpuTime);
        private long _wall = Now(Monotonic);

        internal JObject Elapsed()
        {
            long wall = Now(Monotonic) - _wall;
            return new JObject { { "wall_ns", wall }, { "cpu_ns", Now(ProcessCpuTime) - _cpu } };
        }

        /// <summary>The nanoseconds that passed since the last lap.</summary>
        internal long Lap()
        {
            long before = _wall;
            _wall = Now(Monotonic);
            return _wall - before;
        }

        // .NET's own clock of the processor's time comes in steps of 10 ms on Mono.
        private static long Now(int clock)
        {
            clock_gettime(clock, out TimeSpec now);
            return now.Seconds * 1000000000 + now.Nanoseconds;
        }

        [StructLayout(LayoutKind.Sequential)]
        private struct TimeSpec
        {
            internal long Seconds;
            internal long Nanoseconds;
        }

        [DllImport("libc")]
        private static extern int clock_gettime(int clock, out TimeSpec now);
    }
}
