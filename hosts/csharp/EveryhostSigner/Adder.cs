using System;
using System.IO;
using System.Threading;

namespace EveryhostSigner
{
    /// <summary>
    /// Adds and divides 32-bit signed integers by the Wasm module add-raw, which is a C function linked into Rust. A call
    /// that comes while another is running is IN_USE: give each thread an adder of its own.
    /// </summary>
    public sealed class Adder : IDisposable
    {
        private readonly CompiledModule _module;
        private Guest _guest;
        private int _inUse; // 1 while a call is running

        /// <summary>Makes an adder.</summary>
        /// <param name="module">The module, which stays yours to dispose of.</param>
        /// <exception cref="InvalidDataException">It is no adder.</exception>
        public Adder(CompiledModule module)
        {
            _module = module ?? throw new ArgumentNullException(nameof(module));
            module.Require(new[] { "add_numbers", "divide_numbers" }, "an adder");
            _guest = module.Instantiate();
        }

        /// <summary>The sum, which wraps: 2147483647 + 1 is -2147483648.</summary>
        /// <exception cref="SignerException">TRAPPED, CLOSED, IN_USE.</exception>
        public int Add(int a, int b) => Call("add_numbers", a, b);

        /// <summary>The quotient, towards zero: -7 / 2 is -3.</summary>
        /// <exception cref="SignerException">
        /// TRAPPED by zero, and for -2147483648 by -1. The adder can be used on: it has a new instance. CLOSED, IN_USE.
        /// </exception>
        public int Divide(int a, int b) => Call("divide_numbers", a, b);

        /// <summary>Ends the adder. Every later call is CLOSED; disposing again does nothing.</summary>
        /// <exception cref="SignerException">IN_USE: nothing is closed.</exception>
        public void Dispose()
        {
            Enter();
            try
            {
                _guest?.Dispose();
            }
            finally
            {
                _guest = null;
                Leave();
            }
        }

        private int Call(string export, int a, int b)
        {
            Enter();
            try
            {
                Guest guest = _guest ?? throw new SignerException(Codes.Closed);
                return unchecked((int)guest.Call(export, (uint)a, (uint)b));
            }
            catch (GuestTrapException trap)
            {
                Replace();
                throw new SignerException(Codes.Trapped, trap);
            }
            finally
            {
                Leave();
            }
        }

        private void Enter() => SignerException.If(Interlocked.CompareExchange(ref _inUse, 1, 0) != 0, Codes.InUse);

        private void Leave() => Volatile.Write(ref _inUse, 0);

        // The trapped instance is never called again; where no new one comes up the adder is closed.
        private void Replace()
        {
            Guest trapped = _guest;
            _guest = null;
            trapped.Discard();
            try
            {
                _guest = _module.Instantiate();
            }
            catch (Exception)
            {
                // Every later call is CLOSED.
            }
        }
    }
}
