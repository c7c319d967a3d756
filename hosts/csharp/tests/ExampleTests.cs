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
    public class ExampleTests
    {
        private static string Readme => File.ReadAllText(Path.Combine(HostFolder, "README.md"));

        [Test]
        public void TheReadmeShowsWhatTheExamplePrints()
        {
            ModulePath("signer-raw");
            Processes.Ended ended = Processes.Run("example", new byte[0]);
            Assert.That(ended.ExitCode, Is.EqualTo(0), ended.Errors);
            Match shown = Regex.Match(
                Readme, "```console\n\\$ mono hosts/csharp/bin/example\\.dll\n(.*?)```", RegexOptions.Singleline);
            Assert.That(shown.Success, "the README has no block for the example");
            Assert.That(ended.Output, Is.EqualTo(shown.Groups[1].Value));
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
            }
            finally
            {
                Directory.SetCurrentDirectory(before);
            }
        }

        [Test]
        public void TheReadmesCodeIsTheCodeThatRuns()
        {
            string shown = Regex.Match(Readme, "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
            string file = File.ReadAllText(Path.Combine(HostFolder, "tests/ReadmeCode.cs"));
            string run =
                Regex.Match(file, "// README\n(.*?) *// end of README", RegexOptions.Singleline).Groups[1].Value;
            Assert.That(Trimmed(shown), Is.EqualTo(Trimmed(run)));
            Assert.That(shown, Is.Not.Empty);
        }

        [Test]
        public void AnyMessageAndKeyCanBeGiven()
        {
            const string Message = "gr\u00fc\u00df dich";
            byte[] seed = Enumerable.Range(0, 32).Select(n => (byte)n).ToArray();
            string keyFile = KeyFile(Hex(Oracle.Keypair(seed)) + "\n");
            Processes.Ended ended = Processes.Run("example", new byte[0], "--message", Message, "--key-file", keyFile);
            Assert.That(ended.ExitCode, Is.EqualTo(0), ended.Errors);
            Dictionary<string, string> printed = ended.Output.TrimEnd('\n').Split('\n').ToDictionary(
                line => line.Substring(0, 12).Trim(), line => line.Substring(12));
            Assert.That(printed["public key"], Is.EqualTo(Hex(Oracle.PublicKey(seed))));
            Assert.That(printed["signature"], Is.EqualTo(Hex(Oracle.Sign(seed, Utf8(Message)))));
            Assert.That((string)Token.Verify(printed["JWT"], Oracle.PublicKey(seed))["message"], Is.EqualTo(Message));
            Assert.Throws<InvalidDataException>(() => Token.Verify(printed["JWT"], PublicKey));
            File.Delete(keyFile);
        }

        [TestCase(null, "cannot read 128 hex digits")]
        [TestCase("xyz", "cannot read 128 hex digits")]
        [TestCase("zz", "cannot read 128 hex digits")]
        [TestCase("00", "KEY_LENGTH: a keypair must be 64 bytes long")]
        [TestCase("mismatched", "KEY_PAIR_MISMATCH")]
        public void ABadKeyGetsOneClearLine(string content, string complaint)
        {
            string keyFile = KeyFile(content == "mismatched" ? Hex(Mismatched) : content ?? "");
            if (content == null)
            {
                File.Delete(keyFile);
            }
            AssertRefused(complaint, "--key-file", keyFile);
            File.Delete(keyFile);
        }

        [Test]
        public void ABadCommandLineGetsOneClearLine()
        {
            AssertRefused("none.wasm", "--module", Path.Combine(Bin, "none.wasm"));
            AssertRefused("make modules", "--module", "/nowhere/none.wasm");
            AssertRefused("not a Wasm module", "--module", Path.Combine(Bin, "example.dll"));
            AssertRefused("--message needs a value; see --help", "--message");
            AssertRefused("--key is no option; see --help", "--key", "00");
            Processes.Ended help = Processes.Run("example", new byte[0], "--help");
            Assert.That(help.ExitCode, Is.EqualTo(0));
            Assert.That(help.Output, Contains.Substring("usage: example [--message TEXT] [--key-file FILE]"));
        }

        [Test]
        public void ATokenIsBelievedOnlyAsItWasSigned()
        {
            using (Signer signer = NewSigner())
            {
                string token = Token.Make(signer, new JObject { { "message", "hello" } });
                Assert.That((string)Token.Verify(token, PublicKey)["message"], Is.EqualTo("hello"));
                string[] parts = token.Split('.');
                string none = "eyJhbGciOiJub25lIn0"; // {"alg":"none"}
                foreach (string wrong in new[] { "", parts[0] + "." + parts[1], token + ".",
                             none + "." + parts[1] + ".", parts[0] + "." + none + "." + parts[2],
                             parts[0] + "." + parts[1] + ".AAAA", parts[0] + ".!." + parts[2],
                             "e30." + parts[1] + "." + parts[2] })
                {
                    Assert.Throws<InvalidDataException>(() => Token.Verify(wrong, PublicKey), wrong);
                }
                Assert.Throws<InvalidDataException>(() => Token.Verify(token, Oracle.PublicKey(new byte[32])));
                Assert.Throws<InvalidDataException>(() => Token.Verify(token, new byte[31]));
            }
        }

        /// <summary>The project files are not built here: at least they must be for what is compiled here.</summary>
        [TestCase("EveryhostSigner", "")]
        [TestCase("example", "EveryhostSigner")]
        [TestCase("adapter", "EveryhostSigner")]
        [TestCase("tests", "EveryhostSigner example adapter")]
        public void TheProjectFilesAreForTheSameSources(string name, string references)
        {
            string project = File.ReadAllText(Path.Combine(HostFolder, name + "/" + name + ".csproj"));
            Assert.That(project.Contains("Compile"), Is.False, "every .cs file of the folder, as setup.sh takes them");
            string[] folders = Regex.Matches(project, "<ProjectReference Include=\"\\.\\./([^/]+)/")
                                   .Cast<Match>()
                                   .Select(match => match.Groups[1].Value)
                                   .ToArray();
            Assert.That(
                folders, Is.EquivalentTo(references.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries)));
            Assert.That(project, Contains.Substring("<LangVersion>7.3</LangVersion>"));
            Assert.That(project, Contains.Substring("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>"));
            Assert.That(Directory.GetFiles(Path.Combine(HostFolder, name), "*.cs"), Is.Not.Empty);
        }

        private static void AssertRefused(string complaint, params string[] arguments)
        {
            Processes.Ended ended = Processes.Run("example", new byte[0], arguments);
            Assert.That(ended.ExitCode, Is.EqualTo(1));
            Assert.That(ended.Output, Is.Empty);
            Assert.That(ended.Errors, Matches("^example: [^\n]*\n$"));
            Assert.That(ended.Errors, Contains.Substring(complaint));
        }

        private static string KeyFile(string content)
        {
            string path = Path.GetTempFileName();
            File.WriteAllText(path, content);
            return path;
        }

        private static string[] Trimmed(string code)
        {
            return code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
        }
    }
}
