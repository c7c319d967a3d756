using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using EveryhostExample;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>A signer that fails at its n-th call: what is documented holds, and no secret is left.</summary>
    [TestFixture]
    public class FaultySignerTests : Fixture
    {
        private const string Trap = "TRAP-AT:";
        private const string Fail = "FAIL-AT:";
        private const int Never = 1000000;
        private const int MostCalls = 40;
        private const int CallsToStart = 4; // of an instance and its key
        private const uint KeyBuffer = 0x100;
        private const uint HeldKey = 0x200;
        private const uint Stack = 0x240;

        private static readonly byte[] Wasm = File.ReadAllBytes(FixturePath("signer-faulty"));
        private static readonly byte[] OtherSeed = OpenSsl.Sha512(Utf8("another seed")).Take(32).ToArray();
        private static readonly byte[] OtherKeypair = OtherSeed.Concat(new byte[32]).ToArray();
        private static readonly Dictionary<string, CompiledModule> Compiled = new Dictionary<string, CompiledModule>();

        internal static readonly Dictionary<string, Action<Signer>> Methods = new Dictionary<string, Action<Signer>> {
            { "GetPublicKey", signer => signer.GetPublicKey() },
            { "BatchModule", signer => Assert.That(signer.BatchModule, Is.LessThan(1)) },
            { "ToString", signer => signer.ToString() },
            { "Sign", signer => signer.Sign("hello") },
            { "SignMany of none", signer => signer.SignMany(new string[0]) },
            { "SignMany of one", signer => signer.SignMany(new[] { "hello" }) },
            { "SignMany of three", signer => signer.SignMany(new[] { "a", "b", "c" }) },
            { "SignWith", signer => signer.SignWith(OtherKeypair, "hello") },
            { "DerivePublicKey", signer => signer.DerivePublicKey(OtherSeed) },
            { "Verify", signer => signer.Verify(PublicKey, "hello", HelloSignature) },
            { "VerifyStrict", signer => signer.VerifyStrict(PublicKey, "hello", HelloSignature) },
            { "LoadKey", signer => signer.LoadKey(OtherKeypair) },
            { "LoadKey of the wrong length", signer => signer.LoadKey(OtherSeed) },
            { "LoadKey of null", signer => signer.LoadKey(null) },
            { "Wipe", signer => signer.Wipe() },
            { "Dispose", signer => signer.Dispose() },
        };

        [TestCase(Trap), TestCase(Fail)]
        public void WhateverACallEndsInTheStateIsTheDocumentedOne(string marker)
        {
            string[] failures = marker == Trap
                                    ? new[] { "TRAPPED" }
                                    : new[] { "SELF_TEST_FAILED", "OUT_OF_MEMORY", "TRAPPED" }; // "sign" has no status
            for (int n = 1; n <= MostCalls; n++)
            {
                CompiledModule module = Patched(marker, n);
                bool starts = n > CallsToStart;
                foreach (KeyValuePair<string, Action<Signer>> method in Methods)
                {
                    string what = marker + n + ", " + method.Key;
                    using (Watch watch = new Watch())
                    {
                        string made = EndOf(() => new Signer(module, Keypair).Dispose());
                        Assert.That(made == "OK", Is.EqualTo(starts), what);
                        Assert.That(starts || failures.Contains(made), what);
                        if (starts)
                        {
                            Signer signer = new Signer(module, Keypair);
                            byte[] held = signer.Held.Bytes;
                            string end = EndOf(() => method.Value(signer));
                            AssertState(what, method.Key, end, signer, failures);
                            signer.Dispose();
                            Assert.That(held, Is.EqualTo(new byte[64]), what);
                        }
                        watch.AssertClean(what);
                    }
                }
            }
        }

        private static void AssertState(string what, string method, string end, Signer signer, string[] failures)
        {
            if (method == "Dispose")
            {
                Assert.That(end, Is.EqualTo("OK"), what);
                Assert.That(signer.Guest, Is.Null, what);
                return;
            }
            string expected = method == "LoadKey of null"               ? "ArgumentNullException"
                              : method == "LoadKey of the wrong length" ? "KEY_LENGTH"
                                                                        : "OK";
            Assert.That(end == expected || failures.Contains(end), what + " ended in " + end);
            Assert.That(signer.Guest, Is.Not.Null, what);
            bool loaded = method == "LoadKey" && end == "OK";
            bool holds = loaded || !(method.StartsWith("LoadKey", StringComparison.Ordinal) || method == "Wipe");
            byte[] key = !holds ? null : loaded ? OtherKeypair : Keypair;
            Assert.That(signer.Held?.Bytes, Is.EqualTo(key), what);
            Assert.That(signer.Guest.Read(HeldKey, 64), Is.EqualTo(key ?? new byte[64]), what);
            Assert.That(signer.Guest.Read(KeyBuffer, 64), Is.EqualTo(new byte[64]), what);
            Assert.That(signer.Guest.Read(Stack, 64), Is.EqualTo(new byte[64]), what);
        }

        [TestCase(Trap, 1), TestCase(Trap, 2), TestCase(Trap, 3), TestCase(Trap, 4), TestCase(Fail, 3)]
        [TestCase(Fail, 4)]
        public void ASignerThatCannotBeRestoredIsClosedForGood(string second, int failsAt)
        {
            int closed = 0;
            foreach (string first in new[] { Trap, Fail })
            {
                for (int n = CallsToStart + 1; n <= 10; n++)
                {
                    foreach (KeyValuePair<string, Action<Signer>> method in Methods)
                    {
                        string what = first + n + ", then " + second + failsAt + ", " + method.Key;
                        using (Watch watch = new Watch()) using (
                            BatchModules batchModules = new BatchModules(new[] { PatchedBytes(Trap, Never) }))
                        {
                            Signer signer = new Signer(Patched(first, n), Keypair, batchModules);
                            signer.SignMany(new[] { "a", "b" });
                            Signer batch = signer.BatchSigner;
                            byte[][] held = { signer.Held.Bytes, batch.Held.Bytes };
                            signer.ReplaceModule(Patched(second, failsAt));
                            string end = EndOf(() => method.Value(signer));
                            if (signer.Guest == null && method.Key != "Dispose")
                            {
                                closed++;
                                Assert.That(first == Fail || end == "TRAPPED" || end == "ArgumentNullException", what);
                                Assert.That(EndOf(() => signer.Sign("hello")), Is.EqualTo("CLOSED"), what);
                                Assert.That(EndOf(() => signer.LoadKey(Keypair)), Is.EqualTo("CLOSED"), what);
                                Assert.That(batch.Guest, Is.Null, what);
                                Assert.That(held, Is.EqualTo(new[] { new byte[64], new byte[64] }), what);
                                watch.AssertClean(what + ": nobody disposed of it");
                            }
                            signer.Dispose();
                            watch.AssertClean(what);
                        }
                    }
                }
            }
            Assert.That(closed, Is.GreaterThan(20));
        }

        [TestCase(Trap), TestCase(Fail)]
        public void ABatchSignerThatFailsLeavesNothingAndTheMainModuleGoesOn(string marker)
        {
            string[] hellos = { "hello", "hello" };
            for (int n = 1; n <= MostCalls; n++)
            {
                foreach (bool restorable in new[] { true, false })
                {
                    string what = marker + n + (restorable ? "" : ", not to be restored");
                    using (Watch watch = new Watch()) using (
                        BatchModules batchModules = new BatchModules(new[] { PatchedBytes(marker, n) }))
                    {
                        Signer signer = new Signer(Patched(Trap, Never), Keypair, batchModules);
                        for (int round = 0; round < 8; round++)
                        {
                            Signer before = signer.BatchSigner;
                            string end = EndOf(() => signer.SignMany(hellos));
                            Assert.That(
                                new[] { "OK", "TRAPPED", "SELF_TEST_FAILED", "OUT_OF_MEMORY" }.Contains(end), what);
                            Assert.That(EndOf(() => signer.Sign("hello")), Is.EqualTo("OK"), what);
                            if (!restorable && end == "TRAPPED" && before != null)
                            {
                                Assert.That(before.Guest, Is.Null, what);
                                Assert.That(signer.BatchSigner, Is.Null, what + ": a closed one is dropped");
                                Assert.That(EndOf(() => signer.SignMany(hellos)), Is.EqualTo("OK"), what);
                            }
                            if (!restorable) { signer.BatchSigner?.ReplaceModule(Patched(Trap, 1)); }
                        }
                        foreach (Action<Signer> last in new[] { Methods["LoadKey of the wrong length"],
                                     Methods["Wipe"] })
                        {
                            string end = EndOf(() => last(signer));
                            Assert.That(new[] { "OK", "KEY_LENGTH", "TRAPPED" }.Contains(end), what + end);
                            Assert.That(signer.Held, Is.Null, what);
                            Assert.That(SecretTests.HoldsPartOf(signer.Guest.Read(0, 65536), Seed), Is.False, what);
                            Assert.That(signer.BatchSigner?.Held, Is.Null, what);
                        }
                        signer.Dispose();
                        watch.AssertClean(what);
                    }
                }
            }
        }

        [Test]
        public void AModuleThatIsGoneAfterATrapClosesItsSigner()
        {
            CompiledModule module = new CompiledModule(PatchedBytes(Trap, 6));
            Signer signer = new Signer(module, Keypair);
            module.Dispose();
            AssertCode("TRAPPED", () => signer.Sign("hello"));
            AssertCode("CLOSED", () => signer.Sign("hello"));
            Assert.That(signer.Held, Is.Null);
        }

        [TestCase("derive_public_key", "DerivePublicKey"), TestCase("sign", "SignWith")]
        [TestCase("load_key", "LoadKey")]
        public void AnExceptionOfTheHostInTheMiddleOfACallIsAsATrap(string export, string method)
        {
            Watch watch = Keep(new Watch());
            Signer signer = Keep(new Signer(Patched(Trap, Never), Keypair));
            signer.Guest.BeforeCall = name =>
            {
                if (name == export) { throw new TimeZoneNotFoundException("odd"); }
            };
            Assert.Throws<TimeZoneNotFoundException>(() => Methods[method](signer));
            Assert.That(watch.Ended, Is.EqualTo(1), "the instance was cleared and ended");
            Assert.That(signer.Held?.Bytes, Is.EqualTo(method == "LoadKey" ? null : Keypair));
            Assert.That(
                SecretTests.HoldsPartOf(signer.Guest.Read(0, 65536), OtherSeed), Is.False, "nor in the new one");
        }

        private static byte[] PatchedBytes(string marker, int n)
        {
            byte[] wasm = (byte[])Wasm.Clone();
            int at = Encoding.GetEncoding("iso-8859-1").GetString(wasm).IndexOf(marker, StringComparison.Ordinal);
            BitConverter.GetBytes(n).CopyTo(wasm, at + marker.Length); // little-endian, as wherever this is run
            return wasm;
        }

        private static CompiledModule Patched(string marker, int n)
        {
            if (!Compiled.TryGetValue(marker + n, out CompiledModule module))
            {
                module = new CompiledModule(PatchedBytes(marker, n));
                Compiled.Add(marker + n, module);
            }
            return module;
        }

        /// <summary>Looks at every instance that is made: it must end without a secret.</summary>
        private sealed class Watch : IDisposable
        {
            internal Watch() => Guest.Made += Look;

            internal int Made { get; private set; }

            internal int Ended { get; private set; }

            internal bool SawSecrets { get; private set; }

            /// <summary>All have ended, and there was no secret in them any more.</summary>
            internal void AssertClean(string what)
            {
                Assert.That(Ended, Is.EqualTo(Made), what);
                Assert.That(SawSecrets, Is.False, what);
            }

            public void Dispose() => Guest.Made -= Look;

            private void Look(Guest guest)
            {
                Made++;
                guest.BeforeDispose = () =>
                {
                    Ended++;
                    byte[] memory = guest.Read(0, guest.MemoryLength);
                    SawSecrets |= SecretTests.HoldsPartOf(memory, Seed) || SecretTests.HoldsPartOf(memory, OtherSeed);
                };
            }
        }
    }
}
