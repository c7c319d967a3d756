using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace EveryhostSigner
{
    /// <summary>
    /// Verifies many Ed25519 signatures at once, by the first of some modules that can be used here.
    /// <code>
    /// using (var modules = new BatchModules(new[] { relaxed, lanes, raw })) // the bytes of .wasm files
    /// using (var verifier = new Verifier(modules))
    /// {
    ///     IReadOnlyList&lt;bool&gt; verdicts = verifier.VerifyMany(items);
    /// }
    /// </code>
    /// </summary>
    /// <remarks>
    /// <para>Every refusal is a <see cref="SignerException"/> whose Code is stable. After TRAPPED the verifier can be used
    /// on, with a new instance; if none comes up, it is closed.</para>
    /// <para>A call that comes while another is running is IN_USE and changes nothing: give each thread a verifier of its
    /// own and share the modules, which must live as long. There is no secret in it.</para>
    /// </remarks>
    public sealed class Verifier : Owned
    {
        private const int HeadLength = Signer.PublicKeyLength + Signer.SignatureLength + 4;

        // Of signer-raw, which verifies one by one, and of the modules made for batches.
        private static readonly string[] ExportsForOne = {
            "abi_version",
            "max_message_len",
            "get_signature_ptr",
            "get_public_key_ptr",
            "allocate_message",
            "verify",
            "verify_strict",
            "memory",
        };
        private static readonly string[] ExportsForBatches = {
            "verifier_abi_version",
            "max_message_len",
            "get_public_key_ptr",
            "hold_key",
            "allocate_verify_batch",
            "verify_batch",
            "verify_batch_strict",
            "get_verdicts_ptr",
            "memory",
        };

        private uint _maxMessageLength;

        /// <summary>Makes a verifier of the first module that can be used.</summary>
        /// <param name="modules">
        /// In order of preference verifier-lanes-relaxed, verifier-lanes, signer-raw; they stay yours to dispose of. One that
        /// wasmtime refuses, or that fails its self-test here, is passed over.
        /// </param>
        /// <exception cref="SignerException">
        /// SELF_TEST_FAILED of the last module; of the first that might be used: NO_EXPORT if it does not verify, TRAPPED.
        /// </exception>
        /// <exception cref="InvalidDataException">
        /// wasmtime refuses the last module, and none can be used; or one is no verifier of ours.
        /// </exception>
        public Verifier(BatchModules modules)
        {
            if (modules == null) { throw new ArgumentNullException(nameof(modules)); }
            if (modules.First(out int index, StartVerifier) == null) { throw modules.FailureOfTheLast(); }
            ModuleIndex = index;
        }

        /// <summary>Makes a verifier of one module, which stays yours to dispose of.</summary>
        /// <exception cref="SignerException">NO_EXPORT if it does not verify, SELF_TEST_FAILED, TRAPPED.</exception>
        /// <exception cref="InvalidDataException">It is no verifier of ours.</exception>
        public Verifier(CompiledModule module)
        { StartVerifier(module ?? throw new ArgumentNullException(nameof(module))); }

        /// <summary>The place in the list of the module that is used.</summary>
        public int ModuleIndex { get; }

        /// <summary>
        /// Verifies any number of signatures, as <see cref="Signer.Verify(byte[], byte[], byte[])"/> does: a verdict for each.
        /// A signature that is not 64 bytes long is not right.
        /// </summary>
        /// <exception cref="SignerException">
        /// PUBLIC_KEY_LENGTH and MESSAGE_TOO_LARGE, before anything is verified: the message says which item. OUT_OF_MEMORY,
        /// TRAPPED, CLOSED, IN_USE.
        /// </exception>
        public IReadOnlyList<bool> VerifyMany(IEnumerable<SignedMessage> items) => VerifyAll(items, "");

        /// <summary>
        /// As VerifyMany, but refuses an R that is no point, and an R or a public key of small order.
        /// </summary>
        /// <exception cref="SignerException">As for VerifyMany.</exception>
        public IReadOnlyList<bool> VerifyManyStrict(IEnumerable<SignedMessage> items) => VerifyAll(items, "_strict");

        /// <summary>
        /// Has the table of a public key built now: false if it is no point, or if the module holds no keys, such as
        /// signer-raw. That is never needed: a key that comes often is held without being asked for.
        /// </summary>
        /// <exception cref="SignerException">PUBLIC_KEY_LENGTH, TRAPPED, CLOSED, IN_USE.</exception>
        public bool Hold(byte[] publicKey)
        {
            if (publicKey == null) { throw new ArgumentNullException(nameof(publicKey)); }
            return Use(guest =>
                       {
                           SignerException.If(publicKey.Length != Signer.PublicKeyLength, Codes.PublicKeyLength);
                           if (!IsForBatches) { return false; }
                           guest.Write(guest.Call("get_public_key_ptr"), publicKey);
                           return guest.Call("hold_key") != 0;
                       });
        }

        private bool IsForBatches => Module.Exports.Contains("verify_batch");

        /// <summary>A module made for batches tests itself before its first batch: here one of none.</summary>
        internal override void Prepare(Guest guest)
        {
            RequireVersion(guest, IsForBatches ? "verifier_abi_version" : "abi_version");
            _maxMessageLength = guest.Call("max_message_len");
            if (IsForBatches) { VerifyBatch(guest, "verify_batch", new List<SignedMessage>(), new List<bool>()); }
        }

        private Guest StartVerifier(CompiledModule module)
        {
            bool isForBatches = module.Exports.Contains("verify_batch");
            SignerException.If(!isForBatches && !module.Exports.Contains("verify"), Codes.NoExport);
            module.Require(isForBatches ? ExportsForBatches : ExportsForOne, "a verifier");
            return Start(module);
        }

        private List<bool> VerifyAll(IEnumerable<SignedMessage> items, string manner)
        {
            if (items == null) { throw new ArgumentNullException(nameof(items)); }
            List<SignedMessage> all = items.ToList(); // what is not ours to run is done before the verifier is in use
            if (all.Contains(null)) { throw new ArgumentNullException(nameof(items)); }
            return Use(
                guest =>
                {
                    for (int at = 0; at < all.Count; at++) { Check(all[at], at); }
                    if (!IsForBatches)
                    {
                        return all.ConvertAll(item => Signer.VerifyOne(guest, "verify" + manner, item));
                    }
                    List<bool> verdicts = new List<bool>(all.Count);
                    while (verdicts.Count < all.Count)
                    {
                        int count =
                            Signer.BatchCount(all, verdicts.Count, item => item.Message.Length, _maxMessageLength);
                        VerifyBatch(guest, "verify_batch" + manner, all.GetRange(verdicts.Count, count), verdicts);
                    }
                    return verdicts;
                });
        }

        private void Check(SignedMessage item, int at)
        {
            string code = item.PublicKey.Length != Signer.PublicKeyLength ? Codes.PublicKeyLength
                          : (uint)item.Message.Length > _maxMessageLength ? Codes.MessageTooLarge
                                                                          : null;
            if (code != null) { throw new SignerException(code, at); }
        }

        private static void VerifyBatch(Guest guest, string export, List<SignedMessage> items, List<bool> verdicts)
        {
            int total = items.Sum(item => item.Message.Length);
            byte[] batch = new byte[HeadLength * items.Count + total];
            int head = 0;
            int message = HeadLength * items.Count;
            foreach (SignedMessage item in items)
            {
                Buffer.BlockCopy(item.PublicKey, 0, batch, head, Signer.PublicKeyLength);
                if (item.HasSignature) // otherwise zeros, whose verdict is not asked for
                {
                    Buffer.BlockCopy(item.Signature, 0, batch, head + Signer.PublicKeyLength, Signer.SignatureLength);
                }
                Signer.PutLength(batch, head + HeadLength - 4, item.Message.Length);
                Buffer.BlockCopy(item.Message, 0, batch, message, item.Message.Length);
                head += HeadLength;
                message += item.Message.Length;
            }
            uint ptr = guest.Call("allocate_verify_batch", (uint)items.Count, (uint)total);
            if (ptr != 0) { guest.Write(ptr, batch); } // otherwise the status says why
            Signer.Check(guest.Call(export));
            byte[] read = guest.Read(guest.Call("get_verdicts_ptr"), items.Count);
            verdicts.AddRange(items.Select((item, at) => read[at] == 1 && item.HasSignature));
        }
    }

    /// <summary>A message, its signature, and the public key that it is held against: what a verifier takes.</summary>
    public sealed class SignedMessage
    {
        /// <summary>Of bytes, as they are. The arrays are kept, and not copied.</summary>
        /// <param name="publicKey">32 bytes.</param>
        /// <param name="message">The message.</param>
        /// <param name="signature">64 bytes; one of another length is not right.</param>
        public SignedMessage(byte[] publicKey, byte[] message, byte[] signature)
        {
            PublicKey = publicKey ?? throw new ArgumentNullException(nameof(publicKey));
            Message = message ?? throw new ArgumentNullException(nameof(message));
            Signature = signature ?? throw new ArgumentNullException(nameof(signature));
        }

        /// <summary>Of a text, as UTF-8.</summary>
        public SignedMessage(byte[] publicKey, string message, byte[] signature)
            : this(publicKey, Signer.Utf8(message), signature)
        {
        }

        internal byte[] PublicKey { get; }

        internal byte[] Message { get; }

        internal byte[] Signature { get; }

        internal bool HasSignature => Signature.Length == Signer.SignatureLength;
    }
}
