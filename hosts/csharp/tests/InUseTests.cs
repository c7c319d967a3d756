using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>A signer does one thing at a time: any other call is refused at once, and changes nothing.</summary>
    [TestFixture]
    public class InUseTests : SignerFixture
    {
        [TestCase(false), TestCase(true)]
        public void ACallWithinACallIsToldAndChangesNothing(bool onAnotherThread)
        {
            Dictionary<string, string> ends = new Dictionary<string, string>();
            string text = null;
            Guest guest = _signer.Guest;
            Action calls = () =>
            {
                foreach (KeyValuePair<string, Action<Signer>> method in FaultySignerTests.Methods)
                {
                    ends.Add(method.Key, EndOf(() => method.Value(_signer)));
                }
                text = _signer.ToString();
            };
            guest.BeforeCall = export =>
            {
                if (export == "sign_loaded") { RunOn(onAnotherThread, calls); }
            };
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature), "the call itself is not disturbed");
            guest.BeforeCall = null;
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature), "and the key is still held");
            Assert.That(_signer.GetPublicKey(), Is.EqualTo(PublicKey));
            Assert.That(_signer.Guest, Is.SameAs(guest));
            foreach (KeyValuePair<string, string> end in ends)
            {
                Assert.That(end.Value, Is.EqualTo(end.Key == "ToString" ? "OK" : "IN_USE"), end.Key);
            }
            Assert.That(ends.Count, Is.EqualTo(FaultySignerTests.Methods.Count));
            Assert.That(text, Is.EqualTo("Signer (in use)"));
        }

        [Test]
        public void WhatMessagesRunWhileTheyAreListedIsNoCallWithinACall()
        {
            IEnumerable<byte[]> messages = new[] { "a", "b" }.Select(text => _signer.Sign(text));
            IReadOnlyList<byte[]> signatures = _signer.SignMany(messages);
            Assert.That(signatures[1], Is.EqualTo(_signer.Sign(_signer.Sign("b"))));
        }

        [Test]
        public void AnAdderIsGuardedToo()
        {
            List<string> ends = new List<string>();
            Action<Guest> look = null;
            Adder adder = null;
            look = guest => guest.BeforeCall = export =>
            {
                ends.Add(EndOf(() => adder.Divide(1, 1)));
                ends.Add(EndOf(() => adder.Dispose()));
            };
            Guest.Made += look;
            adder = new Adder(Module("add-raw"));
            Guest.Made -= look;
            Assert.That(adder.Add(2, 3), Is.EqualTo(5));
            Assert.That(ends, Is.EqualTo(new[] { "IN_USE", "IN_USE" }));
        }

        /// <summary>For a second; EVERYHOST_THREADS_SECONDS says for how long.</summary>
        [Test]
        public void TwoThreadsOnOneSignerGetTheirOwnSignaturesOrAreTold()
        {
            string seconds = Environment.GetEnvironmentVariable("EVERYHOST_THREADS_SECONDS");
            DateTime until = DateTime.UtcNow.AddSeconds(seconds == null ? 1 : int.Parse(seconds));
            Dictionary<string, int> ends = new Dictionary<string, int>();
            List<Thread> threads = new List<Thread>();
            foreach (int length in new[] { 50, 100 })
            {
                byte[] message = new byte[length];
                byte[] expected = Oracle.Sign(Seed, message);
                threads.Add(new Thread(() =>
                                       {
                                           for (int n = 0; n < 20 || DateTime.UtcNow < until; n++)
                                           {
                                               string end = EndOf(() => AssertSigns(_signer, n, message, expected));
                                               lock (ends)
                                               {
                                                   ends.TryGetValue(end, out int count);
                                                   ends[end] = count + 1;
                                               }
                                           }
                                       }));
            }
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature));
            string all = string.Join(", ", ends.Select(end => end.Key + " " + end.Value));
            if (seconds != null) { Console.WriteLine("two threads for " + seconds + " s: " + all); }
            Assert.That(ends.ContainsKey("OK"), all);
            Assert.That(ends.Keys.All(end => end == "OK" || end == "IN_USE"), all);
        }

        [Test]
        public void AtTheEndOfTheStackNothingIsBegun()
        {
            // Mono does not tell where its stack ends.
            if (Type.GetType("Mono.Runtime") != null) { return; }
            Guest guest = _signer.Guest;
            string end = null;
            Thread diver = new Thread(() => end = Dive(_signer), 1 << 20);
            diver.Start();
            diver.Join();
            Assert.That(end, Is.EqualTo("InsufficientExecutionStackException"));
            Assert.That(_signer.Guest, Is.SameAs(guest));
            Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static string Dive(Signer signer)
        {
            string end = EndOf(() => signer.LoadKey(Keypair));
            return end == "OK" ? Dive(signer) : end;
        }

        private static void AssertSigns(Signer signer, int round, byte[] message, byte[] expected)
        {
            byte[] signature = round % 2 == 0 ? signer.Sign(message) : signer.SignMany(new[] { message, message })[1];
            if (!signature.SequenceEqual(expected))
            {
                throw new InvalidOperationException("not the message's signature");
            }
        }

        private static void RunOn(bool anotherThread, Action calls)
        {
            if (!anotherThread)
            {
                calls();
                return;
            }
            Thread thread = new Thread(() => calls());
            thread.Start();
            thread.Join();
        }
    }
}
