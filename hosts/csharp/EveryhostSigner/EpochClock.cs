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
        private readonly Thread _thread;
        private int _running;
        private bool _ended;

        internal EpochClock(Handle engine)
        {
            _engine = engine;
            _thread = new Thread(Run) { IsBackground = true, Name = "wasmtime epochs" };
            _thread.Start();
        }

        /// <summary>A call with a deadline begins.</summary>
        internal void Begin()
        {
            lock (_lock)
            {
                _running++;
                Monitor.PulseAll(_lock);
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
            Stopwatch watch = new Stopwatch();
            while (WaitForCalls())
            {
                // A busy machine may let a thread sleep for longer than a millisecond: then several are counted.
                watch.Restart();
                for (long counted = 0; IsRunning();)
                {
                    Thread.Sleep(1);
                    for (; counted < watch.ElapsedMilliseconds; counted++)
                    {
                        Native.wasmtime_engine_increment_epoch(_engine);
                    }
                }
            }
        }

        private bool WaitForCalls()
        {
            lock (_lock)
            {
                while (_running == 0 && !_ended) { Monitor.Wait(_lock); }
                return !_ended;
            }
        }

        private bool IsRunning()
        {
            lock (_lock)
            { return _running > 0 && !_ended; }
        }
    }
}
