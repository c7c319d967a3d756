using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>hosts/adapters.mjs and everyhost run check what the adapter answers.</summary>
    [TestFixture]
    public class AdapterTests : Fixture
    {
        [Test]
        public void TheProbeNamesTheRuntimes()
        {
            Processes.Ended ended = Processes.Run("adapter", "--probe");
            Assert.That(ended.ExitCode, Is.EqualTo(0), ended.Errors);
            Assert.That(ended.Output, Matches("^(Mono|\\.NET Core) [0-9.]+, wasmtime 50\\.0\\.1\n$"));
        }
    }
}
