using System;
using System.IO;
using EveryhostSigner;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>Adding and dividing 32-bit integers.</summary>
    [TestFixture]
    public class AdderTests : Fixture
    {
        [TestCase(2, 3, 5), TestCase(-1, 1, 0), TestCase(int.MaxValue, 1, int.MinValue)]
        [TestCase(int.MinValue, -1, int.MaxValue), TestCase(int.MinValue, int.MinValue, 0)]
        public void AddingWraps(int a, int b, int sum)
        {
            Adder adder = Keep(new Adder(Module("add-raw")));
            Assert.That(adder.Add(a, b), Is.EqualTo(sum));
        }

        [TestCase(7, 2, 3), TestCase(-7, 2, -3), TestCase(7, -2, -3), TestCase(-7, -2, 3)]
        [TestCase(int.MinValue, 1, int.MinValue)]
        public void DividingTruncates(int a, int b, int quotient)
        {
            Adder adder = Keep(new Adder(Module("add-raw")));
            Assert.That(adder.Divide(a, b), Is.EqualTo(quotient));
        }

        [TestCase(1, 0), TestCase(0, 0), TestCase(int.MinValue, 0), TestCase(int.MinValue, -1)]
        public void DividingTrapsWhereCLeavesItUndefinedAndTheAdderGoesOn(int a, int b)
        {
            Adder adder = Keep(new Adder(Module("add-raw")));
            SignerException error = Assert.Throws<SignerException>(() => adder.Divide(a, b));
            Assert.That(error.Code, Is.EqualTo("TRAPPED"));
            Assert.That(error.InnerException, Is.InstanceOf<GuestTrapException>());
            Assert.That(adder.Divide(-7, 2), Is.EqualTo(-3));
            Assert.That(adder.Add(2, 3), Is.EqualTo(5));
        }

        [Test]
        public void AnyPairAgreesWithTheHostsOwnIntegers()
        {
            Random random = new Random();
            Adder adder = Keep(new Adder(Module("add-raw")));
            for (int n = 0; n < 1000; n++)
            {
                int a = random.Next(int.MinValue, int.MaxValue);
                int b = random.Next(int.MinValue, int.MaxValue) >> random.Next(31);
                string pair = a + ", " + b;
                Assert.That(adder.Add(a, b), Is.EqualTo(unchecked(a + b)), pair);
                if (b != 0 && !(a == int.MinValue && b == -1))
                {
                    Assert.That(adder.Divide(a, b), Is.EqualTo(a / b), pair);
                }
            }
        }

        [Test]
        public void AClosedAdderRefuses()
        {
            Adder adder = new Adder(Module("add-raw"));
            adder.Dispose();
            adder.Dispose();
            AssertCode("CLOSED", () => adder.Add(1, 1));
            AssertCode("CLOSED", () => adder.Divide(1, 1));
        }

        [Test]
        public void AnAdderThatCannotBeReplacedIsClosed()
        {
            CompiledModule module = CompiledModule.FromFile(ModulePath("add-raw"));
            Adder adder = new Adder(module);
            module.Dispose();
            AssertCode("TRAPPED", () => adder.Divide(1, 0));
            AssertCode("CLOSED", () => adder.Divide(1, 0));
        }

        [Test]
        public void ASignerIsNoAdder()
        {
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => new Adder(Module("signer-raw")));
            Assert.That(error.Message, Contains.Substring("does not export add_numbers, divide_numbers"));
        }
    }
}
