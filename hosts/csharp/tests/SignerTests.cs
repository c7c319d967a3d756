using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>The wrapper: what it answers, what it refuses, and in which order it looks.</summary>
    [TestFixture]
    public class SignerTests : SignerFixture
    {
        private static readonly byte[] TooLong = new byte[16 * MiB + 1];

        [TestCase("signer-raw"), TestCase("signer-raw-simd")]
        public void SignsHelloAsTheBookDoes(string module)
        {
            Signer signer = Keep(new Signer(Module(module), Keypair));
            Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
            Assert.That(signer.Sign(Utf8("hello")), Is.EqualTo(HelloSignature));
            Assert.That(signer.SignWith(Keypair, "hello"), Is.EqualTo(HelloSignature));
            Assert.That(signer.SignMany(new[] { "hello" }), Is.EqualTo(new[] { HelloSignature }));
            Assert.That(signer.GetPublicKey(), Is.EqualTo(PublicKey));
            Assert.That(signer.DerivePublicKey(Seed), Is.EqualTo(PublicKey));
        }

        [Test]
        public void SignersOfOneModuleAreApart()
        {
            byte[] seed = new byte[32];
            Signer one = Keep(NewSigner());
            Signer two = Keep(new Signer(Module("signer-raw"), Oracle.Keypair(seed)));
            Assert.That(one.Sign("hello"), Is.EqualTo(HelloSignature));
            Assert.That(two.Sign("hello"), Is.EqualTo(Oracle.Sign(seed, Utf8("hello"))));
            one.Wipe();
            Assert.That(two.Sign("hello"), Is.EqualTo(Oracle.Sign(seed, Utf8("hello"))));
        }

        [TestCase(""), TestCase("gr\u00fc\u00df dich"), TestCase("\u05e9\u05dc\u05d5\u05dd")]
        [TestCase("\ud83d\ude00\0")]
        public void TextIsSignedAsUtf8(string text)
        {
            byte[] expected = Oracle.Sign(Seed, Utf8(text));
            Assert.That(_signer.Sign(text), Is.EqualTo(expected));
            Assert.That(_signer.SignWith(Keypair, text), Is.EqualTo(expected));
            Assert.That(_signer.SignMany(new[] { text }), Is.EqualTo(new[] { expected }));
            Assert.That(_signer.Verify(PublicKey, text, expected));
            Assert.That(_signer.VerifyStrict(PublicKey, text, expected));
        }

        [Test]
        public void WhatIsNoMessageIsAnArgumentExceptionAndChangesNothing()
        {
            Assert.Throws<ArgumentNullException>(() => _signer.Sign((string)null));
            Assert.Throws<ArgumentNullException>(() => _signer.Sign((byte[])null));
            Assert.Throws<ArgumentNullException>(() => _signer.SignMany(new byte[][] { null }));
            Assert.Throws<ArgumentNullException>(() => _signer.Verify(null, "hello", HelloSignature));
            Assert.Throws<ArgumentNullException>(() => _signer.Verify(PublicKey, "hello", null));
            Assert.Throws<ArgumentNullException>(() => _signer.SignMany((IEnumerable<byte[]>)null));
            Assert.Throws<ArgumentNullException>(() => _signer.SignWith(null, "hello"));
            Assert.Throws<ArgumentNullException>(() => _signer.DerivePublicKey(null));
            Assert.Throws<EncoderFallbackException>(() => _signer.Sign("\ud800"), "half a pair of surrogates");
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature));
        }

        [TestCase(0), TestCase(1), TestCase(32), TestCase(63), TestCase(65), TestCase(128)]
        public void AKeypairOfTheWrongLengthIsRefused(int length)
        {
            byte[] wrong = Part(Keypair, length);
            AssertCode("KEY_LENGTH", () => new Signer(Module("signer-raw"), wrong));
            AssertCode("KEY_LENGTH", () => _signer.SignWith(wrong, "hello"));
        }

        [TestCase(0), TestCase(31), TestCase(33), TestCase(64)]
        public void SeedsAndPublicKeysOfTheWrongLengthAreRefused(int length)
        {
            byte[] wrong = new byte[length];
            AssertCode("KEY_LENGTH", () => _signer.DerivePublicKey(wrong));
            AssertCode("PUBLIC_KEY_LENGTH", () => _signer.Verify(wrong, "hello", HelloSignature));
            AssertCode("PUBLIC_KEY_LENGTH", () => _signer.VerifyStrict(wrong, "hello", HelloSignature));
        }

        [Test]
        public void HalvesThatDoNotBelongTogetherAreRefused()
        { AssertCode("KEY_PAIR_MISMATCH", () => new Signer(Module("signer-raw"), Mismatched)); }

        [Test]
        public void AMessageMayHave16MiBAndNoByteMore()
        {
            byte[] longest = new byte[16 * MiB];
            byte[] expected = Oracle.Sign(Seed, longest);
            Assert.That(_signer.Sign(longest), Is.EqualTo(expected));
            Assert.That(_signer.SignWith(Keypair, longest), Is.EqualTo(expected));
            AssertCode("MESSAGE_TOO_LARGE", () => _signer.Sign(TooLong));
            AssertCode("MESSAGE_TOO_LARGE", () => _signer.SignWith(Keypair, TooLong));
            AssertCode("MESSAGE_TOO_LARGE", () => _signer.SignMany(new[] { new byte[0], TooLong }));
            AssertCode("MESSAGE_TOO_LARGE", () => _signer.Verify(PublicKey, TooLong, HelloSignature));
        }

        [Test]
        public void TheKeyIsLookedAtFirstThenTheMessageThenTheSignature()
        {
            byte[] none = new byte[0];
            AssertCode("KEY_LENGTH", () => _signer.SignWith(none, TooLong));
            AssertCode("PUBLIC_KEY_LENGTH", () => _signer.Verify(none, TooLong, none));
            AssertCode("MESSAGE_TOO_LARGE", () => _signer.Verify(PublicKey, TooLong, none));
            _signer.Wipe();
            AssertCode("NO_KEY", () => _signer.Sign(TooLong));
            AssertCode("NO_KEY", () => _signer.SignMany(new[] { TooLong }));
        }

        [TestCase(0), TestCase(1), TestCase(1000), TestCase(4096), TestCase(4097), TestCase(8193)]
        public void ManyAreSignedAsOneByOne(int count)
        {
            List<string> messages = Enumerable.Range(0, count).Select(n => n.ToString()).ToList();
            IReadOnlyList<byte[]> signatures = _signer.SignMany(messages);
            Assert.That(signatures.Count, Is.EqualTo(count));
            for (int n = 0; n < count; n++)
            {
                Assert.That(Hex(signatures[n]), Is.EqualTo(Hex(Oracle.Sign(Seed, Utf8(messages[n])))));
            }
        }

        [Test]
        public void BatchesOver16MiBAreSplit()
        {
            int[] lengths = { 9 * MiB, 9 * MiB, 7 * MiB, 1, 16 * MiB, 0, 1 };
            byte[][] messages = lengths.Select((length, n) => Filled(length, (byte)n)).ToArray();
            IReadOnlyList<byte[]> signatures = _signer.SignMany(messages);
            for (int n = 0; n < messages.Length; n++)
            {
                Assert.That(Hex(signatures[n]), Is.EqualTo(Hex(Oracle.Sign(Seed, messages[n]))));
            }
        }

        [Test]
        public void VerifiesWhatWasSignedAndNothingElse()
        {
            Signer signer = Keep(new Signer(Module("signer-raw")));
            foreach (Func<byte[], string, byte[], bool> verify in new Func<byte[], string, byte[], bool>[] {
                         signer.Verify, signer.VerifyStrict
                     })
            {
                Assert.That(verify(PublicKey, "hello", HelloSignature), Is.True);
                Assert.That(verify(PublicKey, "hellp", HelloSignature), Is.False);
                Assert.That(verify(PublicKey, "hello", Flipped(HelloSignature, 0)), Is.False);
                byte[] noPoint = new byte[32];
                noPoint[0] = 2;
                Assert.That(verify(noPoint, "hello", HelloSignature), Is.False);
                foreach (int length in new[] { 0, 63, 65 })
                {
                    Assert.That(verify(PublicKey, "hello", Part(HelloSignature, length)), Is.False);
                }
            }
        }

        [Test]
        public void StrictRefusesAKeyOfSmallOrderThatVerifyTakes()
        {
            byte[] identity = new byte[32];
            identity[0] = 1;
            byte[] signature = Part(identity, 32).Concat(new byte[32]).ToArray(); // R is the identity and S is 0
            Signer signer = Keep(new Signer(Module("signer-raw")));
            Assert.That(signer.Verify(identity, "anything", signature), Is.True);
            Assert.That(signer.VerifyStrict(identity, "anything", signature), Is.False);
        }

        [Test]
        public void WithoutAKeyItVerifiesAndDerives()
        {
            Signer signer = Keep(new Signer(Module("signer-raw")));
            Assert.That(signer.Verify(PublicKey, "hello", HelloSignature));
            Assert.That(signer.DerivePublicKey(Seed), Is.EqualTo(PublicKey));
            Assert.That(signer.SignWith(Keypair, "hello"), Is.EqualTo(HelloSignature));
            AssertCode("NO_KEY", () => signer.Sign("hello"));
            AssertCode("NO_KEY", () => signer.SignMany(new string[0]));
            AssertCode("NO_KEY", () => signer.GetPublicKey());
            signer.LoadKey(Keypair);
            Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
        }

        [Test]
        public void ALoadedKeyReplacesTheHeldOne()
        {
            byte[] seed = new byte[32];
            _signer.LoadKey(Oracle.Keypair(seed));
            Assert.That(_signer.GetPublicKey(), Is.EqualTo(Oracle.PublicKey(seed)));
            Assert.That(_signer.Sign("hello"), Is.EqualTo(Oracle.Sign(seed, Utf8("hello"))));
        }

        [Test]
        public void AKeyOfNullIsAFailureToo()
        {
            Assert.Throws<ArgumentNullException>(() => _signer.LoadKey(null));
            AssertCode("NO_KEY", () => _signer.Sign("hello"));
            _signer.Guest.Call("allocate_message", 0);
            Assert.That(_signer.Guest.Call("sign_loaded"), Is.EqualTo(2), "the module itself holds no key either");
            _signer.LoadKey(Keypair);
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature));
        }

        [Test]
        public void WhatTheModuleDoesNotExportIsToldAndNoTrap()
        {
            CompiledModule module = Wat.FakeSigner("verify", null, "verify_strict", null, "sign_batch", null);
            Signer signer = Keep(new Signer(module, Keypair));
            Guest before = signer.Guest;
            AssertCode("NO_EXPORT", () => signer.Verify(PublicKey, "hello", HelloSignature));
            AssertCode("NO_EXPORT", () => signer.VerifyStrict(PublicKey, "hello", HelloSignature));
            AssertCode("NO_EXPORT", () => signer.SignMany(new[] { "hello" }));
            Assert.That(signer.SignMany(new string[0]), Is.Empty);
            Assert.That(signer.Guest, Is.SameAs(before));
            signer.Wipe();
            AssertCode("NO_KEY", () => signer.SignMany(new string[0]));
        }

        [Test]
        public void AnArrayThatIsKeyAndMessageIsReadTwice()
        { Assert.That(_signer.SignWith(Keypair, Keypair), Is.EqualTo(Oracle.Sign(Seed, Keypair))); }

        [TestCase(0, "KEY_LENGTH"), TestCase(63, "KEY_LENGTH"), TestCase(64, "KEY_PAIR_MISMATCH")]
        public void AfterARefusedKeyNoneIsHeld(int length, string code)
        {
            Assert.That(CodeOf(() => _signer.LoadKey(Part(Mismatched, length))), Is.EqualTo(code));
            AssertCode("NO_KEY", () => _signer.Sign("hello"));
            AssertCode("NO_KEY", () => _signer.GetPublicKey());
            _signer.Guest.Call("allocate_message", 0);
            Assert.That(_signer.Guest.Call("sign_loaded"), Is.EqualTo(2), "the module itself holds no key either");
        }

        [Test]
        public void OtherCallsLeaveTheHeldKey()
        {
            byte[] other = Oracle.Keypair(new byte[32]);
            _signer.SignWith(other, "hello");
            _signer.DerivePublicKey(new byte[32]);
            _signer.Verify(other.Skip(32).ToArray(), "hello", HelloSignature);
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature));
            Assert.That(_signer.GetPublicKey(), Is.EqualTo(PublicKey));
        }

        [Test]
        public void AClosedSignerRefusesEverythingButClosing()
        {
            Signer signer = NewSigner();
            signer.Dispose();
            signer.Dispose();
            TestDelegate[] calls = {
                () => signer.GetPublicKey(),
                () => signer.Sign("hello"),
                () => signer.SignMany(new string[0]),
                () => signer.SignWith(Keypair, "hello"),
                () => signer.Verify(PublicKey, "hello", HelloSignature),
                () => signer.VerifyStrict(PublicKey, "hello", HelloSignature),
                () => signer.DerivePublicKey(Seed),
                () => signer.LoadKey(Keypair),
                () => signer.Wipe(),
            };
            foreach (TestDelegate call in calls) { AssertCode("CLOSED", call); }
        }

        [Test]
        public void ItsTextShowsNoSecret()
        {
            Signer signer = NewSigner();
            Assert.That(signer.ToString(), Is.EqualTo("Signer (" + Hex(PublicKey) + ")"));
            signer.Wipe();
            Assert.That(signer.ToString(), Is.EqualTo("Signer (no key)"));
            signer.Dispose();
            Assert.That(signer.ToString(), Is.EqualTo("Signer (closed)"));
        }

        [Test]
        public void ErrorsSayWhatToDo()
        {
            SignerException error = new SignerException(Codes.Closed);
            Assert.That(error.Code, Is.EqualTo("CLOSED"));
            Assert.That(error.Message, Is.EqualTo("CLOSED: " + Codes.MeaningOf("CLOSED")));
            Assert.Throws<ArgumentException>(() => new SignerException("NO_CODE"));
        }

        [Test]
        public void WhatIsNotASignerIsRefusedWithTheReason()
        {
            Assert.That(Refusal(() => new CompiledModule(Utf8("(module)"))), Contains.Substring("not a Wasm module"));
            Assert.That(Refusal(() => new CompiledModule(Utf8("\0asm\u0001\0\0\0garbage"))),
                Contains.Substring("wasmtime cannot compile this module: "));
            Assert.That(Refusal(() => new Signer(Wat.Module("(module (func (export \"sign\")))"))),
                Contains.Substring("it does not export abi_version, "));
            Assert.That(Refusal(() => Wat.Guest("(module (import \"env\" \"now\" (func)))")),
                Contains.Substring("needs imports, which this host does not give: env.now"));
            Assert.That(Refusal(() => new Signer(Wat.FakeSigner("abi_version", "i32.const 2"))),
                Contains.Substring("ABI has version 2, this wrapper is for version 1"));
            Assert.That(Refusal(() => CompiledModule.FromFile(typeof(Signer).Assembly.Location)),
                Contains.Substring("EveryhostSigner.dll: not a Wasm module"));
            Assert.Throws<FileNotFoundException>(() => CompiledModule.FromFile(Path.Combine(Bin, "none.wasm")));
            Assert.Throws<ArgumentNullException>(() => new Signer(null));
        }

        [Test]
        public void AModuleThatBreaksItsContractIsNotBelieved()
        {
            Signer unknown = new Signer(Wat.FakeSigner("sign_loaded", "i32.const 99"), Keypair);
            Assert.That(Refusal(() => unknown.Sign("hello")), Contains.Substring("unknown status 99"));

            Signer outside = new Signer(Wat.FakeSigner("get_signature_ptr", "i32.const 65500"), Keypair);
            Assert.That(Assert.Throws<ArgumentOutOfRangeException>(() => outside.Sign("hello")).Message,
                Contains.Substring("64 bytes at 65500"));

            // allocate_message says that there is no room: nothing is written, and the status says why
            Signer full =
                new Signer(Wat.FakeSigner("allocate_message", "i32.const 0", "sign_loaded", "i32.const 6"), Keypair);
            AssertCode("OUT_OF_MEMORY", () => full.Sign("hello"));
            AssertCode("OUT_OF_MEMORY", () => full.SignWith(Keypair, "hello"));
        }

        private static string Refusal(TestDelegate call) => Assert.Throws<InvalidDataException>(call).Message;
    }
}
