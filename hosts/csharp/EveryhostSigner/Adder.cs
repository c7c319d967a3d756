using System;
using System.IO;

namespace EveryhostSigner
{
    /// <summary>
    /// Adds and divides 32-bit signed integers by the Wasm module add-raw, which is a C function linked into Rust. A call
    /// that comes while another is running is IN_USE: give each thread an adder of its own.
    /// </summary>
    public sealed class Adder : Owned
    {
        /// <summary>Makes an adder.</summary>
        /// <param name="module">The module, which stays yours to dispose of.</param>
        /// <exception cref="InvalidDataException">It is no adder.</exception>
        public Adder(CompiledModule module)
        {
            if (module == null) { throw new ArgumentNullException(nameof(module)); }
            module.Require(new[] { "add_numbers", "divide_numbers" }, "an adder");
            Start(module);
        }

        /// <summary>The sum, which wraps: 2147483647 + 1 is -2147483648.</summary>
        /// <exception cref="SignerException">TRAPPED, CLOSED, IN_USE.</exception>
        public int Add(int a, int b) => Call("add_numbers", a, b);

        /// <summary>The quotient, towards zero: -7 / 2 is -3.</summary>
        /// <exception cref="SignerException">
        /// TRAPPED by zero, and for -2147483648 by -1. The adder can be used on: it has a new instance. CLOSED, IN_USE.
        /// </exception>
        public int Divide(int a, int b) => Call("divide_numbers", a, b);

        private int Call(string export, int a, int b)
        { return Use(guest => unchecked((int)guest.Call(export, (uint)a, (uint)b))); }
    }
}
