using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>Which batch module is picked, that its signatures are the same, and what becomes of its key.</summary>
    [TestFixture]
    public class BatchModulesTests : Fixture
    {
        private static readonly string[] Messages = { "", "hello", "a third" };
        private static readonly byte[] Garbage = { 0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 255 };

        // An opcode that no engine has.
        private static readonly byte[] UnknownFeature =
            Hex("0061736d01000000" + "010401600000" + "03020100" + "0a08010600fdffff7f0b");

        private static readonly byte[] SelfTestFails = Fake("load_key", "i32.const 8");

        [TestCase(""), TestCase("garbage"), TestCase("feature"), TestCase("self-test")]
        [TestCase("garbage feature self-test")]
        public void TheFirstModuleThatCanBeUsedSigns(string passedOver)
        {
            List<byte[]> modules = passedOver.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries)
                                       .Select(what => what == "garbage"   ? Garbage
                                                       : what == "feature" ? UnknownFeature
                                                                           : SelfTestFails)
                                       .ToList();
            int place = modules.Count;
            modules.Add(File.ReadAllBytes(ModulePath("signer-raw-simd")));
            modules.Add(Fake());
            Signer signer = With(modules.ToArray());
            Assert.That(signer.BatchModule, Is.EqualTo(-1), "nothing is made before it is needed");
            AssertSigns(signer, place);
        }

        [Test]
        public void OfTheModulesMadeForBatchesTheFastestSigns()
        {
            byte[][] modules = { File.ReadAllBytes(ModulePath("signer-lanes-relaxed")),
                File.ReadAllBytes(ModulePath("signer-lanes")) };
            AssertSigns(With(modules), 0);
            AssertSigns(With(modules[1]), 0);
        }

        [Test]
        public void WhereNoneCanBeUsedTheMainModuleSigns()
        {
            Signer signer = With(Garbage, SelfTestFails);
            AssertSigns(signer, -1);
            AssertSigns(signer, -1);
        }

        [Test]
        public void TwoMessagesGoToTheBatchModuleAndAllElseToTheMainOne()
        {
            Signer signer = With(Fake());
            Assert.That(signer.SignMany(new[] { "hello" })[0], Is.EqualTo(HelloSignature));
            Assert.That(signer.SignMany(new string[0]), Is.Empty);
            Assert.That(signer.BatchModule, Is.EqualTo(-1));
            Assert.That(signer.SignMany(new[] { "hello", "hello" })[0], Is.EqualTo(new byte[64]));
            Assert.That(signer.BatchModule, Is.EqualTo(0));
            Assert.That(signer.SignMany(new[] { "hello" })[0], Is.EqualTo(HelloSignature));
            Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
        }

        [Test]
        public void ASelfTestThatFailsIsToldWhereItIsTheMainModule()
        {
            CompiledModule module = Keep(new CompiledModule(SelfTestFails));
            AssertCode("SELF_TEST_FAILED", () => new Signer(module, Keypair));
        }

        [Test]
        public void AModuleWithoutBatchesIsNoBatchModule()
        {
            byte[] adder = File.ReadAllBytes(ModulePath("add-raw"));
            Assert.Throws<InvalidDataException>(() => With(adder));
        }

        [TestCase("wipe"), TestCase("replaced key"), TestCase("wrong length"), TestCase("refused key")]
        [TestCase("close")]
        public void NoSecretStaysInTheBatchModule(string end)
        {
            Signer signer = With(File.ReadAllBytes(ModulePath("signer-raw-simd")));
            AssertSigns(signer, 0);
            Guest guest = signer.BatchSigner.Guest;
            byte[] held = signer.BatchSigner.Held.Bytes;
            Assert.That(SecretTests.FoundIn(guest, Seed), Is.Not.Empty, "the scan finds the held key before");
            string[] seen = null;
            guest.BeforeDispose = () => seen = SecretTests.FoundIn(guest, Seed);
            SecretTests.Paths[end](signer);
            Assert.That(end == "close" ? seen : SecretTests.FoundIn(guest, Seed), Is.Empty);
            Assert.That(held, Is.EqualTo(new byte[64]));
            if (end != "close" && end != "replaced key")
            {
                AssertCode("NO_KEY", () => signer.SignMany(Messages));
                signer.LoadKey(Keypair);
            }
            if (end != "close") { AssertSigns(signer, 0); }
        }

        [Test]
        public void ATrapInOneInstanceIsToldAndTheOtherGoesOn()
        {
            Signer signer = With(Fake("sign_batch", "unreachable"));
            for (int round = 0; round < 2; round++)
            {
                AssertCode("TRAPPED", () => signer.SignMany(Messages));
                Assert.That(signer.Sign("hello"), Is.EqualTo(HelloSignature));
            }
            signer.BatchSigner.ReplaceModule(Module("signer-raw-simd")); // what comes up after the next trap
            AssertCode("TRAPPED", () => signer.SignMany(Messages));
            AssertSigns(signer, 0);
            AssertCode("TRAPPED", () => signer.SignWith(Mismatched, "hello"));
            AssertSigns(signer, 0);
        }

        [Test]
        public void AWipeThatTrapsInTheBatchModuleWipesTheMainOne()
        {
            Signer signer = With(Fake("wipe", "unreachable"));
            signer.SignMany(Messages);
            Guest main = signer.Guest;
            AssertCode("TRAPPED", signer.Wipe);
            Assert.That(signer.Guest, Is.SameAs(main), "it did not trap, and is not replaced");
            Assert.That(SecretTests.FoundIn(main, Seed), Is.Empty);
            AssertCode("NO_KEY", () => signer.Sign("hello"));
        }

        // Signs zeros.
        private static byte[] Fake(params string[] bodies) => Wat.FakeSignerBytes(bodies);

        private Signer With(params byte[][] modules)
        { return Keep(new Signer(Module("signer-raw"), Keypair, Keep(new BatchModules(modules)))); }

        private static void AssertSigns(Signer signer, int place)
        {
            byte[][] expected = Messages.Select(signer.Sign).ToArray();
            Assert.That(signer.SignMany(Messages), Is.EqualTo(expected));
            Assert.That(signer.BatchModule, Is.EqualTo(place));
        }
    }
}
