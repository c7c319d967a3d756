using System;
using System.Threading;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>Traps, seen from the host: on Wasm no test inside the module can catch one.</summary>
    [TestFixture]
    public class TrapTests : SignerFixture
    {
        [Test]
        public void TheModulesOwnSignTrapsWithoutAValidPairOrAMessage()
        {
            Guest withoutPair = Keep(Module("signer-raw").Instantiate());
            withoutPair.Call("allocate_message", 5);
            Assert.Throws<GuestTrapException>(() => withoutPair.Run("sign"));
            Guest withoutMessage = Keep(Module("signer-raw").Instantiate());
            withoutMessage.Write(withoutMessage.Call("get_signing_key_ptr"), Keypair);
            Assert.Throws<GuestTrapException>(() => withoutMessage.Run("sign"));
        }

        [Test]
        public void AfterATrapTheSignerHasANewInstanceAndItsKey()
        {
            for (int n = 0; n < 3; n++)
            {
                Guest before = _signer.Guest;
                AssertTraps(() => _signer.SignWith(Mismatched, "hello"));
                Assert.That(_signer.Guest, Is.Not.SameAs(before));
                Assert.That(_signer.Sign("hello"), Is.EqualTo(HelloSignature));
                Assert.That(_signer.SignMany(new[] { "hello" }), Is.EqualTo(new[] { HelloSignature }));
                Assert.That(_signer.GetPublicKey(), Is.EqualTo(PublicKey));
            }
        }

        [Test]
        public void ATrapWithoutAHeldKeyLeavesNone()
        {
            Signer signer = Keep(new Signer(Module("signer-raw")));
            AssertTraps(() => signer.SignWith(Mismatched, "hello"));
            AssertCode("NO_KEY", () => signer.Sign("hello"));
            Assert.That(signer.SignWith(Keypair, "hello"), Is.EqualTo(HelloSignature));
        }

        [Test]
        public void ATrappedInstanceIsClearedAndNeverCalledAgain()
        {
            Guest trapped = _signer.Guest;
            byte[] left = null;
            trapped.BeforeDispose = () => left = trapped.Read(0, (int)trapped.MemoryLength);
            AssertTraps(() => _signer.SignWith(Mismatched, "hello"));
            Assert.That(left.Length, Is.GreaterThan(65536));
            Assert.That(Array.TrueForAll(left, value => value == 0));
            Assert.Throws<ObjectDisposedException>(() => trapped.Run("sign"));
            Assert.Throws<ObjectDisposedException>(() => trapped.Read(0, 1));
        }

        [TestCase("sign_loaded", "Sign"), TestCase("sign_batch", "SignMany of one"), TestCase("verify", "Verify")]
        [TestCase("verify_strict", "VerifyStrict"), TestCase("derive_public_key", "DerivePublicKey")]
        [TestCase("wipe", "Wipe")]
        public void ATrapAnywhereIsReportedAndSurvived(string export, string method)
        {
            Signer signer = Keep(new Signer(Wat.FakeSigner(export, "unreachable"), Keypair));
            AssertTraps(() => FaultySignerTests.Methods[method](signer));
            Assert.That(signer.Held != null, Is.EqualTo(export != "wipe"), "held on, but not after a wipe");
        }

        [Test]
        public void ClosingSucceedsEvenWhereTheWipeTraps()
        {
            Signer signer = new Signer(Wat.FakeSigner("wipe", "unreachable"), Keypair);
            byte[] held = signer.Held.Bytes;
            signer.Dispose();
            Assert.That(held, Is.EqualTo(new byte[64]));
            AssertCode("CLOSED", () => signer.Sign("hello"));
        }

        [Test]
        public void ALoadKeyThatTrapsLeavesNoKey()
        {
            AssertTraps(() => new Signer(Wat.FakeSigner("load_key", "unreachable"), Keypair));
            Signer signer = new Signer(Wat.FakeSigner("load_key", "unreachable"));
            AssertTraps(() => signer.LoadKey(Keypair));
            AssertCode("NO_KEY", () => signer.Sign("hello"));
        }

        [TestCase("load_key", "unreachable"), TestCase("load_key", "i32.const 3")]
        [TestCase("abi_version", "unreachable"), TestCase("abi_version", "i32.const 2")]
        public void WhereNoNewInstanceTakesTheKeyTheSignerIsClosed(string export, string body)
        {
            Signer signer = new Signer(Wat.FakeSigner("sign_loaded", "unreachable"), Keypair);
            byte[] held = signer.Held.Bytes;
            signer.ReplaceModule(Wat.FakeSigner(export, body));
            AssertTraps(() => signer.Sign("hello"));
            AssertCode("CLOSED", () => signer.Sign("hello"));
            AssertCode("CLOSED", () => signer.LoadKey(Keypair));
            Assert.That(signer.Held, Is.Null);
            Assert.That(held, Is.EqualTo(new byte[64]));
        }

        [Test]
        public void AnExportWithOtherParametersIsAnErrorAndNoTrap()
        {
            Guest guest = Wat.Guest("(module (func (export \"two\") (param i32 i32)))");
            Assert.Throws<InvalidOperationException>(() => guest.Run("two", 1));
            Assert.Throws<InvalidOperationException>(() => guest.Call("two", 1, 2));
            guest.Run("two", 1, 2);
        }

        /// <summary>Both wasmtime and .NET may catch these by signals: each must get its own, on every thread.</summary>
        [Test]
        public void TheGuestsFaultsAndTheHostsOwnAreToldApart()
        {
            FaultInTurns();
            Exception failure = null;
            Thread thread = new Thread(() =>
                                       {
                                           try
                                           {
                                               FaultInTurns();
                                           }
                                           catch (Exception error)
                                           {
                                               failure = error;
                                           }
                                       });
            thread.Start();
            thread.Join();
            Assert.That(failure, Is.Null);
        }

        private static void FaultInTurns()
        {
            string[] faults = { "unreachable", "load", "divide", "recurse" };
            using (CompiledModule module = Wat.Module(@"(module (memory 1)
                (func (export ""unreachable"") unreachable)
                (func (export ""load"") (drop (i32.load (i32.const 0x7fffffff))))
                (func (export ""divide"") (drop (i32.div_u (i32.const 1) (i32.const 0))))
                (func $recurse (export ""recurse"") (call $recurse)))"))
            {
                for (int n = 0; n < 3; n++)
                {
                    foreach (string fault in faults)
                    {
                        using (Guest guest = module.Instantiate())
                        {
                            string said = Assert.Throws<GuestTrapException>(() => guest.Run(fault), fault).Message;
                            Assert.That(said.Contains("stack overflow"), Is.EqualTo(fault == "recurse"), said);
                        }
                        Assert.Throws<NullReferenceException>(() => LengthOf(null));
                        Assert.Throws<DivideByZeroException>(() => Divide(1, n - n));
                    }
                }
            }
        }

        private static int LengthOf(byte[] bytes) => bytes.Length;

        private static int Divide(int a, int b) => a / b;

        private static void AssertTraps(TestDelegate call)
        {
            SignerException error = Assert.Throws<SignerException>(call);
            Assert.That(error.Code, Is.EqualTo("TRAPPED"));
            Assert.That(error.InnerException, Is.InstanceOf<GuestTrapException>(), "what the runtime said is kept");
        }
    }
}
