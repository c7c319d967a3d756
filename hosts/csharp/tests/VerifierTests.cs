using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using EveryhostAdapter;
using EveryhostSigner;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>Which module verifies, its verdicts, and what becomes of bad items and of traps.</summary>
    [TestFixture]
    public class VerifierTests : Fixture
    {
        private const int Trapping = 255;

        private static readonly byte[] Garbage = { 0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 255 };
        private static readonly SignedMessage Hello = new SignedMessage(PublicKey, "hello", HelloSignature);

        // R is the identity and S is 0: right for every message under a key of small order, but not strictly.
        private static readonly SignedMessage SmallOrder = new SignedMessage(Padded(32, 1), "any", Padded(64, 1));

        private static readonly SignedMessage[] Some = {
            Hello,
            new SignedMessage(PublicKey, "hellO", HelloSignature),
            new SignedMessage(PublicKey, "hello", Flipped(HelloSignature, 511)),
            SmallOrder,
            new SignedMessage(Padded(32, 2), "hello", HelloSignature), // no point
            new SignedMessage(PublicKey, "hello", Part(HelloSignature, 63)),
            new SignedMessage(PublicKey, "hello", Part(HelloSignature, 65)),
            new SignedMessage(PublicKey, "hello", new byte[0]),
            new SignedMessage(PublicKey, new byte[0], HelloSignature),
            Hello,
        };

        [TestCase("signer-raw"), TestCase("verifier-lanes"), TestCase("verifier-lanes-relaxed")]
        public void TheVerdictsAreThoseOfVerify(string module)
        {
            Verifier verifier = Of(module);
            Signer signer = Keep(new Signer(Module("signer-raw")));
            Assert.That(verifier.VerifyMany(Some),
                Is.EqualTo(Some.Select(item => signer.Verify(item.PublicKey, item.Message, item.Signature))));
            Assert.That(verifier.VerifyManyStrict(Some),
                Is.EqualTo(Some.Select(item => signer.VerifyStrict(item.PublicKey, item.Message, item.Signature))));
            Assert.That(verifier.VerifyMany(new[] { Hello, SmallOrder }), Is.EqualTo(new[] { true, true }));
            Assert.That(verifier.VerifyManyStrict(new[] { Hello, SmallOrder }), Is.EqualTo(new[] { true, false }));
            Assert.That(verifier.VerifyMany(new SignedMessage[0]), Is.Empty);
        }

        [TestCase("verifier-lanes"), TestCase("verifier-lanes-relaxed")]
        public void WhatExceedsOneBatchIsSplit(string module)
        {
            SignedMessage wrong = new SignedMessage(PublicKey, "hellO", HelloSignature);
            SignedMessage[] items =
                Enumerable.Range(0, 2 * Signer.MaxBatchCount + 1).Select(n => n % 3 == 0 ? wrong : Hello).ToArray();
            Assert.That(Of(module).VerifyMany(items), Is.EqualTo(items.Select(item => item == Hello)));
        }

        [TestCase("signer-raw"), TestCase("verifier-lanes")]
        public void MessagesOfOver16MiBTogetherAreSplit(string module)
        {
            byte[] message = new byte[9 * MiB];
            SignedMessage item = new SignedMessage(PublicKey, message, Oracle.Sign(Seed, message));
            Assert.That(Of(module).VerifyMany(new[] { item, Hello, item }), Is.EqualTo(new[] { true, true, true }));
        }

        [TestCase("signer-raw"), TestCase("verifier-lanes")]
        public void ABadItemIsNamedAndNothingIsVerified(string module)
        {
            Verifier verifier = Of(module);
            SignedMessage shortKey = new SignedMessage(Part(PublicKey, 31), "", HelloSignature);
            SignedMessage longMessage = new SignedMessage(PublicKey, new byte[16 * MiB + 1], HelloSignature);
            verifier.Guest.BeforeCall = export => Assert.Fail(export);
            AssertRefused("PUBLIC_KEY_LENGTH: item 2: ", () => verifier.VerifyMany(new[] { Hello, Hello, shortKey }));
            AssertRefused(
                "MESSAGE_TOO_LARGE: item 1: ", () => verifier.VerifyMany(new[] { Hello, longMessage, shortKey }));
            AssertRefused("PUBLIC_KEY_LENGTH: item 0: ", () => verifier.VerifyManyStrict(new[] { shortKey }));
        }

        [Test]
        public void NullIsRefused()
        {
            Verifier verifier = Of("signer-raw");
            Assert.Throws<ArgumentNullException>(() => new Verifier((CompiledModule)null));
            Assert.Throws<ArgumentNullException>(() => new Verifier((BatchModules)null));
            Assert.Throws<ArgumentNullException>(() => verifier.VerifyMany(null));
            Assert.Throws<ArgumentNullException>(() => verifier.VerifyMany(new SignedMessage[] { Hello, null }));
            Assert.Throws<ArgumentNullException>(() => verifier.Hold(null));
            Assert.Throws<ArgumentNullException>(() => new SignedMessage(null, "", HelloSignature));
            Assert.Throws<ArgumentNullException>(() => new SignedMessage(PublicKey, (string)null, HelloSignature));
            Assert.Throws<ArgumentNullException>(() => new SignedMessage(PublicKey, (byte[])null, HelloSignature));
            Assert.Throws<ArgumentNullException>(() => new SignedMessage(PublicKey, "", null));
        }

        [TestCase(""), TestCase("garbage"), TestCase("self-test"), TestCase("garbage self-test self-test")]
        public void TheFirstModuleThatCanBeUsedVerifies(string passedOver)
        {
            List<byte[]> modules = passedOver.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries)
                                       .Select(what => what == "garbage" ? Garbage : Fake("i32.const 8"))
                                       .ToList();
            int place = modules.Count;
            modules.Add(File.ReadAllBytes(ModulePath("signer-raw")));
            modules.Add(Fake("i32.const 0"));
            Verifier verifier = Of(modules.ToArray());
            Assert.That(verifier.ModuleIndex, Is.EqualTo(place));
            Assert.That(verifier.VerifyMany(new[] { Hello }), Is.EqualTo(new[] { true }));
        }

        [Test]
        public void WhereNoneCanBeUsedTheLastSaysWhy()
        {
            byte[] selfTestFails = Fake("i32.const 8");
            byte[] noVerifier = Wat.FakeSignerBytes("verify", null, "verify_strict", null);
            AssertCode("SELF_TEST_FAILED", () => Of(Garbage, selfTestFails));
            AssertCode("NO_EXPORT", () => Of(selfTestFails, noVerifier));
            AssertCode("TRAPPED", () => Of(Fake("unreachable"), noVerifier));
            Assert.That(Assert.Throws<InvalidDataException>(() => Of(selfTestFails, Garbage)).Message,
                Matches("^wasmtime cannot compile this module"));
            Assert.Throws<ArgumentException>(() => Of(new byte[0][]));
            AssertCode("NO_EXPORT", () => new Verifier(Module("add-raw")));
            AssertCode("SELF_TEST_FAILED", () => new Verifier(Keep(new CompiledModule(selfTestFails))));
        }

        [Test]
        public void ATrapIsToldAndTheVerifierGoesOn()
        {
            Verifier verifier = Of(Fake());
            SignedMessage good = new SignedMessage(Padded(32, 7), "", new byte[64]);
            SignedMessage bad = new SignedMessage(Padded(32, Trapping), "", new byte[64]);
            for (int round = 0; round < 2; round++)
            {
                AssertCode("TRAPPED", () => verifier.VerifyMany(new[] { good, bad }));
                Assert.That(verifier.VerifyMany(new[] { good, good }), Is.EqualTo(new[] { true, true }));
            }
            verifier.ReplaceModule(Keep(new CompiledModule(Fake("unreachable")))); // what comes up after the next trap
            AssertCode("TRAPPED", () => verifier.VerifyMany(new[] { bad }));
            AssertCode("CLOSED", () => verifier.VerifyMany(new[] { good }));
        }

        [Test]
        public void WhatTheModuleRefusesIsToldAndNothingIsLost()
        {
            Verifier verifier = Of(Wat.FakeSignerBytes("verify", "i32.const 6"));
            Guest guest = verifier.Guest;
            AssertCode("OUT_OF_MEMORY", () => verifier.VerifyMany(new[] { Hello }));
            Assert.That(verifier.VerifyManyStrict(new[] { Hello }), Is.EqualTo(new[] { true }));
            Assert.That(verifier.Guest, Is.SameAs(guest));
        }

        [Test]
        public void AModuleThatBreaksItsContractGetsANewInstance()
        {
            Verifier verifier = Of(Wat.FakeSignerBytes("verify", "i32.const 99"));
            Assert.Throws<InvalidDataException>(() => verifier.VerifyMany(new[] { Hello }));
            Assert.That(verifier.VerifyManyStrict(new[] { Hello }), Is.EqualTo(new[] { true }));
            Assert.Throws<InvalidDataException>(() => Of(Wat.FakeSignerBytes("abi_version", "i32.const 2")));
        }

        [TestCase("signer-raw", false), TestCase("verifier-lanes", true), TestCase("verifier-lanes-relaxed", true)]
        public void KeysAreHeldWhereTheModuleHoldsAny(string module, bool holds)
        {
            Verifier verifier = Of(module);
            Assert.That(verifier.Hold(PublicKey), Is.EqualTo(holds));
            Assert.That(verifier.Hold(Padded(32, 2)), Is.False, "it is no point");
            AssertCode("PUBLIC_KEY_LENGTH", () => verifier.Hold(Part(PublicKey, 33)));
            Assert.That(verifier.VerifyMany(Some), Is.EqualTo(Of("signer-raw").VerifyMany(Some)));
        }

        [TestCase("signer-raw"), TestCase("verifier-lanes")]
        public void ACallWithinACallIsToldAndChangesNothing(string module)
        {
            Verifier verifier = Of(module);
            List<string> ends = new List<string>();
            verifier.Guest.BeforeCall = export =>
            {
                ends.Add(EndOf(() => verifier.VerifyMany(new SignedMessage[0])));
                ends.Add(EndOf(() => verifier.VerifyManyStrict(Some)));
                ends.Add(EndOf(() => verifier.Hold(PublicKey)));
                ends.Add(EndOf(verifier.Dispose));
            };
            Assert.That(verifier.VerifyMany(new[] { Hello, Hello }), Is.EqualTo(new[] { true, true }));
            Assert.That(ends, Is.Not.Empty);
            Assert.That(ends.Distinct(), Is.EqualTo(new[] { "IN_USE" }));
        }

        [Test]
        public void AClosedOneSaysSo()
        {
            Verifier verifier = Of("signer-raw");
            verifier.Dispose();
            verifier.Dispose();
            AssertCode("CLOSED", () => verifier.VerifyMany(Some));
            AssertCode("CLOSED", () => verifier.VerifyManyStrict(new SignedMessage[0]));
            AssertCode("CLOSED", () => verifier.Hold(PublicKey));
        }

        [Test]
        public void TheAdapterAnswersForBothKinds()
        {
            string item = "{'public_key':'" + Hex(PublicKey) + "','message':'68656c6c6f','signature':'" +
                          Hex(HelloSignature) + "'}";
            string items =
                "'items':[" + item + ",{'public_key':{'repeat':'00','times':32},'message':'','signature':''}]";
            foreach (string name in new[] { "signer-raw", "verifier-lanes" })
            {
                Operations module = Keep(new Operations(File.ReadAllBytes(ModulePath(name))));
                Action<string, string, string> assert = (operation, given, expected) =>
                    AssertJson(module.Run(operation, JObject.Parse("{" + given + "}")), expected);
                assert("verify_many", items, "{'ok':{'verdicts':'0100'}}");
                assert("verify_many_strict", items + ",'order':[1,0,0,1]", "{'ok':{'verdicts':'00010100'}}");
                assert("verify_many", "'items':[]", "{'ok':{'verdicts':''}}");
                assert("verify", item.Trim('{', '}'), "{'ok':{'valid':true}}");
                assert("verify_strict", "'public_key':'','message':'','signature':''", "{'error':'PUBLIC_KEY_LENGTH'}");
                foreach (string wrong in new[] { "", "'items':[5]", "'items':[],'order':[0]", "'items':[],'order':5",
                             items + ",'order':[2]", items + ",'order':[-1]", items + ",'order':['0']" })
                {
                    JObject given = JObject.Parse("{" + wrong + "}");
                    Assert.Throws<RequestException>(() => module.Run("verify_many", given), wrong);
                }
            }
            Operations lanes = Keep(new Operations(File.ReadAllBytes(ModulePath("verifier-lanes"))));
            Assert.That(lanes.Names.Where(name => !name.Contains("raw") && name != "wasi"),
                Is.EquivalentTo(new[] { "verify", "verify_strict", "verify_many", "verify_many_strict" }));
        }

        [Test]
        public void AfterATrapTheAdapterAnswersTheNext()
        {
            Operations module = Keep(new Operations(Fake()));
            string item = "'message':'','signature':'','public_key':";
            for (int round = 0; round < 2; round++)
            {
                JObject bad = JObject.Parse("{" + item + "{'repeat':'ff','times':32}}");
                JObject good = JObject.Parse("{" + item + "{'repeat':'07','times':32}}");
                AssertJson(module.Run("verify", bad), "{'trap':true}");
                AssertJson(module.Run("verify", good), "{'ok':{'valid':false}}");
            }
        }

        private Verifier Of(string module) => Keep(new Verifier(Module(module)));

        private Verifier Of(params byte[][] modules) => Keep(new Verifier(Keep(new BatchModules(modules))));

        private static byte[] Padded(int length, int first)
        {
            byte[] bytes = new byte[length];
            bytes[0] = (byte)first;
            return bytes;
        }

        private static void AssertRefused(string beginning, TestDelegate call)
        { Assert.That(Assert.Throws<SignerException>(call).Message, Matches("^" + beginning)); }

        // Made for batches. All that it is given is right to it, but it traps if the first or the second key begins with 255.
        private static byte[] Fake(string verifyBatch = null)
        {
            string trapping =
                "(if (i32.or (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 255))" +
                " (i32.eq (i32.load8_u (i32.const 1124)) (i32.const 255))) (then unreachable)) i32.const 0";
            Dictionary<string, string> functions = new Dictionary<string, string> {
                { "verifier_abi_version", "(result i32) i32.const 1" },
                { "max_message_len", "(result i32) i32.const 4096" },
                { "get_public_key_ptr", "(result i32) i32.const 0" },
                { "hold_key", "(result i32) i32.const 1" },
                { "allocate_verify_batch", "(param i32 i32) (result i32) i32.const 1024" },
                { "verify_batch", "(result i32) " + (verifyBatch ?? trapping) },
                { "verify_batch_strict", "(result i32) i32.const 0" },
                { "get_verdicts_ptr", "(result i32) i32.const 512" },
            };
            return Wat.Bytes(
                "(module (memory (export \"memory\") 1) (data (i32.const 512) \"" +
                string.Concat(Enumerable.Repeat("\\01", 64)) + "\") " +
                string.Concat(functions.Select(one => "(func (export \"" + one.Key + "\") " + one.Value + ")")) + ")");
        }
    }
}
