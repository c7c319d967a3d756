using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using EveryhostSigner;

namespace EveryhostTests
{
    /// <summary>The code of README.md, so that it is compiled and run.</summary>
    internal static class ReadmeCode
    {
        internal static void Run(
            byte[] keypair, string[] messages, out byte[] signature, out IReadOnlyList<byte[]> signatures)
        {
            // README
            // once: compiling takes far longer than all the rest
            using (var module = CompiledModule.FromFile("signer-raw.wasm"))
            {
                using (var signer = new Signer(module, keypair)) // 64 bytes: the seed, then its public key
                {
                    signature = signer.Sign("hello");       // text is signed as UTF-8, bytes as they are
                    signatures = signer.SignMany(messages); // any number, and faster than one by one
                    Debug.Assert(signer.Verify(signer.GetPublicKey(), "hello", signature));
                }
                using (var verifier = new Signer(module)) // verifying needs no key
                {
                    try
                    {
                        verifier.Sign("hello");
                    }
                    catch (SignerException error) when (error.Code == Codes.NoKey)
                    {
                    }
                }
            }
            // end of README
        }

        internal static void Verify(byte[] publicKey, byte[] signature, out IReadOnlyList<bool> verdicts)
        {
            // README
            // in order of preference: the first that wasmtime compiles and that passes its self-test is used
            string[] files = { "verifier-lanes-relaxed.wasm", "verifier-lanes.wasm", "signer-raw.wasm" };
            using (var modules = new BatchModules(files.Select(File.ReadAllBytes)))
            {
                using (var verifier = new Verifier(modules))
                {
                    verdicts = verifier.VerifyMany(new[] {
                        new SignedMessage(publicKey, "hello", signature),
                        new SignedMessage(publicKey, "another", signature),
                    });
                }
            }
            // end of README
        }

        internal static void ReadKey(
            CompiledModule keysModule, CompiledModule module, byte[] file, out byte[] signature, out string pem)
        {
            // README
            using (var keys = new Keys(keysModule))
            {
                using (var key = keys.ReadPrivateKey(file)) // bytes, or text
                {
                    using (var signer = Signer.FromPrivateKey(module, key)) // derives the public key if there was none
                    {
                        signature = signer.Sign("hello");
                        pem = keys.WritePublicKeyPem(signer.GetPublicKey());
                    }
                }
            }
            // end of README
        }
    }
}
