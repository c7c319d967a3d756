using System;
using System.IO;
using System.Linq;
using EveryhostAdapter;
using EveryhostSigner;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>The signer as a component; everyhost run asks it every vector.</summary>
    [TestFixture]
    public class ComponentSignerTests : Fixture
    {
        private static readonly Component Signers = new Component(File.ReadAllBytes(ModulePath("signer-component")));

        [Test]
        public void ItSignsAndVerifiesAndCanBeClosed()
        {
            ComponentSigner signer = Holder();
            Assert.That(signer.GetPublicKey(), Is.EqualTo(PublicKey));
            Assert.That(signer.Sign(Utf8("hello")), Is.EqualTo(HelloSignature));
            byte[][] messages = { Utf8("hello"), new byte[0] };
            Assert.That(signer.SignMany(messages), Is.EqualTo(new[] { HelloSignature, signer.Sign(new byte[0]) }));
            Assert.That(signer.VerifyStrict(PublicKey, Utf8("hello"), HelloSignature));
            Assert.That(signer.Verify(PublicKey, Utf8("Hello"), HelloSignature), Is.False);
            signer.Wipe();
            AssertCode(Codes.NoKey, () => signer.Sign(new byte[0]));
            signer.Dispose();
            signer.Dispose();
            AssertCode(Codes.Closed, () => signer.Sign(new byte[0]));
        }

        [Test]
        public void AfterATrapANewInstanceHasTheKey()
        {
            ComponentSigner signer = Holder();
            AssertCode(Codes.Trapped, () => signer.SignWith(Mismatched, new byte[0]));
            Assert.That(signer.Sign(Utf8("hello")), Is.EqualTo(HelloSignature));
        }

        [Test]
        public void AKeyThatIsRefusedIsNotHeld()
        {
            AssertCode(Codes.KeyLength, () => new ComponentSigner(Signers, new byte[63]));
            ComponentSigner signer = Holder();
            AssertCode(Codes.KeyPairMismatch, () => signer.LoadKey(Mismatched));
            AssertCode(Codes.NoKey, () => signer.GetPublicKey());
        }

        [TestCase("0061736d0d000100", "exports no"), TestCase("0061736d0d000100ff", "")]
        public void WhatIsNoSignerIsRefused(string wasm, string why)
        {
            Exception refused = Assert.Throws<InvalidOperationException>(() => new Operations(Hex(wasm)));
            Assert.That(refused.Message, Contains.Substring(why));
        }

        [Test]
        public void AnyComponentIsCalledByItsTypes()
        {
            JObject types = JObject.Parse("{'add': {'params': ['u32', 'u32'], 'result': 'u32'}, 'odd': null}");
            byte[] wasm = File.ReadAllBytes(ModulePath("component-probe"));
            using (Operations operations = new Operations(wasm, types))
            {
                JArray steps = JArray.Parse(
                    "[{'do':'call','export':'add','args':[2,3]},{'do':'call','export':'add','args':[2]}," +
                    "{'do':'call','export':'odd'},{'do':'call','export':'none'},{'do':'drop','handle':0}]");
                JToken answers = operations.Run("component", new JObject { { "steps", steps } }) ["ok"]["steps"];
                Assert.That((int)answers[0]["ok"]["result"], Is.EqualTo(5));
                Assert.That(answers.Skip(1).Select(answer => (string)answer["error"]),
                    Is.EqualTo(new[] { "TYPE_MISMATCH", "TYPE_MISMATCH", "NO_EXPORT", "NO_HANDLE" }));
                JObject odd = new JObject { { "steps", new JArray(new JObject()) } };
                Assert.Throws<RequestException>(() => operations.Run("component", odd));
            }
        }

        private ComponentSigner Holder() => Keep(new ComponentSigner(Signers, Keypair));
    }
}
