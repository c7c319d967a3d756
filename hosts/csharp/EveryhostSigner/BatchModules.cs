using System;
using System.Collections.Generic;
using System.IO;

namespace EveryhostSigner
{
    /// <summary>
    /// Further modules of a <see cref="Signer"/>, faster at many messages than the main one: signer-lanes-relaxed and
    /// signer-lanes, in order of preference. One that wasmtime refuses, or that fails its self-test here, is passed over;
    /// where none is left, the main module signs. Several threads may share it.
    /// </summary>
    public sealed class BatchModules : IDisposable
    {
        private static readonly string[] RequiredExports = {
            "allocate_batch",
            "sign_batch",
            "get_batch_signatures_ptr",
        };

        // Null stands for one that wasmtime refused.
        private readonly List<CompiledModule> _modules = new List<CompiledModule>();

        /// <summary>Compiles modules. That takes far longer than everything else.</summary>
        /// <param name="wasm">The bytes of .wasm files, in order of preference.</param>
        /// <param name="limits">What every instance is limited to; nothing if left out.</param>
        /// <exception cref="InvalidDataException">One is compiled, but cannot sign batches.</exception>
        public BatchModules(IEnumerable<byte[]> wasm, GuestLimits limits = null)
        {
            try
            {
                foreach (byte[] bytes in wasm ?? throw new ArgumentNullException(nameof(wasm)))
                {
                    CompiledModule module = TryCompile(bytes, limits);
                    _modules.Add(module);
                    module?.Require(RequiredExports, "a batch");
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

        private static CompiledModule TryCompile(byte[] wasm, GuestLimits limits)
        {
            try
            {
                return new CompiledModule(wasm, limits);
            }
            catch (InvalidDataException)
            {
                return null;
            }
        }

        /// <summary>
        /// Finds the first module that signs rightly here, and holds a signer of it. Nothing is made before a key is first
        /// asked for: the table of such a module takes some milliseconds and 250 KB.
        /// </summary>
        internal sealed class Pick
        {
            private readonly List<CompiledModule> _modules;
            private int _at; // the place in the list of the module that is used, or tried next

            /// <summary>Of those modules; of none at all where null is given.</summary>
            internal Pick(BatchModules modules) => _modules = modules?._modules ?? new List<CompiledModule>();

            /// <summary>The place in the list of the module that is used; -1 while there is none.</summary>
            internal int Index => Signer == null ? -1 : _at;

            /// <summary>The signer of that module; null while there is none.</summary>
            internal Signer Signer { get; private set; }

            /// <summary>Signs with the first module that can be used; null where none of the list can be.</summary>
            internal IReadOnlyList<byte[]> SignMany(byte[] keypair, List<byte[]> messages)
            {
                try
                {
                    for (; _at < _modules.Count; _at++)
                    {
                        if (_modules[_at] != null && IsReady(_modules[_at], keypair))
                        {
                            return Signer.SignMany(messages);
                        }
                        Close();
                    }
                    return null;
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
                    _at = _modules.Count;
                }
            }

            // Whether the signer could be made and given the key, as far as it had to be.
            private bool IsReady(CompiledModule module, byte[] keypair)
            {
                Signer = Signer ?? new Signer(module);
                try
                {
                    if (Signer.Held == null) { Signer.LoadKey(keypair); }
                    return true;
                }
                catch (SignerException error) when (error.Code == Codes.SelfTestFailed)
                {
                    return false;
                }
            }
        }
    }
}
