using System;
using System.Diagnostics;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>Linear memory: unsigned pointers, bounds and growth; and what a host can hold a guest to.</summary>
    [TestFixture]
    public class GuestTests : SignerFixture
    {
        private const int Page = 65536;

        [Test]
        public void APointerOver2GiBWorks()
        {
            Guest guest = Keep(Wat.Guest(@"(module (memory (export ""memory"") 32769)
                (func (export ""high"") (result i32) i32.const 0x80000000)
                (func (export ""load"") (param i32) (result i32) local.get 0 i32.load))"));
            uint high = guest.Call("high");
            Assert.That(high, Is.EqualTo(2147483648u));
            guest.Write(high, new byte[] { 1, 2, 3, 4 });
            Assert.That(guest.Read(high, 4), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
            Assert.That(guest.Call("load", high), Is.EqualTo(0x04030201u));
        }

        [TestCase(65533u), TestCase(65536u), TestCase(65537u), TestCase(2147483648u), TestCase(4294967295u)]
        public void OutOfBoundsIsAnErrorAndNothingIsWritten(uint ptr)
        {
            Guest guest = Keep(Wat.Guest("(module (memory (export \"memory\") 1))"));
            string message = Assert.Throws<ArgumentOutOfRangeException>(() => guest.Read(ptr, 4)).Message;
            Assert.That(
                message, Contains.Substring("4 bytes at " + ptr + " are not in a linear memory of 65536 bytes"));
            Assert.Throws<ArgumentOutOfRangeException>(() => guest.Write(ptr, Utf8("abcd")));
            Assert.That(Array.TrueForAll(guest.Read(0, Page), value => value == 0));
            Assert.Throws<ArgumentOutOfRangeException>(() => guest.Read(0, -1));
        }

        [Test]
        public void TheLastByteAndTheEmptyEndAreInBounds()
        {
            Guest guest = Keep(Wat.Guest("(module (memory (export \"memory\") 1))"));
            guest.Write(Page - 1, new byte[] { 7 });
            Assert.That(guest.Read(Page - 1, 1), Is.EqualTo(new byte[] { 7 }));
            Assert.That(guest.Read(Page, 0), Is.Empty);
            guest.Write(Page, new byte[0]);
        }

        [TestCase("(module)"), TestCase("(module (func (export \"memory\")))")]
        public void AModuleWithoutMemoryHasNoneOfIt(string text)
        {
            Guest guest = Wat.Guest(text);
            Assert.That(guest.MemoryLength, Is.EqualTo(0));
            Assert.That(guest.Read(0, 0), Is.Empty);
            guest.Write(0, new byte[0]);
            Assert.Throws<ArgumentOutOfRangeException>(() => guest.Read(0, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => guest.Read(1, 0));
            guest.Discard();
            guest.Discard(); // once more does nothing
        }

        [Test]
        public void TheLastByteOf4GiBCanBeReadAndWritten()
        {
            Guest guest = Keep(Wat.Guest("(module (memory (export \"memory\") 65536))"));
            Assert.That(guest.MemoryLength, Is.EqualTo(1L << 32));
            guest.Write(uint.MaxValue, new byte[] { 7 });
            Assert.That(guest.Read(uint.MaxValue, 1), Is.EqualTo(new byte[] { 7 }));
            Assert.Throws<ArgumentOutOfRangeException>(() => guest.Read(uint.MaxValue, 2));
            Assert.Throws<ArgumentOutOfRangeException>(() => guest.Read(uint.MaxValue, uint.MaxValue));
            Assert.That(guest.Read(1UL << 32, 0), Is.Empty);
        }

        [Test]
        public void MemoryIsLookedAtAnewAfterItGrew()
        {
            Guest guest = Keep(Wat.Guest(@"(module (memory (export ""memory"") 1 2000)
                (func (export ""grow"") (param i32) (result i32) local.get 0 memory.grow))"));
            guest.Write(0, Utf8("before"));
            Assert.Throws<ArgumentOutOfRangeException>(() => guest.Read(Page, 1));
            Assert.That(guest.Call("grow", 1999), Is.EqualTo(1));
            Assert.That(guest.MemoryLength, Is.EqualTo(2000L * Page));
            Assert.That(guest.Read(0, 6), Is.EqualTo(Utf8("before")));
            guest.Write(2000 * Page - 5, Utf8("after"));
            Assert.That(guest.Read(2000 * Page - 5, 5), Is.EqualTo(Utf8("after")));
        }

        [Test]
        public void SigningGoesOnOverGrowth()
        {
            long atFirst = _signer.Guest.MemoryLength;
            foreach (int length in new[] { 0, 1, 3000000, 10, 9000000, 16 * MiB })
            {
                byte[] message = Filled(length, (byte)(length % 251));
                Assert.That(_signer.Sign(message), Is.EqualTo(Oracle.Sign(Seed, message)));
            }
            Assert.That(_signer.Guest.MemoryLength, Is.GreaterThan(atFirst + 16 * MiB - Page));
        }

        [Test]
        public void ATrapAndAMissingExportAreToldApart()
        {
            Guest guest = Keep(
                Wat.Guest("(module (func (export \"boom\") unreachable) (global (export \"g\") i32 (i32.const 0)))"));
            foreach (string missing in new[] { "nothing", "g", "" })
            {
                Assert.Throws<MissingMemberException>(() => guest.Run(missing));
            }
            GuestTrapException trap = Assert.Throws<GuestTrapException>(() => guest.Run("boom"));
            Assert.That(trap.Message, Contains.Substring("unreachable"));
            Assert.That(trap.WasCutOff, Is.False);
        }

        [Test]
        public void AStartFunctionThatTrapsIsATrap()
        { Assert.Throws<GuestTrapException>(() => Wat.Guest("(module (func $start unreachable) (start $start))")); }

        [Test]
        public void AKeptAddressSeesWhatIsWrittenAfterMemoryGrew()
        {
            Guest guest = Keep(Wat.Guest(@"(module (memory (export ""memory"") 1)
                (func (export ""grow"") (param i32) (result i32) local.get 0 memory.grow))"));
            IntPtr before = guest.Address(16, 4);
            Assert.That(guest.Call("grow", 20000), Is.EqualTo(1));
            Assert.That(guest.Address(16, 4), Is.EqualTo(before), "memory grows where it is");
        }

        [Test]
        public void ALimitOfMemoryIsAnErrorAndNotATrap()
        {
            GuestLimits limits = new GuestLimits { MaxMemoryBytes = 4 * MiB };
            CompiledModule module = Keep(CompiledModule.FromFile(ModulePath("signer-raw"), limits));
            Signer signer = Keep(new Signer(module, Keypair));
            AssertCode("OUT_OF_MEMORY", () => signer.Sign(new byte[8 * MiB]));
            byte[][] batch = { new byte[5 * MiB], new byte[5 * MiB] };
            AssertCode("OUT_OF_MEMORY", () => signer.SignMany(batch));
            Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
            limits = new GuestLimits { MaxMemoryBytes = Page };
            CompiledModule tooSmall = Keep(CompiledModule.FromFile(ModulePath("signer-raw"), limits));
            Assert.Throws<InvalidOperationException>(() => new Signer(tooSmall));
        }

        [Test]
        public void ACallThatTakesTooLongIsCutOffAndTheSignerGoesOn()
        {
            byte[] wasm = Wat.FakeSignerBytes("sign_loaded", "(loop $on (br $on)) unreachable");
            GuestLimits limits = new GuestLimits { CallTimeout = TimeSpan.FromMilliseconds(50) };
            CompiledModule module = Keep(new CompiledModule(wasm, limits));
            Signer signer = Keep(new Signer(module, Keypair));
            for (int n = 0; n < 2; n++)
            {
                Stopwatch watch = Stopwatch.StartNew();
                SignerException error = Assert.Throws<SignerException>(() => signer.Sign("hello"));
                // Two clocks, each of whole milliseconds.
                Assert.That(watch.ElapsedMilliseconds, Is.GreaterThanOrEqualTo(49).And.LessThan(20000));
                Assert.That(error.Code, Is.EqualTo("TRAPPED"));
                Assert.That(((GuestTrapException)error.InnerException).WasCutOff);
                Assert.That(signer.GetPublicKey(), Is.EqualTo(PublicKey));
                Assert.That(signer.DerivePublicKey(Seed), Is.EqualTo(new byte[32]), "the fake's own answer");
            }
        }

        [Test]
        public void ATimeoutThatIsLongEnoughChangesNothing()
        {
            GuestLimits limits = new GuestLimits { CallTimeout = TimeSpan.FromMinutes(1) };
            CompiledModule module = Keep(CompiledModule.FromFile(ModulePath("signer-raw"), limits));
            Signer signer = Keep(new Signer(module, Keypair));
            Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
            Assert.That(signer.Sign(new byte[MiB]), Is.EqualTo(Oracle.Sign(Seed, new byte[MiB])));
        }

        [Test]
        public void ManyInstancesFitIntoTheAddressSpaceIfTheyAreDisposedOf()
        {
            // Each has 4 GiB reserved, so that 2^47 bytes are used up by some ten thousand.
            CompiledModule module = Module("add-raw");
            for (int n = 0; n < 50000; n++) { module.Instantiate().Dispose(); }
        }
    }
}
