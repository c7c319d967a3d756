using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace EveryhostSigner
{
    /// <summary>
    /// A Wasm module, compiled once: that takes far longer than everything else. Make as many signers of it as needed;
    /// each has an instance of its own. Several threads may share it.
    /// </summary>
    public sealed class CompiledModule : IDisposable
    {
        private readonly GuestLimits _limits;
        private readonly Handle _engine;
        private readonly Handle _module;
        private readonly EpochClock _clock;
        private readonly string _memoryExport; // null: none is exported

        /// <summary>Compiles the bytes of a .wasm file.</summary>
        /// <param name="wasm">The bytes, of a binary module.</param>
        /// <param name="limits">What every instance is limited to; nothing if left out.</param>
        /// <exception cref="InvalidDataException">They are no Wasm module, or one that wasmtime refuses.</exception>
        public CompiledModule(byte[] wasm, GuestLimits limits = null)
        {
            if (wasm == null) { throw new ArgumentNullException(nameof(wasm)); }
            // wasmtime would also take the text format, which nobody means to pass here.
            if (wasm.Length < 4 || wasm[0] != 0 || wasm[1] != 'a' || wasm[2] != 's' || wasm[3] != 'm')
            {
                throw new InvalidDataException("not a Wasm module: a module begins with the bytes 00 61 73 6d");
            }
            _limits = limits ?? new GuestLimits();
            _engine = NewEngine(_limits.CallTimeout.HasValue);
            IntPtr error = Native.wasmtime_module_new(_engine, wasm, (UIntPtr)wasm.Length, out IntPtr module);
            if (error != IntPtr.Zero)
            {
                _engine.Dispose();
                throw new InvalidDataException("wasmtime cannot compile this module: " + Native.TakeError(error));
            }
            _module = new Handle(module, Native.wasmtime_module_delete);
            if (_limits.CallTimeout.HasValue) { _clock = new EpochClock(_engine); }
            ReadExports(out HashSet<string> names, out _memoryExport);
            Exports = names;
            Imports = ReadImports();
        }

        /// <summary>The names of what the module exports.</summary>
        public IReadOnlyCollection<string> Exports { get; }

        /// <summary>What the module imports, as module.name. A signer's module has none.</summary>
        public IReadOnlyList<string> Imports { get; }

        /// <summary>Reads and compiles a .wasm file.</summary>
        /// <exception cref="IOException">It cannot be read.</exception>
        /// <exception cref="InvalidDataException">As for the constructor.</exception>
        public static CompiledModule FromFile(string path, GuestLimits limits = null)
        {
            try
            {
                return new CompiledModule(File.ReadAllBytes(path), limits);
            }
            catch (InvalidDataException refused)
            {
                throw new InvalidDataException(path + ": " + refused.Message, refused);
            }
        }

        /// <summary>Gives the compiled code back. Signers that were made of it go on, but cannot survive a trap.</summary>
        public void Dispose()
        {
            _clock?.Dispose();
            _module.Dispose();
            _engine.Dispose();
        }

        /// <summary>Makes sure that the module exports all of these names.</summary>
        internal void Require(IEnumerable<string> exports, string kind)
        {
            string missing = string.Join(", ", exports.Where(name => !Exports.Contains(name)));
            if (missing.Length > 0)
            {
                throw new InvalidDataException("not " + kind + " module: it does not export " + missing);
            }
        }

        /// <summary>Makes an instance.</summary>
        internal Guest Instantiate() => Instantiate(_limits);

        /// <summary>As <see cref="Instantiate()"/>, with limits for this instance alone, and perhaps with imports.</summary>
        /// <param name="limits">As for the constructor.</param>
        /// <param name="link">Defines what the module imports, in a wasmtime_linker_t.</param>
        internal Guest Instantiate(GuestLimits limits, Action<Guest, Handle> link = null)
        {
            if (Imports.Count > 0 && link == null)
            {
                throw new InvalidDataException(
                    "the module needs imports, which this host does not give: " + string.Join(", ", Imports));
            }
            if (_module.IsClosed) { throw new ObjectDisposedException(nameof(CompiledModule)); }
            return new Guest(_engine, _module, _memoryExport, _clock, limits, link);
        }

        /// <summary>An engine, which can cut calls off if it counts epochs.</summary>
        internal static Handle NewEngine(bool withEpochs)
        {
            IntPtr config = Native.wasm_config_new();
            Native.wasmtime_config_epoch_interruption_set(config, withEpochs);
            // .NET finds its own null references and divisions by zero by signals. With handlers of wasmtime's before
            // its own, CoreCLR 3.1 ends the process at the first DivideByZeroException on a thread other than the
            // main one. So the compiled code checks for itself, which takes up to half as long again.
            Native.wasmtime_config_signals_based_traps_set(config, false);
            if (IntPtr.Size == 8)
            {
                // Each memory has 4 GiB of address space reserved for it and so need never move.
                Native.wasmtime_config_memory_may_move_set(config, false);
            }
            return new Handle(Native.wasm_engine_new_with_config(config), Native.wasm_engine_delete);
        }

        private void ReadExports(out HashSet<string> names, out string memory)
        {
            Native.wasmtime_module_exports(_module, out Vector exports);
            names = new HashSet<string>();
            memory = null;
            foreach (IntPtr export in exports.Pointers())
            {
                string name = Native.TextAt(Native.wasm_exporttype_name(export));
                names.Add(name);
                bool isMemory = Native.wasm_externtype_kind(Native.wasm_exporttype_type(export)) == Native.ExternMemory;
                if (isMemory && (memory == null || name == "memory")) { memory = name; }
            }
            Native.wasm_exporttype_vec_delete(ref exports);
        }

        private List<string> ReadImports()
        {
            Native.wasmtime_module_imports(_module, out Vector imports);
            List<string> names = new List<string>();
            foreach (IntPtr import in imports.Pointers())
            {
                names.Add(Native.TextAt(Native.wasm_importtype_module(import)) + "." +
                          Native.TextAt(Native.wasm_importtype_name(import)));
            }
            Native.wasm_importtype_vec_delete(ref imports);
            return names;
        }
    }

    /// <summary>What the host limits an instance to. Neither limit stands unless it is set.</summary>
    public sealed class GuestLimits
    {
        /// <summary>
        /// How many bytes a linear memory may have: where it would grow beyond, memory.grow answers -1, and the signer
        /// says OUT_OF_MEMORY. A module that begins with more cannot be instantiated.
        /// </summary>
        public long? MaxMemoryBytes { get; set; }

        /// <summary>
        /// How long one call of an export may take; after that the guest traps. Code that can be cut off is a little
        /// slower, so a module is compiled for it only if this is set when it is compiled.
        /// </summary>
        public TimeSpan? CallTimeout { get; set; }
    }
}
