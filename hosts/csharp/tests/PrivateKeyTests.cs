using System;
using System.Linq;
using System.Text;
using EveryhostExample;
using EveryhostSigner;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>Private keys, signers that are made of them, and the tokens that they sign.</summary>
    [TestFixture]
    public class PrivateKeyTests : SignerFixture
    {
        [Test]
        public void AGeneratedKeySignsAsOpenSslDoesWithIt()
        {
            PrivateKey key = Keep(PrivateKey.Generate());
            Assert.That(key.GetPublicKey(), Is.Null);
            Signer signer = Keep(Signer.FromPrivateKey(Module("signer-raw"), key));
            Assert.That(signer.GetPublicKey(), Is.EqualTo(Oracle.PublicKey(key.GetSeed())));
            Assert.That(signer.Sign("hello"), Is.EqualTo(Oracle.Sign(key.GetSeed(), Utf8("hello"))));
            Assert.That(Keep(PrivateKey.Generate()).GetSeed(), Is.Not.EqualTo(key.GetSeed()));
        }

        [Test]
        public void APublicKeyThatIsKnownMustBeItsOwn()
        {
            PrivateKey own = Keep(new PrivateKey(Seed, PublicKey));
            Assert.That(
                Keep(Signer.FromPrivateKey(Module("signer-raw"), own)).Sign("hello"), Is.EqualTo(HelloSignature));
            PrivateKey other = Keep(new PrivateKey(Seed, new byte[32]));
            AssertCode("KEY_PAIR_MISMATCH", () => Signer.FromPrivateKey(Module("signer-raw"), other));
        }

        [Test]
        public void WhatIsNoKeyIsRefused()
        {
            AssertCode("KEY_LENGTH", () => new PrivateKey(Keypair));
            AssertCode("PUBLIC_KEY_LENGTH", () => new PrivateKey(Seed, new byte[31]));
            Assert.Throws<ArgumentNullException>(() => new PrivateKey(null));
            Assert.Throws<ArgumentNullException>(() => Signer.FromPrivateKey(Module("signer-raw"), null));
        }

        [Test]
        public void TheSecretIsNotShownAndIsCleared()
        {
            byte[] given = (byte[])Seed.Clone();
            PrivateKey key = new PrivateKey(given);
            given[0] ^= 1;
            byte[] held = key.Seed;
            Assert.That(held, Is.EqualTo(Seed), "a copy");
            Assert.That(key.ToString(), Is.EqualTo("PrivateKey (secret)"));
            key.Dispose();
            Assert.That(held, Is.EqualTo(new byte[32]));
            AssertCode("CLOSED", () => key.GetSeed());
            AssertCode("CLOSED", () => Signer.FromPrivateKey(Module("signer-raw"), key));
        }

        [TestCase(null, "EdDSA", "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}")]
        [TestCase("k1", "Ed25519", "{\"alg\":\"Ed25519\",\"typ\":\"JWT\",\"kid\":\"k1\"}")]
        [TestCase("", "EdDSA", "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"\"}")]
        public void ATokenHasItsHeaderAndOpenSslFindsItRight(string keyId, string algorithm, string header)
        {
            string token = _signer.SignToken(" {\"message\":\"Grüße\"}\n", keyId, algorithm);
            string[] parts = token.Split('.');
            Assert.That(parts.Length, Is.EqualTo(3));
            Assert.That(Encoding.UTF8.GetString(Decoded(parts[0])), Is.EqualTo(header));
            Assert.That(Encoding.UTF8.GetString(Decoded(parts[1])), Is.EqualTo("{\"message\":\"Grüße\"}"));
            Assert.That(OpenSsl.Verify(PublicKey, Utf8(parts[0] + "." + parts[1]), Decoded(parts[2])));
            if (algorithm == "EdDSA")
            {
                Assert.That((string)Token.Verify(token, PublicKey)["message"], Is.EqualTo("Grüße"));
            }
        }

        [Test]
        public void AnyTextIsAKeysId()
        {
            string id = new string(Enumerable.Range(0, 300).Select(code => (char)code).ToArray()) + "🦀";
            JObject header = JObject.Parse(Encoding.UTF8.GetString(Decoded(_signer.SignToken("{}", id).Split('.')[0])));
            Assert.That((string)header["kid"], Is.EqualTo(id));
        }

        [Test]
        public void WhatIsNoTokenIsRefused()
        {
            foreach (string claims in new[] { "", "[]", "\"{}\"", "null", "{", "}" })
            {
                Assert.Throws<ArgumentException>(() => _signer.SignToken(claims), claims);
            }
            Assert.Throws<ArgumentException>(() => _signer.SignToken("{}", null, "none"));
            Assert.Throws<ArgumentNullException>(() => _signer.SignToken(null));
            _signer.Wipe();
            AssertCode("NO_KEY", () => _signer.SignToken("{}"));
        }

        private static byte[] Decoded(string base64Url)
        {
            string text = base64Url.Replace('-', '+').Replace('_', '/');
            return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
        }
    }
}
