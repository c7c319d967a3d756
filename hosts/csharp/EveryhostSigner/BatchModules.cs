using System;
using System.Collections.Generic;
using System.IO;

namespace EveryhostSigner
{
    /// <summary>
    /// Modules that are faster at many messages, in order of preference: signer-lanes-relaxed and signer-lanes for a
    /// <see cref="Signer"/>, verifier-lanes-relaxed, verifier-lanes and signer-raw for a <see cref="Verifier"/>. One that
    /// wasmtime refuses, or that fails its self-test here, is passed over. Several threads may share it.
    /// </summary>
    public sealed class BatchModules : IDisposable
    {
        // Null stands for one that wasmtime refused.
        private readonly List<CompiledModule> _modules = new List<CompiledModule>();
        private InvalidDataException _refused; // why the last one was, if it was

        /// <summary>Compiles modules. That takes far longer than everything else.</summary>
        /// <param name="wasm">The bytes of .wasm files, in order of preference.</param>
        /// <param name="limits">What every instance is limited to; nothing if left out.</param>
        public BatchModules(IEnumerable<byte[]> wasm, GuestLimits limits = null)
        {
            try
            {
                foreach (byte[] bytes in wasm ?? throw new ArgumentNullException(nameof(wasm)))
                {
                    _modules.Add(TryCompile(bytes, limits));
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <summary>Gives the compiled code back; as for <see cref="CompiledModule"/>.</summary>
        public void Dispose() => _modules.ForEach(module => module?.Dispose());

        /// <summary>Makes sure that all that were compiled export these names.</summary>
        internal void Require(string[] exports, string kind) => _modules.ForEach(
            module => module?.Require(exports, kind));

        /// <summary>
        /// What is made of the first module that can be used here; null if none can. What is made tests the module, and
        /// throws SELF_TEST_FAILED.
        /// </summary>
        /// <param name="at">The place of the module in the list.</param>
        /// <param name="make">Makes it.</param>
        internal T First<T>(out int at, Func<CompiledModule, T> make)
            where T : class
        {
            for (at = 0; at < _modules.Count; at++)
            {
                try
                {
                    if (_modules[at] != null) { return make(_modules[at]); }
                }
                catch (SignerException error) when (error.Code == Codes.SelfTestFailed)
                {
                }
            }
            return null;
        }

        /// <summary>Why the last module cannot be used, where none can.</summary>
        internal Exception FailureOfTheLast()
        {
            return _modules.Count == 0 ? new ArgumentException("no modules were given; at least one is needed")
                   : _refused != null  ? new InvalidDataException(_refused.Message, _refused)
                                       : (Exception) new SignerException(Codes.SelfTestFailed);
        }

        private CompiledModule TryCompile(byte[] wasm, GuestLimits limits)
        {
            try
            {
                _refused = null;
                return new CompiledModule(wasm, limits);
            }
            catch (InvalidDataException refused)
            {
                _refused = refused;
                return null;
            }
        }

        /// <summary>
        /// The signer of the first module that signs rightly here. Nothing is made before a key is first asked for: the table
        /// of such a module takes some milliseconds and 250 KB.
        /// </summary>
        internal sealed class Pick
        {
            private BatchModules _modules; // null where none is left
            private int _at;

            /// <summary>Of those modules; of none at all where null is given.</summary>
            internal Pick(BatchModules modules) => _modules = modules;

            /// <summary>The place in the list of the module that is used; -1 while there is none.</summary>
            internal int Index => Signer == null ? -1 : _at;

            /// <summary>The signer of that module; null while there is none.</summary>
            internal Signer Signer { get; private set; }

            /// <summary>Signs with the first module that can be used; null where none of the list can be.</summary>
            internal IReadOnlyList<byte[]> SignMany(byte[] keypair, List<byte[]> messages)
            {
                try
                {
                    Signer = Signer ?? _modules?.First(out _at, module => new Signer(module, keypair));
                    if (Signer == null)
                    {
                        _modules = null;
                        return null;
                    }
                    if (Signer.Held == null) { Signer.LoadKey(keypair); }
                    return Signer.SignMany(messages);
                }
                finally
                {
                    DropIfClosed();
                }
            }

            /// <summary>Clears every secret.</summary>
            internal void Wipe()
            {
                try
                {
                    Signer?.Wipe();
                }
                finally
                {
                    DropIfClosed();
                }
            }

            /// <summary>Clears every secret and drops the instance.</summary>
            internal void Close()
            {
                Signer?.Dispose();
                Signer = null;
            }

            // After a trap no new instance came up, or it refused the key: the main module signs now.
            private void DropIfClosed()
            {
                if (Signer != null && Signer.Guest == null)
                {
                    Signer = null;
                    _modules = null;
                }
            }
        }
    }
}
