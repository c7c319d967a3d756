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
    public class SignerTests
    {
        private static readonly byte[] TooLong = new byte[16 * MiB + 1];

        [TestCase("signer-raw")]
        [TestCase("signer-raw-simd")]
        public void SignsHelloAsTheBookDoes(string module)
        {
            using (Signer signer = new Signer(Module(module), Keypair))
            {
                Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
                Assert.That(signer.Sign(Utf8("hello")), Is.EqualTo(HelloSignature));
                Assert.That(signer.SignWith(Keypair, "hello"), Is.EqualTo(HelloSignature));
                Assert.That(signer.SignMany(new[] { "hello" }), Is.EqualTo(new[] { HelloSignature }));
                Assert.That(signer.GetPublicKey(), Is.EqualTo(PublicKey));
                Assert.That(signer.DerivePublicKey(Seed), Is.EqualTo(PublicKey));
            }
        }

        [Test]
        public void SignersOfOneModuleAreApart()
        {
            byte[] seed = new byte[32];
            using (Signer one = NewSigner()) using (Signer two = new Signer(Module("signer-raw"), Oracle.Keypair(seed)))
            {
                Assert.That(one.Sign("hello"), Is.EqualTo(HelloSignature));
                Assert.That(two.Sign("hello"), Is.EqualTo(Oracle.Sign(seed, Utf8("hello"))));
                one.Wipe();
                Assert.That(two.Sign("hello"), Is.EqualTo(Oracle.Sign(seed, Utf8("hello"))));
            }
        }

        [TestCase("")]
        [TestCase("gr\u00fc\u00df dich")]
        [TestCase("\u05e9\u05dc\u05d5\u05dd")]
        [TestCase("\ud83d\ude00\0")]
        public void TextIsSignedAsUtf8(string text)
        {
            byte[] expected = Oracle.Sign(Seed, Utf8(text));
            using (Signer signer = NewSigner())
            {
                Assert.That(signer.Sign(text), Is.EqualTo(expected));
                Assert.That(signer.SignWith(Keypair, text), Is.EqualTo(expected));
                Assert.That(signer.SignMany(new[] { text }), Is.EqualTo(new[] { expected }));
                Assert.That(signer.Verify(PublicKey, text, expected));
                Assert.That(signer.VerifyStrict(PublicKey, text, expected));
            }
        }

        [Test]
        public void WhatIsNoMessageIsAnArgumentExceptionAndChangesNothing()
        {
            using (Signer signer = NewSigner())
            {
                Assert.Throws<ArgumentNullException>(() => signer.Sign((string)null));
                Assert.Throws<ArgumentNullException>(() => signer.Sign((byte[])null));
                Assert.Throws<ArgumentNullException>(() => signer.SignMany(new byte[][] { null }));
                Assert.Throws<ArgumentNullException>(() => signer.Verify(null, "hello", HelloSignature));
                Assert.Throws<ArgumentNullException>(() => signer.Verify(PublicKey, "hello", null));
                Assert.Throws<ArgumentNullException>(() => signer.SignMany((IEnumerable<byte[]>)null));
                Assert.Throws<ArgumentNullException>(() => signer.SignWith(null, "hello"));
                Assert.Throws<ArgumentNullException>(() => signer.DerivePublicKey(null));
                Assert.Throws<EncoderFallbackException>(() => signer.Sign("\ud800"), "half a pair of surrogates");
                Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
            }
        }

        [TestCase(0)]
        [TestCase(1)]
        [TestCase(32)]
        [TestCase(63)]
        [TestCase(65)]
        [TestCase(128)]
        public void AKeypairOfTheWrongLengthIsRefused(int length)
        {
            byte[] wrong = Part(Keypair, length);
            Assert.That(CodeOf(() => new Signer(Module("signer-raw"), wrong)), Is.EqualTo("KEY_LENGTH"));
            using (Signer signer = NewSigner())
            {
                Assert.That(CodeOf(() => signer.SignWith(wrong, "hello")), Is.EqualTo("KEY_LENGTH"));
            }
        }

        [TestCase(0)]
        [TestCase(31)]
        [TestCase(33)]
        [TestCase(64)]
        public void SeedsAndPublicKeysOfTheWrongLengthAreRefused(int length)
        {
            using (Signer signer = NewSigner())
            {
                byte[] wrong = new byte[length];
                Assert.That(CodeOf(() => signer.DerivePublicKey(wrong)), Is.EqualTo("KEY_LENGTH"));
                Assert.That(
                    CodeOf(() => signer.Verify(wrong, "hello", HelloSignature)), Is.EqualTo("PUBLIC_KEY_LENGTH"));
                Assert.That(
                    CodeOf(() => signer.VerifyStrict(wrong, "hello", HelloSignature)), Is.EqualTo("PUBLIC_KEY_LENGTH"));
            }
        }

        [Test]
        public void HalvesThatDoNotBelongTogetherAreRefused()
        {
            Assert.That(CodeOf(() => new Signer(Module("signer-raw"), Mismatched)), Is.EqualTo("KEY_PAIR_MISMATCH"));
        }

        [Test]
        public void AMessageMayHave16MiBAndNoByteMore()
        {
            using (Signer signer = NewSigner())
            {
                byte[] longest = new byte[16 * MiB];
                byte[] expected = Oracle.Sign(Seed, longest);
                Assert.That(signer.Sign(longest), Is.EqualTo(expected));
                Assert.That(signer.SignWith(Keypair, longest), Is.EqualTo(expected));
                Assert.That(CodeOf(() => signer.Sign(TooLong)), Is.EqualTo("MESSAGE_TOO_LARGE"));
                Assert.That(CodeOf(() => signer.SignWith(Keypair, TooLong)), Is.EqualTo("MESSAGE_TOO_LARGE"));
                Assert.That(
                    CodeOf(() => signer.SignMany(new[] { new byte[0], TooLong })), Is.EqualTo("MESSAGE_TOO_LARGE"));
                Assert.That(
                    CodeOf(() => signer.Verify(PublicKey, TooLong, HelloSignature)), Is.EqualTo("MESSAGE_TOO_LARGE"));
            }
        }

        [Test]
        public void TheKeyIsLookedAtFirstThenTheMessageThenTheSignature()
        {
            byte[] none = new byte[0];
            using (Signer signer = NewSigner())
            {
                Assert.That(CodeOf(() => signer.SignWith(none, TooLong)), Is.EqualTo("KEY_LENGTH"));
                Assert.That(CodeOf(() => signer.Verify(none, TooLong, none)), Is.EqualTo("PUBLIC_KEY_LENGTH"));
                Assert.That(CodeOf(() => signer.Verify(PublicKey, TooLong, none)), Is.EqualTo("MESSAGE_TOO_LARGE"));
                signer.Wipe();
                Assert.That(CodeOf(() => signer.Sign(TooLong)), Is.EqualTo("NO_KEY"));
                Assert.That(CodeOf(() => signer.SignMany(new[] { TooLong })), Is.EqualTo("NO_KEY"));
            }
        }

        [TestCase(0)]
        [TestCase(1)]
        [TestCase(1000)]
        [TestCase(4096)]
        [TestCase(4097)]
        [TestCase(8193)]
        public void ManyAreSignedAsOneByOne(int count)
        {
            List<string> messages = Enumerable.Range(0, count).Select(n => n.ToString()).ToList();
            using (Signer signer = NewSigner())
            {
                IReadOnlyList<byte[]> signatures = signer.SignMany(messages);
                Assert.That(signatures.Count, Is.EqualTo(count));
                for (int n = 0; n < count; n++)
                {
                    Assert.That(Hex(signatures[n]), Is.EqualTo(Hex(Oracle.Sign(Seed, Utf8(messages[n])))));
                }
            }
        }

        [Test]
        public void BatchesOver16MiBAreSplit()
        {
            int[] lengths = { 9 * MiB, 9 * MiB, 7 * MiB, 1, 16 * MiB, 0, 1 };
            byte[][] messages = lengths.Select((length, n) => Filled(length, (byte)n)).ToArray();
            using (Signer signer = NewSigner())
            {
                IReadOnlyList<byte[]> signatures = signer.SignMany(messages);
                for (int n = 0; n < messages.Length; n++)
                {
                    Assert.That(Hex(signatures[n]), Is.EqualTo(Hex(Oracle.Sign(Seed, messages[n]))));
                }
            }
        }

        [Test]
        public void VerifiesWhatWasSignedAndNothingElse()
        {
            using (Signer signer = new Signer(Module("signer-raw")))
            {
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
        }

        [Test]
        public void StrictRefusesAKeyOfSmallOrderThatVerifyTakes()
        {
            byte[] identity = new byte[32];
            identity[0] = 1;
            byte[] signature = Part(identity, 32).Concat(new byte[32]).ToArray(); // R is the identity and S is 0
            using (Signer signer = new Signer(Module("signer-raw")))
            {
                Assert.That(signer.Verify(identity, "anything", signature), Is.True);
                Assert.That(signer.VerifyStrict(identity, "anything", signature), Is.False);
            }
        }

        [Test]
        public void WithoutAKeyItVerifiesAndDerives()
        {
            using (Signer signer = new Signer(Module("signer-raw")))
            {
                Assert.That(signer.Verify(PublicKey, "hello", HelloSignature));
                Assert.That(signer.DerivePublicKey(Seed), Is.EqualTo(PublicKey));
                Assert.That(signer.SignWith(Keypair, "hello"), Is.EqualTo(HelloSignature));
                Assert.That(CodeOf(() => signer.Sign("hello")), Is.EqualTo("NO_KEY"));
                Assert.That(CodeOf(() => signer.SignMany(new string[0])), Is.EqualTo("NO_KEY"));
                Assert.That(CodeOf(() => signer.GetPublicKey()), Is.EqualTo("NO_KEY"));
                signer.LoadKey(Keypair);
                Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
            }
        }

        [Test]
        public void ALoadedKeyReplacesTheHeldOne()
        {
            byte[] seed = new byte[32];
            using (Signer signer = NewSigner())
            {
                signer.LoadKey(Oracle.Keypair(seed));
                Assert.That(signer.GetPublicKey(), Is.EqualTo(Oracle.PublicKey(seed)));
                Assert.That(signer.Sign("hello"), Is.EqualTo(Oracle.Sign(seed, Utf8("hello"))));
            }
        }

        [Test]
        public void AKeyOfNullIsAFailureToo()
        {
            using (Signer signer = NewSigner())
            {
                Assert.Throws<ArgumentNullException>(() => signer.LoadKey(null));
                Assert.That(CodeOf(() => signer.Sign("hello")), Is.EqualTo("NO_KEY"));
                signer.Guest.Call("allocate_message", 0);
                Assert.That(signer.Guest.Call("sign_loaded"), Is.EqualTo(2), "the module itself holds no key either");
                signer.LoadKey(Keypair);
                Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
            }
        }

        [Test]
        public void WhatTheModuleDoesNotExportIsToldAndNoTrap()
        {
            CompiledModule module = Wat.FakeSigner("verify", null, "verify_strict", null, "sign_batch", null);
            using (Signer signer = new Signer(module, Keypair))
            {
                Guest before = signer.Guest;
                Assert.That(CodeOf(() => signer.Verify(PublicKey, "hello", HelloSignature)), Is.EqualTo("NO_EXPORT"));
                Assert.That(
                    CodeOf(() => signer.VerifyStrict(PublicKey, "hello", HelloSignature)), Is.EqualTo("NO_EXPORT"));
                Assert.That(CodeOf(() => signer.SignMany(new[] { "hello" })), Is.EqualTo("NO_EXPORT"));
                Assert.That(signer.SignMany(new string[0]), Is.Empty);
                Assert.That(signer.Guest, Is.SameAs(before));
                signer.Wipe();
                Assert.That(CodeOf(() => signer.SignMany(new string[0])), Is.EqualTo("NO_KEY"));
            }
        }

        [Test]
        public void AnArrayThatIsKeyAndMessageIsReadTwice()
        {
            using (Signer signer = NewSigner())
            {
                Assert.That(signer.SignWith(Keypair, Keypair), Is.EqualTo(Oracle.Sign(Seed, Keypair)));
            }
        }

        [TestCase(0, "KEY_LENGTH")]
        [TestCase(63, "KEY_LENGTH")]
        [TestCase(64, "KEY_PAIR_MISMATCH")]
        public void AfterARefusedKeyNoneIsHeld(int length, string code)
        {
            using (Signer signer = NewSigner())
            {
                Assert.That(CodeOf(() => signer.LoadKey(Part(Mismatched, length))), Is.EqualTo(code));
                Assert.That(CodeOf(() => signer.Sign("hello")), Is.EqualTo("NO_KEY"));
                Assert.That(CodeOf(() => signer.GetPublicKey()), Is.EqualTo("NO_KEY"));
                signer.Guest.Call("allocate_message", 0);
                Assert.That(signer.Guest.Call("sign_loaded"), Is.EqualTo(2), "the module itself holds no key either");
            }
        }

        [Test]
        public void OtherCallsLeaveTheHeldKey()
        {
            byte[] other = Oracle.Keypair(new byte[32]);
            using (Signer signer = NewSigner())
            {
                signer.SignWith(other, "hello");
                signer.DerivePublicKey(new byte[32]);
                signer.Verify(other.Skip(32).ToArray(), "hello", HelloSignature);
                Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
                Assert.That(signer.GetPublicKey(), Is.EqualTo(PublicKey));
            }
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
            foreach (TestDelegate call in calls)
            {
                Assert.That(CodeOf(call), Is.EqualTo("CLOSED"));
            }
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
            Assert.That(CodeOf(() => full.Sign("hello")), Is.EqualTo("OUT_OF_MEMORY"));
            Assert.That(CodeOf(() => full.SignWith(Keypair, "hello")), Is.EqualTo("OUT_OF_MEMORY"));
        }

        private static string Refusal(TestDelegate call) => Assert.Throws<InvalidDataException>(call).Message;
    }
}
