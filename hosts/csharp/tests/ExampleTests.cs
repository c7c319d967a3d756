using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using EveryhostExample;
using EveryhostSigner;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>What the README shows: the example with its output, the code, and the project files.</summary>
    [TestFixture]
    public class ExampleTests : SignerFixture
    {
        private static string Readme => File.ReadAllText(Path.Combine(HostFolder, "README.md"));

        /// <summary>hosts/examples.json has what it prints, on Mono; here it runs on CoreCLR too.</summary>
        [Test]
        public void TheExampleRuns()
        {
            ModulePath("signer-raw");
            Processes.Ended ended = Processes.Run("example");
            Assert.That(ended.ExitCode, Is.EqualTo(0), ended.Errors);
            Assert.That(ended.Output, Contains.Substring("signature     " + Hex(HelloSignature) + "\n"));
        }

        [Test]
        public void TheReadmesCodeRuns()
        {
            byte[] keypair = (byte[])Keypair.Clone();
            string[] messages = { "hello", "hello" };
            string before = Directory.GetCurrentDirectory();
            Directory.SetCurrentDirectory(Path.GetDirectoryName(ModulePath("signer-raw")));
            try
            {
                ReadmeCode.Run(keypair, messages, out byte[] signature, out IReadOnlyList<byte[]> signatures);
                Assert.That(signature, Is.EqualTo(HelloSignature));
                Assert.That(signatures, Is.EqualTo(new[] { HelloSignature, HelloSignature }));
                ReadmeCode.Verify(PublicKey, signature, out IReadOnlyList<bool> verdicts);
                Assert.That(verdicts, Is.EqualTo(new[] { true, false }));
                byte[] der = Hex("302e020100300506032b657004220420").Concat(Seed).ToArray();
                ReadmeCode.ReadKey(Module("keys"), Module("signer-raw"), der, out signature, out string pem);
                Assert.That(signature, Is.EqualTo(HelloSignature));
                Assert.That(pem, Matches("^-----BEGIN PUBLIC KEY-----\n"));
            }
            finally
            {
                Directory.SetCurrentDirectory(before);
            }
        }

        [Test]
        public void TheReadmesCodeIsTheCodeThatRuns()
        {
            List<string> shown = Found("```csharp\n(.*?)```", Readme);
            string file = File.ReadAllText(Path.Combine(HostFolder, "tests/ReadmeCode.cs"));
            Assert.That(shown, Is.EqualTo(Found("// README\n(.*?) *// end of README", file)));
            Assert.That(shown.Count, Is.EqualTo(3));
        }

        [Test]
        public void ATokenIsBelievedOnlyAsItWasSigned()
        {
            string token = _signer.SignToken("{\"message\":\"hello\"}");
            Assert.That((string)Token.Verify(token, PublicKey)["message"], Is.EqualTo("hello"));
            string[] parts = token.Split('.');
            string none = "eyJhbGciOiJub25lIn0"; // {"alg":"none"}
            foreach (string wrong in new[] { "", parts[0] + "." + parts[1], token + ".", none + "." + parts[1] + ".",
                         parts[0] + "." + none + "." + parts[2], parts[0] + "." + parts[1] + ".AAAA",
                         parts[0] + ".!." + parts[2], "e30." + parts[1] + "." + parts[2] })
            {
                Assert.Throws<InvalidDataException>(() => Token.Verify(wrong, PublicKey), wrong);
            }
            Assert.Throws<InvalidDataException>(() => Token.Verify(token, Oracle.PublicKey(new byte[32])));
            Assert.Throws<InvalidDataException>(() => Token.Verify(token, new byte[31]));
        }

        /// <summary>The project files are not built here: at least they must be for what is compiled here.</summary>
        [TestCase("EveryhostSigner", ""), TestCase("example", "EveryhostSigner")]
        [TestCase("conformance/adapter", "EveryhostSigner example")]
        [TestCase("conformance/bench", "EveryhostSigner example adapter")]
        [TestCase("tests", "EveryhostSigner example adapter")]
        public void TheProjectFilesAreForTheSameSources(string folder, string references)
        {
            string name = Path.GetFileName(folder);
            string project = File.ReadAllText(Path.Combine(HostFolder, folder, name + ".csproj"));
            Assert.That(project.Contains("Compile"), Is.False, "every .cs file of the folder, as setup.sh takes them");
            string[] folders = Regex.Matches(project, "<ProjectReference Include=\"\\.\\./[^\"]*/([^/]+)\\.csproj\"")
                                   .Cast<Match>()
                                   .Select(match => match.Groups[1].Value)
                                   .ToArray();
            Assert.That(
                folders, Is.EquivalentTo(references.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries)));
            Assert.That(project, Contains.Substring("<LangVersion>7.3</LangVersion>"));
            Assert.That(project, Contains.Substring("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>"));
            Assert.That(Directory.GetFiles(Path.Combine(HostFolder, folder), "*.cs"), Is.Not.Empty);
        }

        // What a pattern surrounds, each time, without indentation and empty lines.
        private static List<string> Found(string pattern, string text)
        {
            IEnumerable<Match> matches = Regex.Matches(text, pattern, RegexOptions.Singleline).Cast<Match>();
            return matches.Select(match => Trimmed(match.Groups[1].Value)).ToList();
        }

        private static string Trimmed(string code)
        { return string.Join("\n", code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)); }
    }
}
