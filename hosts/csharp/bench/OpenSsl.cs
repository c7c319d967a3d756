using System;
using System.Runtime.InteropServices;

namespace EveryhostBench
{
    /// <summary>Signs by OpenSSL 3, with the key made ready once: .NET itself has no Ed25519.</summary>
    internal sealed class OpenSsl
    {
        private const string Library = "libcrypto.so.3";
        private const CallingConvention C = CallingConvention.Cdecl;
        private const int Ed25519 = 1087;    // EVP_PKEY_ED25519
        private const int VersionString = 6; // OPENSSL_VERSION_STRING

        // Lives as long as the process.
        private readonly IntPtr _key;

        /// <exception cref="DllNotFoundException">OpenSSL 3 is not here.</exception>
        internal OpenSsl(byte[] seed)
        {
            _key = Require(EVP_PKEY_new_raw_private_key(Ed25519, IntPtr.Zero, seed, (UIntPtr)seed.Length));
        }

        internal static string Version => Marshal.PtrToStringAnsi(OpenSSL_version(VersionString));

        internal byte[] Sign(byte[] message)
        {
            byte[] signature = new byte[64];
            UIntPtr length = (UIntPtr)signature.Length;
            IntPtr context = Require(EVP_MD_CTX_new());
            bool done = EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, _key) == 1 &&
                        EVP_DigestSign(context, signature, ref length, message, (UIntPtr)message.Length) == 1;
            EVP_MD_CTX_free(context);
            return done ? signature : throw new InvalidOperationException("OpenSSL refused");
        }

        private static IntPtr Require(IntPtr made)
        {
            return made != IntPtr.Zero ? made : throw new InvalidOperationException("OpenSSL refused");
        }

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr OpenSSL_version(int what);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_PKEY_new_raw_private_key(int type, IntPtr engine, byte[] seed, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_MD_CTX_new();

        [DllImport(Library, CallingConvention = C)]
        private static extern void EVP_MD_CTX_free(IntPtr context);

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_DigestSignInit(
            IntPtr context, IntPtr keyContext, IntPtr digest, IntPtr engine, IntPtr key);

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_DigestSign(
            IntPtr context, [Out] byte[] signature, ref UIntPtr signatureLength, byte[] message, UIntPtr messageLength);
    }
}
