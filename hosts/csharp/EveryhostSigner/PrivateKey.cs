using System;
using System.IO;
using System.Security.Cryptography;

namespace EveryhostSigner
{
    /// <summary>
    /// An Ed25519 private key: its seed, and its public key if that is known. The seed is in a pinned buffer, so that the
    /// garbage collector leaves no other copy behind; <see cref="Dispose"/> clears it, and so does the finalizer.
    /// </summary>
    public sealed class PrivateKey : IDisposable
    {
        private readonly HeldKey _seed;
        private readonly byte[] _publicKey;
        private bool _isClosed;

        /// <summary>A key of these bytes, which are copied.</summary>
        /// <param name="seed">32 bytes; yours to clear.</param>
        /// <param name="publicKey">
        /// 32 bytes, or null. Whether it belongs to the seed is only checked when a signer is made of the key.
        /// </param>
        /// <exception cref="SignerException">KEY_LENGTH, PUBLIC_KEY_LENGTH.</exception>
        public PrivateKey(byte[] seed, byte[] publicKey = null)
        {
            if (seed == null) { throw new ArgumentNullException(nameof(seed)); }
            SignerException.If(seed.Length != Signer.SeedLength, Codes.KeyLength);
            SignerException.If(publicKey != null && publicKey.Length != Signer.PublicKeyLength, Codes.PublicKeyLength);
            _seed = new HeldKey(seed);
            _publicKey = (byte[])publicKey?.Clone();
        }

        /// <summary>Takes both, of the right lengths.</summary>
        internal PrivateKey(HeldKey seed, byte[] publicKey)
        {
            _seed = seed;
            _publicKey = publicKey;
        }

        /// <summary>A new key, from the randomness of the operating system. Its public key is not known yet.</summary>
        public static PrivateKey Generate()
        {
            HeldKey seed = new HeldKey(new byte[Signer.SeedLength]);
            Fill(seed.Bytes);
            return new PrivateKey(seed, null);
        }

        /// <summary>A copy of the seed, 32 bytes, for you to clear.</summary>
        /// <exception cref="SignerException">CLOSED.</exception>
        public byte[] GetSeed() => (byte[])Seed.Clone();

        /// <summary>A copy of the public key, 32 bytes; null if it is not known.</summary>
        public byte[] GetPublicKey() => (byte[])_publicKey?.Clone();

        /// <summary>Clears the seed.</summary>
        public void Dispose()
        {
            _isClosed = true;
            _seed.Dispose();
        }

        /// <summary>Never the secret.</summary>
        public override string ToString() => "PrivateKey (secret)";

        /// <summary>The seed itself: pass it on, but do not copy it.</summary>
        internal byte[] Seed
        {
            get {
                SignerException.If(_isClosed, Codes.Closed);
                return _seed.Bytes;
            }
        }

        private static void Fill(byte[] bytes)
        {
            // On Unix .NET's own generator is OpenSSL's, and .NET Core 3.1 ends the process if it finds no OpenSSL 1.1.
            if (Path.DirectorySeparatorChar != '/')
            {
                using (RandomNumberGenerator random = RandomNumberGenerator.Create())
                { random.GetBytes(bytes); }
                return;
            }
            // A buffer of one byte is none: no copy of the seed is left in it.
            using (
                FileStream random = new FileStream("/dev/urandom", FileMode.Open, FileAccess.Read, FileShare.Read, 1))
            {
                for (int at = 0; at < bytes.Length;)
                {
                    int read = random.Read(bytes, at, bytes.Length - at);
                    if (read <= 0) { throw new EndOfStreamException("/dev/urandom has ended"); }
                    at += read;
                }
            }
        }
    }
}
