using System;
using System.Runtime.InteropServices;

namespace EveryhostExample
{
    /// <summary>Ed25519 by OpenSSL 3: .NET itself has none.</summary>
    internal static class OpenSsl
    {
        private const string Library = "libcrypto.so.3";
        private const CallingConvention C = CallingConvention.Cdecl;
        private const int Ed25519 = 1087; // EVP_PKEY_ED25519

        /// <summary>Whether a signature is right. A key or a signature of another length is not.</summary>
        internal static bool VerifyEd25519(byte[] publicKey, byte[] message, byte[] signature)
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

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_PKEY_new_raw_public_key(
            int type, IntPtr engine, byte[] publicKey, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern void EVP_PKEY_free(IntPtr key);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_MD_CTX_new();

        [DllImport(Library, CallingConvention = C)]
        private static extern void EVP_MD_CTX_free(IntPtr context);

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_DigestVerifyInit(
            IntPtr context, IntPtr keyContext, IntPtr digest, IntPtr engine, IntPtr key);

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_DigestVerify(
            IntPtr context, byte[] signature, UIntPtr signatureLength, byte[] message, UIntPtr messageLength);
    }
}
