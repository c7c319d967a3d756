using System;
using System.Runtime.InteropServices;

namespace EveryhostExample
{
    /// <summary>
    /// Ed25519 and hashes by OpenSSL 3. .NET itself has no Ed25519, and the hashes of .NET Core 3.1 end the process unless
    /// there is an OpenSSL 1.1. In your own project, on a newer .NET, use System.Security.Cryptography.SHA256.
    /// </summary>
    internal static class OpenSsl
    {
        private const string Library = "libcrypto.so.3";
        private const CallingConvention C = CallingConvention.Cdecl;
        private const int Ed25519 = 1087;    // EVP_PKEY_ED25519
        private const int VersionString = 6; // OPENSSL_VERSION_STRING

        internal static string Version => Marshal.PtrToStringAnsi(OpenSSL_version(VersionString));

        internal static byte[] Sha256(byte[] data) => Digest(data, EVP_sha256(), 32);

        internal static byte[] Sha512(byte[] data) => Digest(data, EVP_sha512(), 64);

        /// <summary>Whether a signature is right. A key or a signature of another length is not.</summary>
        internal static bool Verify(byte[] publicKey, byte[] message, byte[] signature)
        {
            IntPtr key = EVP_PKEY_new_raw_public_key(Ed25519, IntPtr.Zero, publicKey, (UIntPtr)publicKey.Length);
            IntPtr context = EVP_MD_CTX_new();
            try
            {
                return key != IntPtr.Zero && context != IntPtr.Zero &&
                       EVP_DigestVerifyInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) == 1 &&
                       EVP_DigestVerify(
                           context, signature, (UIntPtr)signature.Length, message, (UIntPtr)message.Length) == 1;
            }
            finally
            {
                EVP_MD_CTX_free(context);
                EVP_PKEY_free(key);
            }
        }

        /// <summary>A private key, made ready once.</summary>
        internal sealed class Key : IDisposable
        {
            private readonly IntPtr _key;

            internal Key(byte[] seed)
            {
                _key = EVP_PKEY_new_raw_private_key(Ed25519, IntPtr.Zero, seed, (UIntPtr)seed.Length);
                Require(_key != IntPtr.Zero);
            }

            public void Dispose() => EVP_PKEY_free(_key);

            internal byte[] PublicKey()
            {
                byte[] publicKey = new byte[32];
                UIntPtr length = (UIntPtr)publicKey.Length;
                Require(EVP_PKEY_get_raw_public_key(_key, publicKey, ref length) == 1);
                return publicKey;
            }

            internal byte[] Sign(byte[] message)
            {
                byte[] signature = new byte[64];
                UIntPtr length = (UIntPtr)signature.Length;
                IntPtr context = EVP_MD_CTX_new();
                bool done = EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, _key) == 1 &&
                            EVP_DigestSign(context, signature, ref length, message, (UIntPtr)message.Length) == 1;
                EVP_MD_CTX_free(context);
                Require(done);
                return signature;
            }
        }

        private static byte[] Digest(byte[] data, IntPtr algorithm, int size)
        {
            byte[] digest = new byte[size];
            Require(EVP_Digest(data, (UIntPtr)data.Length, digest, out uint _, algorithm, IntPtr.Zero) == 1);
            return digest;
        }

        private static void Require(bool done)
        {
            if (!done) { throw new InvalidOperationException("OpenSSL refused"); }
        }

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr OpenSSL_version(int what);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_sha256();

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_sha512();

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_Digest(
            byte[] data, UIntPtr length, [Out] byte[] digest, out uint digestLength, IntPtr type, IntPtr engine);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_PKEY_new_raw_private_key(int type, IntPtr engine, byte[] seed, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_PKEY_new_raw_public_key(
            int type, IntPtr engine, byte[] publicKey, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_PKEY_get_raw_public_key(IntPtr key, [Out] byte[] publicKey, ref UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern void EVP_PKEY_free(IntPtr key);

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

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_DigestVerifyInit(
            IntPtr context, IntPtr keyContext, IntPtr digest, IntPtr engine, IntPtr key);

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_DigestVerify(
            IntPtr context, byte[] signature, UIntPtr signatureLength, byte[] message, UIntPtr messageLength);
    }
}
