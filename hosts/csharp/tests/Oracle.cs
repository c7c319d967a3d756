using System;
using System.Linq;
using System.Runtime.InteropServices;

namespace EveryhostTests
{
    /// <summary>An independent Ed25519, and SHA-512: OpenSSL's.</summary>
    internal static class Oracle
    {
        private const string Library = "libcrypto.so.3";
        private const CallingConvention C = CallingConvention.Cdecl;
        private const int Ed25519 = 1087; // EVP_PKEY_ED25519

        internal static byte[] PublicKey(byte[] seed)
        {
            IntPtr key = NewKey(seed);
            byte[] publicKey = new byte[32];
            UIntPtr length = (UIntPtr)publicKey.Length;
            int done = EVP_PKEY_get_raw_public_key(key, publicKey, ref length);
            EVP_PKEY_free(key);
            Require(done == 1);
            return publicKey;
        }

        internal static byte[] Keypair(byte[] seed)
        {
            return seed.Concat(PublicKey(seed)).ToArray();
        }

        internal static byte[] Sign(byte[] seed, byte[] message)
        {
            IntPtr key = NewKey(seed);
            IntPtr context = EVP_MD_CTX_new();
            byte[] signature = new byte[64];
            UIntPtr length = (UIntPtr)signature.Length;
            bool done = EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) == 1 &&
                        EVP_DigestSign(context, signature, ref length, message, (UIntPtr)message.Length) == 1;
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(key);
            Require(done);
            return signature;
        }

        internal static bool Verifies(byte[] publicKey, byte[] message, byte[] signature)
        {
            return EveryhostExample.OpenSsl.VerifyEd25519(publicKey, message, signature);
        }

        internal static byte[] Sha512(byte[] data)
        {
            byte[] digest = new byte[64];
            Require(EVP_Digest(data, (UIntPtr)data.Length, digest, out uint _, EVP_sha512(), IntPtr.Zero) == 1);
            return digest;
        }

        private static IntPtr NewKey(byte[] seed)
        {
            IntPtr key = EVP_PKEY_new_raw_private_key(Ed25519, IntPtr.Zero, seed, (UIntPtr)seed.Length);
            Require(key != IntPtr.Zero);
            return key;
        }

        private static void Require(bool done)
        {
            if (!done)
            {
                throw new InvalidOperationException("OpenSSL refused");
            }
        }

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_PKEY_new_raw_private_key(int type, IntPtr engine, byte[] seed, UIntPtr length);

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
            IntPtr context, [Out] byte[] signature, ref UIntPtr signatureLength, byte[] message, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern int EVP_Digest(
            byte[] data, UIntPtr length, [Out] byte[] digest, out uint digestLength, IntPtr type, IntPtr engine);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr EVP_sha512();
    }
}
