using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace EveryhostSigner
{
    /// <summary>
    /// An Ed25519 signer that holds one key inside a Wasm instance of its own.
    /// <code>
    /// using (var module = CompiledModule.FromFile("signer-raw.wasm"))
    /// using (var signer = new Signer(module, keypair))
    /// {
    ///     byte[] signature = signer.Sign("hello");
    /// }
    /// </code>
    /// </summary>
    /// <remarks>
    /// <para>Every refusal is a <see cref="SignerException"/> whose Code is stable. After TRAPPED the signer can be used
    /// on: its instance was replaced by a new one and the held key was loaded again. If no new instance comes up, or it
    /// refuses the key, the signer is closed.</para>
    /// <para>A signer does one thing at a time: a call that comes while another is running, from another thread or from
    /// within, is IN_USE and changes nothing. Give each thread a signer of its own and share the
    /// <see cref="CompiledModule"/>, which must live as long.</para>
    /// <para>It keeps the keypair twice, in linear memory (expanded) and in a pinned buffer of this process (to load it
    /// again after a trap). <see cref="Wipe"/> and <see cref="Owned.Dispose"/> clear both, and so does the finalizer of a signer
    /// that was dropped; the array that you passed is yours to clear.</para>
    /// </remarks>
    public sealed class Signer : Owned, ISigner
    {
        /// <summary>The length of a secret seed, in bytes.</summary>
        public const int SeedLength = 32;

        /// <summary>The length of a public key, in bytes.</summary>
        public const int PublicKeyLength = 32;

        /// <summary>The length of a keypair, in bytes: the seed, then its public key.</summary>
        public const int KeypairLength = 64;

        /// <summary>The length of a signature, in bytes.</summary>
        public const int SignatureLength = 64;

        /// <summary>The most messages that the module takes at once. SignMany splits what is more.</summary>
        public const int MaxBatchCount = 4096;

        private const uint Ok = 0;

        private static readonly Encoding StrictUtf8 = new UTF8Encoding(false, true);

        // What every signer has. Those made for batches do not verify, and the small ones have no batches.
        private static readonly string[] RequiredExports = {
            "abi_version",
            "max_message_len",
            "get_signing_key_ptr",
            "get_signature_ptr",
            "get_public_key_ptr",
            "allocate_message",
            "sign",
            "derive_public_key",
            "load_key",
            "sign_loaded",
            "wipe",
            "memory",
        };

        private static readonly string[] BatchExports = { "allocate_batch", "sign_batch", "get_batch_signatures_ptr" };

        private readonly BatchModules.Pick _batch;
        private HeldKey _held;
        private uint _maxMessageLength;

        /// <summary>Makes a signer without a key: it verifies and derives, until <see cref="LoadKey"/>.</summary>
        /// <param name="module">The module, which stays yours to dispose of.</param>
        /// <exception cref="InvalidDataException">It is no signer.</exception>
        public Signer(CompiledModule module) : this(module, (BatchModules)null)
        {
        }

        private Signer(CompiledModule module, BatchModules batchModules)
        {
            _batch = new BatchModules.Pick(batchModules);
            NotNull(module, nameof(module));
            module.Require(RequiredExports, "a signer");
            batchModules?.Require(BatchExports, "a batch");
            Start(module);
        }

        /// <summary>Makes a signer that holds a key.</summary>
        /// <param name="module">The module, which stays yours to dispose of.</param>
        /// <param name="keypair">64 bytes: the secret seed of 32, then its public key of 32.</param>
        /// <param name="batchModules">
        /// Faster modules for SignMany of two messages or more, which stay yours to dispose of; none if left out.
        /// </param>
        /// <exception cref="SignerException">KEY_LENGTH, KEY_PAIR_MISMATCH, SELF_TEST_FAILED.</exception>
        /// <exception cref="InvalidDataException">The module is no signer, or a batch module does not sign batches.</exception>
        public Signer(CompiledModule module, byte[] keypair, BatchModules batchModules = null)
            : this(module, batchModules)
        {
            try
            {
                LoadKey(keypair);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <summary>
        /// Makes a signer that holds a private key, whose public key is derived if it is not known. The key stays yours to
        /// dispose of.
        /// </summary>
        /// <param name="module">As for the constructor.</param>
        /// <param name="key">What <see cref="PrivateKey.Generate"/> made, or Keys read.</param>
        /// <param name="batchModules">As for the constructor.</param>
        /// <exception cref="SignerException">
        /// KEY_PAIR_MISMATCH if the key has a public key that is not its own; SELF_TEST_FAILED, CLOSED.
        /// </exception>
        public static Signer FromPrivateKey(CompiledModule module, PrivateKey key, BatchModules batchModules = null)
        {
            NotNull(key, nameof(key));
            Signer signer = new Signer(module, batchModules);
            try
            {
                byte[] publicKey = key.GetPublicKey() ?? signer.DerivePublicKey(key.Seed);
                using (HeldKey keypair = new HeldKey(key.Seed, publicKey))
                { signer.LoadKey(keypair.Bytes); }
                return signer;
            }
            catch
            {
                signer.Dispose();
                throw;
            }
        }

        /// <summary>
        /// The place in the list of the batch module that SignMany uses. -1 where that is the main module, and before the
        /// first batch of two messages or more, for which the choice is made.
        /// </summary>
        /// <exception cref="SignerException">IN_USE.</exception>
        public int BatchModule
        {
            get {
                Enter();
                try
                {
                    return _batch.Index;
                }
                finally
                {
                    Leave();
                }
            }
        }

        /// <summary>The batch module's signer, for tests; null while there is none.</summary>
        internal Signer BatchSigner => _batch.Signer;

        /// <summary>The copy of the keypair in this process, for tests; null where no key is held.</summary>
        internal HeldKey Held => _held;

        /// <summary>The public key of the held key, 32 bytes.</summary>
        /// <exception cref="SignerException">NO_KEY, CLOSED, IN_USE.</exception>
        public byte[] GetPublicKey()
        {
            return Use(guest =>
                       {
                           RequireKey();
                           return HeldPublicKey();
                       });
        }

        /// <summary>Signs a text with the held key, as UTF-8: 64 bytes, the same for the same text every time.</summary>
        /// <exception cref="SignerException">NO_KEY, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE.</exception>
        public byte[] Sign(string message) => Sign(Utf8(message));

        /// <summary>Signs bytes with the held key, as they are: 64 bytes, the same for the same message every time.</summary>
        /// <exception cref="SignerException">NO_KEY, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE.</exception>
        public byte[] Sign(byte[] message)
        {
            NotNull(message, nameof(message));
            return Use(guest =>
                       {
                           RequireKey();
                           CheckLength(message);
                           PutMessage(guest, message); // where there is no room, sign_loaded says so
                           Check(guest.Call("sign_loaded"));
                           return guest.Read(guest.Call("get_signature_ptr"), SignatureLength);
                       });
        }

        /// <summary>Signs a JSON Web Token with the held key, in compact form (RFC 7515, RFC 8037).</summary>
        /// <param name="claims">An object in JSON. It is signed as it is, except for white space around it.</param>
        /// <param name="keyId">The header's kid; without it, the header has none.</param>
        /// <param name="algorithm">The header's alg: EdDSA, or Ed25519 as RFC 9864 has it.</param>
        /// <exception cref="ArgumentException">The claims are no object, or there is no such algorithm.</exception>
        /// <exception cref="SignerException">As for Sign.</exception>
        public string SignToken(string claims, string keyId = null, string algorithm = "EdDSA")
        {
            NotNull(claims, nameof(claims));
            string signed = Jwt.Unsigned(claims, keyId, algorithm);
            return signed + "." + Jwt.Base64Url(Sign(signed));
        }

        /// <summary>Signs any number of texts with the held key, each as UTF-8; see the other overload.</summary>
        /// <exception cref="SignerException">As for Sign; nothing is returned then, even if only one text was at fault.</exception>
        public IReadOnlyList<byte[]> SignMany(IEnumerable<string> messages)
        {
            NotNull(messages, nameof(messages));
            return SignMany(messages.Select(Utf8));
        }

        /// <summary>
        /// Signs any number of messages with the held key, faster than one by one; the signatures are the same. Two messages
        /// or more go to the first batch module that can be used here, if there is one.
        /// </summary>
        /// <exception cref="SignerException">
        /// As for Sign, and NO_EXPORT for a module without batches; nothing is returned then, even if only one message was
        /// at fault.
        /// </exception>
        public IReadOnlyList<byte[]> SignMany(IEnumerable<byte[]> messages)
        {
            NotNull(messages, nameof(messages));
            List<byte[]> all = messages.ToList(); // what is not ours to run is done before the signer is in use
            all.ForEach(message => NotNull(message, nameof(messages)));
            return Use(guest =>
                       {
                           RequireKey();
                           all.ForEach(CheckLength);
                           return (all.Count > 1 ? _batch.SignMany(_held.Bytes, all) : null) ?? SignBatches(guest, all);
                       });
        }

        /// <summary>Signs a text, as UTF-8, with a key that is passed for this call alone; see the other overload.</summary>
        /// <exception cref="SignerException">KEY_LENGTH, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE.</exception>
        public byte[] SignWith(byte[] keypair, string message) => SignWith(keypair, Utf8(message));

        /// <summary>
        /// Signs once with a key that is passed for this call alone, through the module's four oldest exports. The held
        /// key stays as it is. A keypair whose halves do not belong together makes the module trap; use
        /// <see cref="LoadKey"/> for an answer without a trap.
        /// </summary>
        /// <exception cref="SignerException">KEY_LENGTH, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE.</exception>
        public byte[] SignWith(byte[] keypair, byte[] message)
        {
            NotNull(keypair, nameof(keypair));
            NotNull(message, nameof(message));
            return Use(guest =>
                       {
                           Fixed(keypair, KeypairLength, Codes.KeyLength);
                           CheckLength(message);
                           SignerException.If(!PutMessage(guest, message), Codes.OutOfMemory);
                           WithKeyInBuffer(guest, keypair,
                               () =>
                               {
                                   guest.Run("sign");
                                   return Ok;
                               });
                           return guest.Read(guest.Call("get_signature_ptr"), SignatureLength);
                       });
        }

        /// <summary>Verify, for a text, as UTF-8.</summary>
        /// <exception cref="SignerException">As for the other overload.</exception>
        public bool Verify(byte[] publicKey, string message, byte[] signature)
        { return Verify(publicKey, Utf8(message), signature); }

        /// <summary>
        /// Whether the signature is right, as most libraries see it. Needs no key. A signature that is not 64 bytes long
        /// is not right, nor is any under a public key that is no point.
        /// </summary>
        /// <exception cref="SignerException">
        /// PUBLIC_KEY_LENGTH, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE, and NO_EXPORT for a module that does
        /// not verify.
        /// </exception>
        public bool Verify(byte[] publicKey, byte[] message, byte[] signature)
        { return VerifyBy("verify", publicKey, message, signature); }

        /// <summary>VerifyStrict, for a text, as UTF-8.</summary>
        /// <exception cref="SignerException">As for Verify.</exception>
        public bool VerifyStrict(byte[] publicKey, string message, byte[] signature)
        { return VerifyStrict(publicKey, Utf8(message), signature); }

        /// <summary>As Verify, but refuses an R that is no point, and an R or a public key of small order.</summary>
        /// <exception cref="SignerException">As for Verify.</exception>
        public bool VerifyStrict(byte[] publicKey, byte[] message, byte[] signature)
        { return VerifyBy("verify_strict", publicKey, message, signature); }

        /// <summary>The public key, 32 bytes, of a seed of 32 bytes. The held key is not concerned.</summary>
        /// <exception cref="SignerException">KEY_LENGTH, SELF_TEST_FAILED, TRAPPED, CLOSED, IN_USE.</exception>
        public byte[] DerivePublicKey(byte[] seed)
        {
            NotNull(seed, nameof(seed));
            return Use(guest =>
                       {
                           Fixed(seed, SeedLength, Codes.KeyLength);
                           WithKeyInBuffer(guest, seed, () => guest.Call("derive_public_key"));
                           return guest.Read(guest.Call("get_public_key_ptr"), PublicKeyLength);
                       });
        }

        /// <summary>
        /// Replaces the held key, of 64 bytes. After a failure, whatever it was (null too), no key is held; but after IN_USE
        /// nothing has changed.
        /// </summary>
        /// <exception cref="SignerException">
        /// KEY_LENGTH, KEY_PAIR_MISMATCH, SELF_TEST_FAILED, TRAPPED, CLOSED, IN_USE.
        /// </exception>
        public void LoadKey(byte[] keypair)
        {
            Use(guest =>
                {
                    ForgetKey();
                    HeldKey copy = null;
                    try
                    {
                        _batch.Wipe();
                        NotNull(keypair, nameof(keypair));
                        Fixed(keypair, KeypairLength, Codes.KeyLength);
                        copy = new HeldKey(keypair);
                        Load(guest, copy.Bytes);
                        _held = copy;
                    }
                    catch (SignerException) // the old key is there still, or parts of the new one
                    {
                        guest.Run("wipe");
                        throw;
                    }
                    finally
                    {
                        if (_held == null) { copy?.Dispose(); }
                    }
                });
        }

        /// <summary>Clears every secret, in linear memory and in this object. No key is held afterwards.</summary>
        /// <exception cref="SignerException">TRAPPED, CLOSED, IN_USE.</exception>
        public void Wipe()
        {
            Use(guest =>
                {
                    ForgetKey();
                    try
                    {
                        _batch.Wipe();
                    }
                    finally
                    {
                        guest.Run("wipe");
                    }
                });
        }

        /// <summary>The public key, and never the secret.</summary>
        public override string ToString()
        {
            if (!TryEnter()) { return "Signer (in use)"; }
            try
            {
                string state = Guest == null ? "closed"
                               : _held == null
                                   ? "no key"
                                   : BitConverter.ToString(HeldPublicKey()).Replace("-", "").ToLowerInvariant();
                return "Signer (" + state + ")";
            }
            finally
            {
                Leave();
            }
        }

        private bool VerifyBy(string export, byte[] publicKey, byte[] message, byte[] signature)
        {
            SignedMessage item = new SignedMessage(publicKey, message, signature);
            return Use(guest =>
                       {
                           RequireExport(guest, export);
                           Fixed(publicKey, PublicKeyLength, Codes.PublicKeyLength);
                           CheckLength(message);
                           return VerifyOne(guest, export, item);
                       });
        }

        /// <summary>Verifies one signature by signer-raw's exports, with lengths that have been checked.</summary>
        internal static bool VerifyOne(Guest guest, string export, SignedMessage item)
        {
            if (!item.HasSignature) { return false; }
            PutMessage(guest, item.Message); // where there is no room, the status says so
            guest.Write(guest.Call("get_public_key_ptr"), item.PublicKey);
            guest.Write(guest.Call("get_signature_ptr"), item.Signature);
            uint status = guest.Call(export);
            if (Codes.OfStatus(status) == Codes.SignatureInvalid) { return false; }
            Check(status);
            return true;
        }

        internal override void Prepare(Guest guest)
        {
            RequireVersion(guest, "abi_version");
            _maxMessageLength = guest.Call("max_message_len");
            if (_held != null) { Load(guest, _held.Bytes); }
        }

        internal override void Clear(Guest guest) => guest.Run("wipe");

        internal override void Forget()
        {
            ForgetKey();
            _batch.Close();
        }

        private static void RequireExport(Guest guest, string export) => SignerException.If(
            guest.FindFunction(export) == null, Codes.NoExport);

        private byte[] HeldPublicKey()
        {
            byte[] publicKey = new byte[PublicKeyLength];
            Buffer.BlockCopy(_held.Bytes, SeedLength, publicKey, 0, PublicKeyLength);
            return publicKey;
        }

        private void RequireKey() => SignerException.If(_held == null, Codes.NoKey);

        private void CheckLength(byte[] message) => SignerException.If(
            (uint)message.Length > _maxMessageLength, Codes.MessageTooLarge);

        /// <summary>Clears this process's copy of the key, in place.</summary>
        private void ForgetKey()
        {
            _held?.Dispose();
            _held = null;
        }

        private List<byte[]> SignBatches(Guest guest, List<byte[]> messages)
        {
            List<byte[]> signatures = new List<byte[]>(messages.Count);
            for (int first = 0; first < messages.Count;)
            {
                int count = BatchCount(messages, first, message => message.Length, _maxMessageLength);
                SignBatch(guest, messages.GetRange(first, count), signatures);
                first += count;
            }
            return signatures;
        }

        /// <summary>How many of a list, from one of them on, a module takes at once: so many, and so many bytes together.</summary>
        internal static int BatchCount<T>(List<T> all, int first, Func<T, int> lengthOf, uint maxLength)
        {
            int count = 0;
            for (long total = 0; first + count < all.Count && count < MaxBatchCount; count++)
            {
                total += lengthOf(all[first + count]);
                if (total > maxLength) { break; }
            }
            return count;
        }

        /// <summary>A length as the modules read it: 32 bits, little-endian on every machine.</summary>
        internal static void PutLength(byte[] to, int at, int length)
        {
            for (int k = 0; k < 4; k++) { to[at + k] = (byte)(length >> (8 * k)); }
        }

        private static void SignBatch(Guest guest, List<byte[]> messages, List<byte[]> signatures)
        {
            RequireExport(guest, "sign_batch");
            byte[] lengths = new byte[4 * messages.Count];
            uint total = 0;
            for (int n = 0; n < messages.Count; n++)
            {
                PutLength(lengths, 4 * n, messages[n].Length);
                total += (uint)messages[n].Length;
            }
            uint ptr = guest.Call("allocate_batch", (uint)messages.Count, total);
            if (ptr != 0) // otherwise sign_batch says why
            {
                guest.Write(ptr, lengths);
                ptr += (uint)lengths.Length;
                foreach (byte[] message in messages)
                {
                    guest.Write(ptr, message);
                    ptr += (uint)message.Length;
                }
            }
            Check(guest.Call("sign_batch"));
            byte[] joined = guest.Read(guest.Call("get_batch_signatures_ptr"), SignatureLength * messages.Count);
            for (int at = 0; at < joined.Length; at += SignatureLength)
            {
                byte[] signature = new byte[SignatureLength];
                Buffer.BlockCopy(joined, at, signature, 0, SignatureLength);
                signatures.Add(signature);
            }
        }

        private static void Load(Guest guest, byte[] keypair)
        {
            guest.Write(guest.Call("get_signing_key_ptr"), keypair);
            Check(guest.Call("load_key"));
        }

        /// <summary>Lends a key to an export that takes it from the key buffer, and clears the buffer after it.</summary>
        private void WithKeyInBuffer(Guest guest, byte[] key, Func<uint> call)
        {
            uint ptr = guest.Call("get_signing_key_ptr");
            guest.Write(ptr, key);
            uint status = call(); // if it traps, the instance is cleared as a whole
            guest.Write(ptr, new byte[key.Length]);
            try
            {
                Check(status);
            }
            catch (SignerException)
            {
                guest.Run("wipe"); // a module may leave a key that it refuses on its stack
                Reload(guest);
                throw;
            }
        }

        /// <summary>Loads the held key again, if there is one; an instance that refuses it is replaced.</summary>
        private void Reload(Guest guest)
        {
            try
            {
                if (_held != null) { Load(guest, _held.Bytes); }
            }
            catch (SignerException)
            {
                Replace();
            }
        }

        /// <summary>Copies a message to linear memory; false where there is no room for it.</summary>
        private static bool PutMessage(Guest guest, byte[] message)
        {
            uint ptr = guest.Call("allocate_message", (uint)message.Length);
            if (ptr != 0) { guest.Write(ptr, message); }
            return ptr != 0;
        }

        /// <summary>Checks a length before anything is copied: a fixed buffer in linear memory can't refuse.</summary>
        private static void Fixed(byte[] bytes, int length, string code) => SignerException.If(
            bytes.Length != length, code);

        internal static void Check(uint status)
        {
            if (status != Ok)
            {
                throw new SignerException(
                    Codes.OfStatus(status) ??
                    throw new InvalidDataException("the module returned the unknown status " + status));
            }
        }

        internal static byte[] Utf8(string message)
        {
            NotNull(message, nameof(message));
            return StrictUtf8.GetBytes(message);
        }

        private static void NotNull(object argument, string name)
        {
            if (argument == null) { throw new ArgumentNullException(name); }
        }
    }
}
