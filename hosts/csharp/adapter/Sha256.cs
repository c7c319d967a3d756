using System;
using System.Runtime.InteropServices;

namespace EveryhostAdapter
{
    /// <summary>
    /// SHA-256 by OpenSSL itself: .NET Core 3.1's own class knows only OpenSSL up to 1.1 and ends the process where there
    /// is none. In your own project, on a newer .NET, use System.Security.Cryptography.SHA256.
    /// </summary>
    internal static class Sha256
    {
        internal static byte[] Of(byte[] data)
        {
            byte[] digest = new byte[32];
            if (EVP_Digest(data, (UIntPtr)data.Length, digest, out uint _, EVP_sha256(), IntPtr.Zero) != 1)
            {
                throw new InvalidOperationException("OpenSSL cannot compute SHA-256");
            }
            return digest;
        }

        [DllImport("libcrypto.so.3", CallingConvention = CallingConvention.Cdecl)]
        private static extern int EVP_Digest(
            byte[] data, UIntPtr length, [Out] byte[] digest, out uint digestLength, IntPtr type, IntPtr engine);

        [DllImport("libcrypto.so.3", CallingConvention = CallingConvention.Cdecl)]
        private static extern IntPtr EVP_sha256();
    }
}
