using System;
using System.IO;
using System.Linq;

namespace EveryhostSigner
{
    /// <summary>
    /// The modules that the package has inside. Each is compiled when it is first asked for, and then kept: do not dispose of
    /// what you get. Several threads may share it.
    /// </summary>
    public static class Modules
    {
        private static readonly Lazy<CompiledModule> TheSigner =
            new Lazy<CompiledModule>(() => new CompiledModule(Read("signer-raw")));
        private static readonly Lazy<CompiledModule> TheKeys =
            new Lazy<CompiledModule>(() => new CompiledModule(Read("keys")));
        private static readonly Lazy<BatchModules> TheSignerBatches =
            new Lazy<BatchModules>(() => Several("signer-lanes-relaxed", "signer-lanes"));
        private static readonly Lazy<BatchModules> TheVerifier =
            new Lazy<BatchModules>(() => Several("verifier-lanes-relaxed", "verifier-lanes", "signer-raw"));

        /// <summary>signer-raw, the portable module, for a <see cref="EveryhostSigner.Signer"/>.</summary>
        public static CompiledModule Signer() => TheSigner.Value;

        /// <summary>The batch modules of a <see cref="EveryhostSigner.Signer"/>: signer-lanes-relaxed, signer-lanes.</summary>
        public static BatchModules SignerBatches() => TheSignerBatches.Value;

        /// <summary>
        /// For a <see cref="EveryhostSigner.Verifier"/>: verifier-lanes-relaxed, verifier-lanes, signer-raw.
        /// </summary>
        public static BatchModules Verifier() => TheVerifier.Value;

        /// <summary>For <see cref="EveryhostSigner.Keys"/>.</summary>
        public static CompiledModule Keys() => TheKeys.Value;

        /// <summary>The bytes of a module by its name, such as signer-raw.</summary>
        /// <exception cref="ArgumentException">There is none of that name.</exception>
        public static byte[] Read(string name)
        {
            using (Stream stream = typeof(Modules).Assembly.GetManifestResourceStream(name + ".wasm"))
            {
                if (stream == null)
                {
                    throw new ArgumentException("this assembly has no module " + name + " inside, but " + Names() +
                                                    "; package.sh puts them there",
                        nameof(name));
                }
                MemoryStream wasm = new MemoryStream();
                stream.CopyTo(wasm);
                return wasm.ToArray();
            }
        }

        private static string Names()
        {
            string[] names = typeof(Modules).Assembly.GetManifestResourceNames();
            return names.Length == 0 ? "none" : string.Join(", ", names.Select(Path.GetFileNameWithoutExtension));
        }

        private static BatchModules Several(params string[] names) => new BatchModules(names.Select(Read));
    }
}
