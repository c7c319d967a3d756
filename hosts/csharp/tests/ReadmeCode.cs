using System.Collections.Generic;
using System.Diagnostics;
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
    }
}
