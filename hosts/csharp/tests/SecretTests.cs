using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading;
using EveryhostExample;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>After a wipe, no eight bytes in a row of any secret stay in linear memory, nor in this process's copy.</summary>
    [TestFixture]
    public class SecretTests : SignerFixture
    {
        private const int RunLength = 8;

        private static readonly byte[][] Messages = { Utf8("hello"), new byte[0], Filled(5000, 97) };
        private static readonly byte[] OtherSeed = Enumerable.Range(1, 32).Select(n => (byte)n).ToArray();

        private static readonly BigInteger GroupOrder =
            BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

        [TestCase("load_key"), TestCase("sign"), TestCase("sign_many"), TestCase("sign_with")]
        [TestCase("derive_public_key"), TestCase("replaced key"), TestCase("reload after a trap")]
        [TestCase("refused key")]
        public void AWipeLeavesNoSecret(string path)
        {
            Paths[path](_signer);
            string[] found = FoundIn(_signer.Guest, Seed).Concat(FoundIn(_signer.Guest, OtherSeed)).ToArray();
            Assert.That(found.Contains("prefix") || path == "refused key", "the scan finds the held key before");
            _signer.Wipe();
            Assert.That(FoundIn(_signer.Guest, Seed), Is.Empty);
            Assert.That(FoundIn(_signer.Guest, OtherSeed), Is.Empty);
        }

        [Test]
        public void TheKeyBufferIsEmptyAfterEveryCall()
        {
            byte[] empty = new byte[64];
            uint at = _signer.Guest.Call("get_signing_key_ptr");
            foreach (string path in new[] { "sign_with", "derive_public_key", "load_key", "refused key" })
            {
                Paths[path](_signer);
                Assert.That(_signer.Guest.Read(at, 64), Is.EqualTo(empty), path);
            }
        }

        [Test]
        public void TheScanFindsEveryKindOfSecret()
        {
            foreach (KeyValuePair<string, byte[]> secret in SecretsOf(Seed))
            {
                using (Guest guest = Module("signer-raw").Instantiate())
                {
                    Assert.That(FoundIn(guest, Seed), Is.Empty);
                    byte[] tail = secret.Value.Skip(secret.Value.Length - RunLength).ToArray();
                    guest.Write(guest.Call("allocate_message", 24) + 3, tail);
                    Assert.That(FoundIn(guest, Seed).Contains(secret.Key), secret.Key);
                }
            }
        }

        [Test]
        public void ClosingWipesBeforeMemoryIsGivenBack()
        {
            Signer signer = NewSigner();
            signer.SignMany(Messages);
            Guest guest = signer.Guest;
            Assert.That(FoundIn(guest, Seed), Is.Not.Empty);
            string[] seen = null;
            guest.BeforeDispose = () => seen = FoundIn(guest, Seed);
            signer.Dispose();
            Assert.That(seen, Is.Empty);
        }

        [TestCase("wipe"), TestCase("close"), TestCase("replaced key"), TestCase("wrong length")]
        [TestCase("refused key"), TestCase("null")]
        public void TheProcessesOwnCopyOfTheKeyIsClearedInPlace(string path)
        {
            byte[] held = _signer.Held.Bytes;
            Assert.That(held, Is.EqualTo(Keypair));
            Assert.That(held, Is.Not.SameAs(Keypair));
            Paths[path](_signer);
            Assert.That(held, Is.EqualTo(new byte[64]));
        }

        [TestCase("refused key"), TestCase("wrong length"), TestCase("null")]
        public void AKeyThatIsRefusedIsNotLeftOnTheModulesStackNorTheOneBefore(string path)
        {
            Paths[path](_signer);
            Assert.That(FoundIn(_signer.Guest, Seed), Is.Empty);
            Assert.That(_signer.Held, Is.Null);
        }

        [Test]
        public void ARefusedSeedIsWipedAndTheHeldKeyIsLoadedAgain()
        {
            Signer signer = Keep(new Signer(Wat.FakeSigner("derive_public_key", "i32.const 8"), Keypair));
            List<string> calls = new List<string>();
            signer.Guest.BeforeCall = calls.Add;
            AssertCode("SELF_TEST_FAILED", () => signer.DerivePublicKey(OtherSeed));
            signer.Guest.BeforeCall = null;
            Assert.That(calls, Is.EqualTo(new[] { "get_signing_key_ptr", "derive_public_key", "wipe",
                "get_signing_key_ptr", "load_key" }));
            Assert.That(signer.Guest.Read(0, 64), Is.EqualTo(Keypair), "in the fake's key buffer");
        }

        [Test]
        public void ASignerThatIsDroppedIsClearedByItsFinalizer()
        {
            byte[][] held = null;
            List<bool> cleared = new List<bool>();
            // On a thread of its own, whose stack is gone: Mono looks for references in whatever is on one.
            Thread thread = new Thread(() => held = Drop(cleared));
            thread.Start();
            thread.Join();
            for (int n = 0; n < 1000 && cleared.Count < 2; n++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Thread.Sleep(5);
            }
            Assert.That(cleared, Is.EqualTo(new[] { true, true }));
            Assert.That(held, Is.EqualTo(new[] { new byte[64], new byte[64] }));
        }

        private static byte[][] Drop(List<bool> cleared)
        {
            BatchModules batchModules =
                new BatchModules(new[] { System.IO.File.ReadAllBytes(ModulePath("signer-raw-simd")) });
            Signer signer = new Signer(Module("signer-raw"), Keypair, batchModules);
            signer.SignMany(Messages);
            foreach (Signer one in new[] { signer, signer.BatchSigner })
            {
                Guest guest = one.Guest;
                guest.BeforeDispose = () => cleared.Add(guest.Read(0, guest.MemoryLength).All(value => value == 0));
            }
            return new[] { signer.Held.Bytes, signer.BatchSigner.Held.Bytes };
        }

        [Test]
        public void TheKeyCanBeUsedAgainAfterAWipeByLoadingIt()
        {
            _signer.Wipe();
            _signer.LoadKey(Keypair);
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature));
        }

        /// <summary>What is done with a signer that holds the test key.</summary>
        internal static readonly Dictionary<string, Action<Signer>> Paths = new Dictionary<string, Action<Signer>> {
            { "load_key", signer => signer.LoadKey(Keypair) },
            { "sign", signer => Array.ForEach(Messages, message => signer.Sign(message)) },
            { "sign_many", signer => signer.SignMany(Messages) },
            { "sign_with", signer => Array.ForEach(Messages, message => signer.SignWith(Keypair, message)) },
            { "derive_public_key", signer => signer.DerivePublicKey(Seed) },
            { "replaced key", signer => signer.LoadKey(Oracle.Keypair(OtherSeed)) },
            { "reload after a trap", signer => AssertCode("TRAPPED", () => signer.SignWith(Mismatched, "hello")) },
            { "wrong length", signer => AssertCode("KEY_LENGTH", () => signer.LoadKey(new byte[0])) },
            { "refused key", signer => AssertCode("KEY_PAIR_MISMATCH", () => signer.LoadKey(Mismatched)) },
            { "null", signer => Assert.Throws<ArgumentNullException>(() => signer.LoadKey(null)) },
            { "wipe", signer => signer.Wipe() },
            { "close", signer => signer.Dispose() },
        };

        /// <summary>The names of the secrets that have eight bytes in a row somewhere in linear memory.</summary>
        internal static string[] FoundIn(Guest guest, byte[] seed)
        { return FoundIn(guest.Read(0, guest.MemoryLength), SecretsOf(seed)); }

        /// <summary>Whether eight bytes in a row of a secret are there.</summary>
        internal static bool HoldsPartOf(byte[] memory, byte[] secret)
        { return FoundIn(memory, new Dictionary<string, byte[]> { { "secret", secret } }).Length > 0; }

        private static string[] FoundIn(byte[] memory, Dictionary<string, byte[]> secrets)
        {
            Dictionary<ulong, string> runs = new Dictionary<ulong, string>();
            foreach (KeyValuePair<string, byte[]> secret in secrets)
            {
                for (int at = 0; at + RunLength <= secret.Value.Length; at++)
                {
                    runs[BitConverter.ToUInt64(secret.Value, at)] = secret.Key;
                }
            }
            HashSet<string> found = new HashSet<string>();
            ulong window = 0;
            for (int at = 0; at < memory.Length; at++)
            {
                window = window >> 8 | (ulong)memory[at] << 56;
                if (window != 0 && at >= RunLength - 1 && runs.TryGetValue(window, out string name))
                {
                    found.Add(name);
                }
            }
            return found.ToArray();
        }

        /// <summary>The seed, and all that RFC 8032, section 5.1.6, makes of it that must stay secret.</summary>
        private static Dictionary<string, byte[]> SecretsOf(byte[] seed)
        {
            byte[] digest = OpenSsl.Sha512(seed);
            byte[] prefix = digest.Skip(32).ToArray();
            byte[] scalar = digest.Take(32).ToArray();
            scalar[0] &= 248;
            scalar[31] = (byte)(scalar[31] & 63 | 64);
            Dictionary<string, byte[]> secrets = new Dictionary<string, byte[]> {
                { "seed", seed },
                { "hashed seed", digest.Take(32).ToArray() },
                { "scalar", scalar },
                { "scalar mod L", Reduced(scalar) },
                { "prefix", prefix },
            };
            for (int n = 0; n < Messages.Length; n++)
            {
                byte[] nonce = OpenSsl.Sha512(prefix.Concat(Messages[n]).ToArray());
                secrets.Add("hashed nonce " + n, nonce);
                secrets.Add("nonce " + n, Reduced(nonce));
            }
            return secrets;
        }

        private static byte[] Reduced(byte[] littleEndian)
        {
            BigInteger number = new BigInteger(littleEndian.Concat(new byte[1]).ToArray()); // the last byte is the sign
            byte[] reduced = (number % GroupOrder).ToByteArray();
            Array.Resize(ref reduced, 32);
            return reduced;
        }
    }
}
