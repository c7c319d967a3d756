using System;
using System.Collections.Generic;
using System.Linq;
using EveryhostExample;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>Random keys and messages against OpenSSL. A failure names the number that repeats it.</summary>
    [TestFixture]
    public class PropertyTests : Fixture
    {
        private const int Rounds = 100;

        [Test]
        public void SignaturesAreTheOracles()
        {
            ForAll((random, what) =>
                   {
                       byte[] seed = Bytes(random, 32);
                       byte[] keypair = Oracle.Keypair(seed);
                       byte[] publicKey = keypair.Skip(32).ToArray();
                       byte[] message = Bytes(random, random.Next(2000));
                       byte[] expected = Oracle.Sign(seed, message);
                       using (Signer signer = new Signer(Module("signer-raw"), keypair))
                       {
                           Assert.That(signer.DerivePublicKey(seed), Is.EqualTo(publicKey), what);
                           Assert.That(signer.Sign(message), Is.EqualTo(expected), what);
                           Assert.That(signer.SignWith(keypair, message), Is.EqualTo(expected), what);
                           Assert.That(signer.Verify(publicKey, message, expected), what);
                           Assert.That(signer.VerifyStrict(publicKey, message, expected), what);
                       }
                   });
        }

        [Test]
        public void BatchesAreTheOracles()
        {
            ForAll((random, what) =>
                   {
                       byte[] seed = Bytes(random, 32);
                       List<byte[]> messages = Enumerable.Range(0, random.Next(40))
                                                   .Select(
                                                       _ => Bytes(random, random.Next(500)))
                                                   .ToList();
                       using (Signer signer = new Signer(Module("signer-raw-simd"), Oracle.Keypair(seed)))
                       {
                           IReadOnlyList<byte[]> signatures = signer.SignMany(messages);
                           Assert.That(
                               signatures, Is.EqualTo(messages.Select(one => Oracle.Sign(seed, one)).ToList()), what);
                       }
                   });
        }

        [Test]
        public void AFlippedBitIsNoticed()
        {
            Signer signer = Keep(new Signer(Module("signer-raw")));
            ForAll((random, what) =>
                   {
                       byte[] seed = Bytes(random, 32);
                       byte[] publicKey = Oracle.PublicKey(seed);
                       byte[] message = Bytes(random, 1 + random.Next(500));
                       byte[] signature = Oracle.Sign(seed, message);
                       byte[] wrongSignature = Flipped(signature, random.Next(512));
                       byte[] wrongMessage = Flipped(message, random.Next(8 * message.Length));
                       Assert.That(signer.Verify(publicKey, message, wrongSignature), Is.False, what);
                       Assert.That(signer.VerifyStrict(publicKey, message, wrongSignature), Is.False, what);
                       Assert.That(signer.Verify(publicKey, wrongMessage, signature), Is.False, what);
                       Assert.That(signer.VerifyStrict(publicKey, wrongMessage, signature), Is.False, what);
                       byte[] wrongPair = seed.Concat(Flipped(publicKey, random.Next(256))).ToArray();
                       AssertCode("KEY_PAIR_MISMATCH", () => signer.LoadKey(wrongPair), what);
                   });
        }

        [Test]
        public void RandomSignaturesAreAsTheOracleSees()
        {
            Signer signer = Keep(new Signer(Module("signer-raw")));
            ForAll((random, what) =>
                   {
                       byte[] publicKey = Bytes(random, 32);
                       byte[] message = Bytes(random, random.Next(2000));
                       byte[] signature = Bytes(random, 64);
                       bool expected = OpenSsl.Verify(publicKey, message, signature);
                       Assert.That(signer.Verify(publicKey, message, signature), Is.EqualTo(expected), what);
                   });
        }

        private static void ForAll(Action<Random, string> check)
        {
            int first = Environment.TickCount;
            for (int n = 0; n < Rounds; n++)
            {
                int start = unchecked(first + n);
                check(new Random(start), "with new Random(" + start + ")");
            }
        }

        private static byte[] Bytes(Random random, int length)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }
    }
}
