using System;
using System.Diagnostics;
using System.Threading;

namespace EveryhostSigner
{
    /// <summary>Counts an engine's epoch up once a millisecond while a call with a deadline runs, which looks at it.</summary>
    internal sealed class EpochClock : IDisposable
    {
        private readonly Handle _engine;
        private readonly object _lock = new object();
        private readonly Stopwatch _watch = new Stopwatch();
        private readonly Thread _thread;
        private long _counted; // of the watch's milliseconds
        private int _running;
        private bool _ended;

        internal EpochClock(Handle engine)
        {
            _engine = engine;
            _thread = new Thread(Run) { IsBackground = true, Name = "wasmtime epochs" };
            _thread.Start();
        }

        /// <summary>A call with a deadline begins, which is to be set now.</summary>
        internal void Begin()
        {
            lock (_lock)
            {
                if (_running++ == 0)
                {
                    _watch.Restart();
                    _counted = 0;
                    Monitor.PulseAll(_lock);
                }
                // What is not counted yet was before this call.
                CountUp();
            }
        }

        /// <summary>Such a call has ended.</summary>
        internal void End()
        {
            lock (_lock)
            { _running--; }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _ended = true;
                Monitor.PulseAll(_lock);
            }
            _thread.Join(); // it must not count on when the engine is gone
        }

        private void Run()
        {
            lock (_lock)
            {
                while (!_ended)
                {
                    Monitor.Wait(_lock, _running > 0 ? 1 : Timeout.Infinite);
                    if (_running > 0) { CountUp(); }
                }
            }
        }

        // A busy machine may let the thread sleep for longer than a millisecond: then several are counted.
        private void CountUp()
        {
            for (; _counted < _watch.ElapsedMilliseconds; _counted++)
            {
                Native.wasmtime_engine_increment_epoch(_engine);
            }
        }
    }
}
