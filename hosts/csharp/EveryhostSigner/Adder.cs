using System;
using System.IO;

namespace EveryhostSigner
{
    /// <summary>
    /// Adds and divides 32-bit signed integers by the Wasm module add-raw, which is a C function linked into Rust. Not
    /// for use by several threads at once.
    /// </summary>
    public sealed class Adder : IDisposable
    {
        private readonly CompiledModule _module;
        private Guest _guest;

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
        /// <exception cref="SignerException">TRAPPED, CLOSED.</exception>
        public int Add(int a, int b)
        {
            return Call("add_numbers", a, b);
        }

        /// <summary>The quotient, towards zero: -7 / 2 is -3.</summary>
        /// <exception cref="SignerException">
        /// TRAPPED by zero, and for -2147483648 by -1. The adder can be used on: it has a new instance. CLOSED.
        /// </exception>
        public int Divide(int a, int b)
        {
            return Call("divide_numbers", a, b);
        }

        /// <summary>Ends the adder. Every later call is CLOSED; disposing again does nothing.</summary>
        public void Dispose()
        {
            _guest?.Dispose();
            _guest = null;
        }

        private int Call(string export, int a, int b)
        {
            Guest guest = _guest ?? throw new SignerException(Codes.Closed);
            try
            {
                return unchecked((int)guest.Call(export, (uint)a, (uint)b));
            }
            catch (GuestTrapException trap)
            {
                _guest = null;
                guest.Discard();
                _guest = _module.Instantiate();
                throw new SignerException(Codes.Trapped, trap);
            }
        }
    }
}
