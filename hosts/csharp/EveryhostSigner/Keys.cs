using System;
using System.IO;
using System.Text;

namespace EveryhostSigner
{
    /// <summary>
    /// Reads and writes files that hold an Ed25519 key: PKCS#8 and SubjectPublicKeyInfo (RFC 8410) as PEM or DER, and JWK
    /// (RFC 8037). Which form a file has is seen from the file.
    /// </summary>
    /// <remarks>
    /// Nothing is computed: <see cref="Signer.FromPrivateKey"/> says whether a public key belongs to its seed. After every call
    /// nothing of a key is left in the module. A call that comes while another is running is IN_USE.
    /// </remarks>
    public sealed class Keys : Owned
    {
        private const uint Pem = 1;
        private const uint Der = 2;
        private const uint Jwk = 3;

        private static readonly string[] Exports = {
            "keys_abi_version",
            "max_file_len",
            "get_file_ptr",
            "file_len",
            "get_seed_ptr",
            "get_public_key_ptr",
            "has_public_key",
            "read_private_key",
            "read_public_key",
            "write_private_key",
            "write_public_key",
            "wipe",
            "memory",
        };

        /// <summary>Makes keys.</summary>
        /// <param name="module">The module keys, which stays yours to dispose of.</param>
        /// <exception cref="InvalidDataException">It is another module.</exception>
        public Keys(CompiledModule module)
        {
            if (module == null) { throw new ArgumentNullException(nameof(module)); }
            module.Require(Exports, "a key reader's");
            Start(module);
        }

        /// <summary>Reads a private key from text, PEM or JWK. Text cannot be cleared: if you can, pass bytes.</summary>
        /// <exception cref="SignerException">As for the other overload.</exception>
        public PrivateKey ReadPrivateKey(string file) => WithBytes(file, ReadPrivateKey);

        /// <summary>Reads a private key, which is yours to dispose of, from the bytes of a file.</summary>
        /// <exception cref="SignerException">
        /// KEY_FORMAT and the codes after it, KEY_LENGTH, PUBLIC_KEY_LENGTH; TRAPPED, CLOSED, IN_USE.
        /// </exception>
        public PrivateKey ReadPrivateKey(byte[] file)
        {
            return Read(file, "read_private_key",
                guest =>
                {
                    HeldKey seed = new HeldKey(new byte[Signer.SeedLength]);
                    guest.Read(guest.Call("get_seed_ptr"), seed.Bytes);
                    return new PrivateKey(seed, guest.Call("has_public_key") == 0 ? null : PublicKey(guest));
                });
        }

        /// <summary>Reads a public key, 32 bytes, from text, PEM or JWK.</summary>
        /// <exception cref="SignerException">As for ReadPrivateKey.</exception>
        public byte[] ReadPublicKey(string file) => WithBytes(file, ReadPublicKey);

        /// <summary>Reads a public key, 32 bytes, from the bytes of a file.</summary>
        /// <exception cref="SignerException">As for ReadPrivateKey.</exception>
        public byte[] ReadPublicKey(byte[] file) => Read(file, "read_public_key", PublicKey);

        /// <summary>Writes a private key as PEM, with its public key if that is known.</summary>
        /// <exception cref="SignerException">TRAPPED, CLOSED (the key too), IN_USE.</exception>
        public string WritePrivateKeyPem(PrivateKey key) => Text(WritePrivateKey(key, Pem));

        /// <summary>Writes a private key as DER; the bytes are yours to clear.</summary>
        /// <exception cref="SignerException">As for PEM.</exception>
        public byte[] WritePrivateKeyDer(PrivateKey key) => WritePrivateKey(key, Der);

        /// <summary>Writes a private key as JWK.</summary>
        /// <exception cref="SignerException">As for PEM, and KEY_JWK if its public key is not known.</exception>
        public string WritePrivateKeyJwk(PrivateKey key) => Text(WritePrivateKey(key, Jwk));

        /// <summary>Writes a public key of 32 bytes as PEM.</summary>
        /// <exception cref="SignerException">PUBLIC_KEY_LENGTH, TRAPPED, CLOSED, IN_USE.</exception>
        public string WritePublicKeyPem(byte[] publicKey) => Text(WritePublicKey(publicKey, Pem));

        /// <summary>Writes a public key of 32 bytes as DER.</summary>
        /// <exception cref="SignerException">As for PEM.</exception>
        public byte[] WritePublicKeyDer(byte[] publicKey) => WritePublicKey(publicKey, Der);

        /// <summary>Writes a public key of 32 bytes as JWK.</summary>
        /// <exception cref="SignerException">As for PEM.</exception>
        public string WritePublicKeyJwk(byte[] publicKey) => Text(WritePublicKey(publicKey, Jwk));

        internal override void Prepare(Guest guest) => RequireVersion(guest, "keys_abi_version");

        internal override void Clear(Guest guest) => guest.Run("wipe");

        private static byte[] PublicKey(Guest guest)
        { return guest.Read(guest.Call("get_public_key_ptr"), Signer.PublicKeyLength); }

        private T Read<T>(byte[] file, string export, Func<Guest, T> key)
        {
            if (file == null) { throw new ArgumentNullException(nameof(file)); }
            return UseAndClear(guest =>
                               {
                                   SignerException.If(
                                       (uint)file.Length > guest.Call("max_file_len"), Codes.KeyTooLarge);
                                   guest.Write(guest.Call("get_file_ptr"), file);
                                   Signer.Check(guest.Call(export, (uint)file.Length));
                                   return key(guest);
                               });
        }

        private byte[] WritePrivateKey(PrivateKey key, uint form)
        {
            if (key == null) { throw new ArgumentNullException(nameof(key)); }
            byte[] publicKey = key.GetPublicKey();
            return UseAndClear(guest =>
                               {
                                   guest.Write(guest.Call("get_seed_ptr"), key.Seed);
                                   if (publicKey != null) { guest.Write(guest.Call("get_public_key_ptr"), publicKey); }
                                   return Written(
                                       guest, guest.Call("write_private_key", form, publicKey == null ? 0u : 1u));
                               });
        }

        private byte[] WritePublicKey(byte[] publicKey, uint form)
        {
            if (publicKey == null) { throw new ArgumentNullException(nameof(publicKey)); }
            return UseAndClear(guest =>
                               {
                                   SignerException.If(
                                       publicKey.Length != Signer.PublicKeyLength, Codes.PublicKeyLength);
                                   guest.Write(guest.Call("get_public_key_ptr"), publicKey);
                                   return Written(guest, guest.Call("write_public_key", form));
                               });
        }

        private static byte[] Written(Guest guest, uint status)
        {
            Signer.Check(status);
            return guest.Read(guest.Call("get_file_ptr"), guest.Call("file_len"));
        }

        /// <summary>Lends the instance, and wipes it; one that trapped is cleared as a whole.</summary>
        private T UseAndClear<T>(Func<Guest, T> calls)
        {
            return Use(guest =>
                       {
                           try
                           {
                               T result = calls(guest);
                               Clear(guest);
                               return result;
                           }
                           catch (SignerException)
                           {
                               Clear(guest);
                               throw;
                           }
                       });
        }

        private static T WithBytes<T>(string file, Func<byte[], T> read)
        {
            byte[] bytes = Signer.Utf8(file);
            try
            {
                return read(bytes);
            }
            finally
            {
                Array.Clear(bytes, 0, bytes.Length);
            }
        }

        private static string Text(byte[] bytes)
        {
            string text = Encoding.ASCII.GetString(bytes);
            Array.Clear(bytes, 0, bytes.Length);
            return text;
        }
    }
}
