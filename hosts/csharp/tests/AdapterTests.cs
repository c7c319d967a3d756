using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using EveryhostAdapter;
using EveryhostSigner;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>The adapter, as a real process, and asked in this one where only the answers matter.</summary>
    [TestFixture]
    public class AdapterTests
    {
        private const int MaxLineLength = 64 * MiB;
        private const string Hello = "68656c6c6f";

        private static readonly string[] RawOps = { "raw", "raw_memory_limit", "raw_deadline", "raw_module" };
        private static readonly string[] SignerOps =
            RawOps.Concat(new[] { "public_key", "session", "sign", "sign_many", "verify", "verify_strict" }).ToArray();

        [Test]
        public void ItAnswersLineByLineAndEndsWithItsInput()
        {
            string path = ModulePath("signer-raw");
            JObject million =
                Given("keypair", Hex(Keypair), "message", new JObject { { "repeat", "61" }, { "times", MiB } });
            string[] answers = Converse(Lines(Greeting("signer-raw", path), Request("sign", SignHello()),
                Request("sign", million), Request("session", Given("keypair", Hex(Keypair), "steps", new JArray()))));
            JObject greeting = JObject.Parse(answers[0]);
            Assert.That((int)greeting["protocol"], Is.EqualTo(1));
            Assert.That((string)greeting["host"], Is.EqualTo("csharp"));
            Assert.That((string)greeting["version"], Matches("^(Mono|\\.NET Core) [0-9.]+$"));
            Assert.That((string)greeting["runtime"], Is.EqualTo("wasmtime 50.0.1"));
            Assert.That((string)greeting["os"], Matches("^[a-z]+/[a-z0-9]+$"));
            JToken module = greeting["modules"]["signer-raw"];
            Assert.That((string)module["sha256"], Is.EqualTo(Hex(Sha256.Of(File.ReadAllBytes(path)))));
            Assert.That(module["ops"].Select(op => (string)op), Is.EqualTo(SignerOps));
            Assert.That(module["refused"], Is.Null);
            Assert.That(answers.Skip(1), Is.EqualTo(new[] {
                "{\"seq\":7,\"ok\":{\"signature\":\"" + Hex(HelloSignature) + "\"}}",
                "{\"seq\":7,\"ok\":{\"signature\":\"" + Hex(Oracle.Sign(Seed, Filled(MiB, 97))) + "\"}}",
                "{\"seq\":7,\"ok\":{\"steps\":[]}}",
            }));
        }

        [Test]
        public void EachAnswerIsFlushedBeforeTheNextRequest()
        {
            using (Process process = Processes.Start("adapter"))
            {
                string last = null;
                foreach (JObject request in new[] { Greeting("signer-raw", ModulePath("signer-raw")),
                             Request("public_key", Given("seed", Hex(Seed))) })
                {
                    byte[] line = Lines(request);
                    process.StandardInput.BaseStream.Write(line, 0, line.Length);
                    process.StandardInput.BaseStream.Flush();
                    Task<string> answer = process.StandardOutput.ReadLineAsync();
                    Assert.That(answer.Wait(60000), "no answer came while the input was open");
                    last = answer.Result;
                }
                Assert.That(last, Is.EqualTo("{\"seq\":7,\"ok\":{\"public_key\":\"" + Hex(PublicKey) + "\"}}"));
                process.StandardInput.Close();
                Assert.That(process.WaitForExit(60000));
                Assert.That(process.ExitCode, Is.EqualTo(0));
            }
        }

        [Test]
        public void ALineMayHave64MiBAndNoByteMore()
        {
            byte[] first = Lines(Greeting("signer-raw", ModulePath("signer-raw")));
            string request = Request("sign", Given("keypair", Hex(Keypair), "message", "")).ToString(Formatting.None);
            StringBuilder longest = new StringBuilder(request.Substring(0, request.Length - 1) + ",\"padding\":\"");
            longest.Append('x', MaxLineLength - longest.Length - 2).Append("\"}");

            string[] answers = Converse(first.Concat(Utf8(longest + "\n")).ToArray());
            Assert.That(answers[1],
                Is.EqualTo("{\"seq\":7,\"ok\":{\"signature\":\"" + Hex(Oracle.Sign(Seed, new byte[0])) + "\"}}"));

            Processes.Ended ended = Processes.Run("adapter", first.Concat(Utf8(longest + " \n")).ToArray());
            Assert.That(ended.ExitCode, Is.EqualTo(1));
            Assert.That(ended.Errors, Is.EqualTo("csharp adapter: a line of over 67108864 bytes\n"));
        }

        [TestCase("signer-raw", "not JSON")]
        [TestCase("{}{}", "not JSON: Additional text")]
        [TestCase("[]", "a request is a JSON object")]
        [TestCase("", "not JSON")]
        [TestCase("{\"cmd\":\"hello\",\"protocol\":2,\"modules\":{}}", "protocol 2 is not spoken here, only 1")]
        [TestCase("{\"cmd\":\"hello\",\"protocol\":1}", "modules must be an object")]
        [TestCase("{\"cmd\":\"stop\"}", "neither hello nor run")]
        [TestCase(
            "{\"cmd\":\"hello\",\"protocol\":1,\"modules\":{\"m\":{\"path\":\"/nowhere/m.wasm\"}}}", "/nowhere/m.wasm")]
        public void WhatIsNoRequestEndsItWithOneClearLine(string line, string complaint)
        {
            Processes.Ended ended = Processes.Run("adapter", Utf8(line + "\n"));
            Assert.That(ended.ExitCode, Is.EqualTo(1));
            Assert.That(ended.Output, Is.Empty);
            Assert.That(ended.Errors, Contains.Substring(complaint));
            Assert.That(ended.Errors, Matches("^csharp adapter: [^\n]*\n$"));
        }

        [Test]
        public void BytesThatAreNoTextEndItToo()
        {
            Processes.Ended ended = Processes.Run("adapter", new byte[] { (byte)'"', 0xff, (byte)'"', (byte)'\n' });
            Assert.That(ended.ExitCode, Is.EqualTo(1));
            Assert.That(ended.Errors, Matches("^csharp adapter: not JSON: [^\n]*\n$"));
        }

        [Test]
        public void AModuleThatCannotBeLoadedIsRefusedAndTheOthersAreNotConcerned()
        {
            string[] refused = {
                TemporaryFile(Utf8("not Wasm")),
                TemporaryFile(Wat.Bytes("(module (import \"env\" \"now\" (func)))")),
                TemporaryFile(new byte[] { 0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 99 }),
            };
            Adapter adapter = new Adapter();
            JObject modules = (JObject)adapter.Answer(Greeting(
                "one", refused[0], "two", refused[1], "three", refused[2], "good", ModulePath("add-raw")))["modules"];
            Assert.That((string)modules["one"]["refused"], Contains.Substring("not a Wasm module"));
            Assert.That((string)modules["two"]["refused"], Is.EqualTo("it needs imports: env.now"));
            Assert.That((string)modules["three"]["refused"], Contains.Substring("wasmtime cannot compile this module"));
            Assert.That((string)modules["one"]["sha256"], Is.EqualTo(Hex(Sha256.Of(Utf8("not Wasm")))));
            Assert.That(modules["one"]["ops"], Is.Empty);
            Assert.That(
                modules["good"]["ops"].Select(op => (string)op), Is.EqualTo(RawOps.Concat(new[] { "add", "divide" })));
            JObject answer = Ask(adapter, "raw", Given("steps", new JArray()), "two");
            Assert.That((string)answer["unsupported"], Is.EqualTo("hello gave no module two, or it was refused"));
            Array.ForEach(refused, File.Delete);
        }

        [Test]
        public void ItAnswersFromTheModuleThatItWasGiven()
        {
            string path = TemporaryFile(Wat.FakeSignerBytes("verify", "i32.const 0"));
            Adapter adapter = new Adapter();
            adapter.Answer(Greeting("signer-raw", path));
            File.Delete(path);
            Assert.That(Written(Ask(adapter, "sign", SignHello())),
                Is.EqualTo("{'ok':{'signature':'" + new string('0', 128) + "'}}"));
            JObject wrong = Given("public_key", new string('0', 64), "message", "", "signature", new string('0', 128));
            Assert.That(Written(Ask(adapter, "verify", wrong)), Is.EqualTo("{'ok':{'valid':true}}"));
        }

        [Test]
        public void ItAnswersAsTheWrapperDoes()
        {
            Adapter adapter = SignerAdapter();
            JObject tooLong = new JObject { { "repeat", "00" }, { "times", 16 * MiB + 1 } };
            JObject again = new JObject { { "repeat", Hello }, { "times", 1 } };
            AssertAnswer(
                adapter, "public_key", Given("seed", Hex(Seed)), "{'ok':{'public_key':'" + Hex(PublicKey) + "'}}");
            AssertAnswer(adapter, "public_key", Given("seed", "00"), "{'error':'KEY_LENGTH'}");
            AssertAnswer(adapter, "sign", Given("keypair", "", "message", Hello), "{'error':'KEY_LENGTH'}");
            AssertAnswer(
                adapter, "sign", Given("keypair", Hex(Mismatched), "message", Hello), "{'error':'KEY_PAIR_MISMATCH'}");
            AssertAnswer(
                adapter, "sign", Given("keypair", Hex(Keypair), "message", tooLong), "{'error':'MESSAGE_TOO_LARGE'}");
            AssertAnswer(adapter, "sign_many", Given("keypair", Hex(Keypair), "messages", new JArray(Hello, again)),
                "{'ok':{'signatures':['" + Hex(HelloSignature) + "','" + Hex(HelloSignature) + "']}}");
            AssertAnswer(adapter, "sign_many", Given("keypair", Hex(Keypair), "messages", new JArray()),
                "{'ok':{'signatures':[]}}");
            AssertAnswer(adapter, "session", Given("keypair", Hex(Mismatched), "steps", new JArray()),
                "{'error':'KEY_PAIR_MISMATCH'}");
        }

        [TestCase("verify")]
        [TestCase("verify_strict")]
        public void ItVerifies(string operation)
        {
            Adapter adapter = SignerAdapter();
            AssertAnswer(adapter, operation, Signed(), "{'ok':{'valid':true}}");
            AssertAnswer(adapter, operation, Changed(Signed(), "message", ""), "{'ok':{'valid':false}}");
            AssertAnswer(adapter, operation, Changed(Signed(), "signature", ""), "{'ok':{'valid':false}}");
            AssertAnswer(adapter, operation, Changed(Signed(), "public_key", ""), "{'error':'PUBLIC_KEY_LENGTH'}");
        }

        [Test]
        public void ASessionAnswersEachStep()
        {
            JObject message = Given("message", Hello);
            string signed = "{'ok':{'signature':'" + Hex(HelloSignature) + "'}}";
            string publicKey = "{'ok':{'public_key':'" + Hex(PublicKey) + "'}}";
            object[] steps = {
                "public_key",
                Given(),
                publicKey,
                "sign",
                message,
                signed,
                "sign_with",
                SignHello(),
                signed,
                "sign_with",
                Given("keypair", Hex(Mismatched), "message", Hello),
                "{'trap':true,'detail':'…'}",
                "sign",
                message,
                signed,
                "sign_many",
                Given("messages", new JArray(Hello)),
                "{'ok':{'signatures':['" + Hex(HelloSignature) + "']}}",
                "load_key",
                Given("keypair", ""),
                "{'error':'KEY_LENGTH'}",
                "sign",
                message,
                "{'error':'NO_KEY'}",
                "load_key",
                Given("keypair", Hex(Keypair)),
                publicKey,
                "sign",
                message,
                signed,
                "wipe",
                Given(),
                "{'ok':{}}",
                "public_key",
                Given(),
                "{'error':'NO_KEY'}",
                "verify",
                Signed(),
                "{'ok':{'valid':true}}",
                "verify_strict",
                Signed(),
                "{'ok':{'valid':true}}",
                "close",
                Given(),
                "{'ok':{}}",
                "close",
                Given(),
                "{'ok':{}}",
                "wipe",
                Given(),
                "{'error':'CLOSED'}",
                "sign",
                message,
                "{'error':'CLOSED'}",
            };
            JArray asked = new JArray();
            string expected = "";
            for (int n = 0; n < steps.Length; n += 3)
            {
                asked.Add(new JObject { { "op", (string)steps[n] }, { "in", (JObject)steps[n + 1] } });
                expected += (n == 0 ? "" : ",") + steps[n + 2];
            }
            AssertAnswer(SignerAdapter(), "session", Given("keypair", Hex(Keypair), "steps", asked),
                "{'ok':{'steps':[" + expected + "]}}");
        }

        [Test]
        public void TheAddersOperations()
        {
            Adapter adapter = new Adapter();
            adapter.Answer(Greeting("add-raw", ModulePath("add-raw")));
            Assert.That(Written(Ask(adapter, "add", Given("a", int.MaxValue, "b", 1), "add-raw")),
                Is.EqualTo("{'ok':{'value':-2147483648}}"));
            Assert.That(
                Written(Ask(adapter, "divide", Given("a", -7, "b", 2), "add-raw")), Is.EqualTo("{'ok':{'value':-3}}"));
            JObject trapped = Ask(adapter, "divide", Given("a", 1, "b", 0), "add-raw");
            Assert.That((bool)trapped["trap"]);
            Assert.That((string)trapped["detail"], Is.Not.Empty);
            JObject large = Ask(adapter, "add", Given("a", 2147483648, "b", 1), "add-raw");
            Assert.That((string)large["unsupported"], Contains.Substring("a must be an integer from -2147483648"));
        }

        [TestCase("add", "{'a':1,'b':2}")]
        [TestCase("fly", "{}")]
        [TestCase("sign", "{'keypair':'0G','message':''}")]
        [TestCase("sign", "{'keypair':'AB','message':''}")]
        [TestCase("sign", "{'keypair':'abc','message':''}")]
        [TestCase("sign", "{'keypair':'KEYPAIR','message':{'repeat':'00','times':1099511627776}}")]
        [TestCase("sign", "{'keypair':'KEYPAIR','message':{'repeat':'0000','times':2147483647}}")]
        [TestCase("sign", "{'keypair':'KEYPAIR'}")]
        [TestCase("sign", "{'keypair':1,'message':''}")]
        [TestCase("session", "{'keypair':'KEYPAIR','steps':[{'op':'fly','in':{}}]}")]
        [TestCase("session", "{'keypair':'KEYPAIR'}")]
        public void WhatItCannotDoIsSaidAndItGoesOn(string operation, string given)
        {
            Adapter adapter = SignerAdapter();
            JObject answer = Ask(adapter, operation, JObject.Parse(given.Replace("KEYPAIR", Hex(Keypair))));
            Assert.That(answer.Properties().Select(property => property.Name), Is.EqualTo(new[] { "unsupported" }));
            AssertAnswer(
                adapter, "public_key", Given("seed", Hex(Seed)), "{'ok':{'public_key':'" + Hex(PublicKey) + "'}}");
        }

        [Test]
        public void ASecondGreetingReplacesTheModules()
        {
            Adapter adapter = SignerAdapter();
            adapter.Answer(Greeting());
            Assert.That((string)Ask(adapter, "public_key", Given("seed", Hex(Seed)))["unsupported"],
                Contains.Substring("hello gave no module signer-raw"));
        }

        [Test]
        public void TheProbeNamesTheRuntimes()
        {
            Processes.Ended ended = Processes.Run("adapter", new byte[0], "--probe");
            Assert.That(ended.ExitCode, Is.EqualTo(0), ended.Errors);
            Assert.That(ended.Output, Matches("^(Mono|\\.NET Core) [0-9.]+, wasmtime 50\\.0\\.1\n$"));
        }

        private static string[] Converse(byte[] input)
        {
            Processes.Ended ended = Processes.Run("adapter", input);
            Assert.That(ended.Errors, Is.Empty);
            Assert.That(ended.ExitCode, Is.EqualTo(0));
            return ended.Output.Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries);
        }

        private static byte[] Lines(params JObject[] requests)
        {
            return Utf8(string.Concat(requests.Select(request => request.ToString(Formatting.None) + "\n")));
        }

        private static Adapter SignerAdapter()
        {
            Adapter adapter = new Adapter();
            adapter.Answer(Greeting("signer-raw", ModulePath("signer-raw")));
            return adapter;
        }

        private static JObject Greeting(params string[] namesAndPaths)
        {
            JObject modules = new JObject();
            for (int n = 0; n < namesAndPaths.Length; n += 2)
            {
                modules.Add(
                    namesAndPaths[n], new JObject { { "path", namesAndPaths[n + 1] }, { "sha256", "not looked at" } });
            }
            return new JObject { { "cmd", "hello" }, { "protocol", 1 }, { "modules", modules } };
        }

        private static JObject Request(string operation, JObject given, string module = "signer-raw")
        {
            return new JObject {
                { "cmd", "run" },
                { "seq", 7 },
                { "module", module },
                { "op", operation },
                { "in", given },
                { "fields of tomorrow", new JArray(1) },
            };
        }

        private static JObject Ask(Adapter adapter, string operation, JObject given, string module = "signer-raw")
        {
            JObject answer = adapter.Answer(Request(operation, given, module));
            Assert.That((int)answer["seq"], Is.EqualTo(7));
            answer.Remove("seq");
            return answer;
        }

        private static void AssertAnswer(Adapter adapter, string operation, JObject given, string expected)
        {
            Assert.That(Written(Ask(adapter, operation, given)), Is.EqualTo(expected), operation + " " + given);
        }

        private static JObject SignHello()
        {
            return Given("keypair", Hex(Keypair), "message", Hello);
        }

        private static JObject Signed()
        {
            return Given("public_key", Hex(PublicKey), "message", Hello, "signature", Hex(HelloSignature));
        }

        private static JObject Changed(JObject given, string field, string value)
        {
            given[field] = value;
            return given;
        }

        /// <summary>An object of fields: name, value, name, value…</summary>
        private static JObject Given(params object[] fields)
        {
            JObject given = new JObject();
            for (int n = 0; n < fields.Length; n += 2)
            {
                object value = fields[n + 1];
                given.Add((string)fields[n], value as JToken ?? new JValue(value is int number ? (long)number : value));
            }
            return given;
        }

        private static string Written(JObject json)
        {
            return RawStepsTests.Written(json);
        }

        private static string TemporaryFile(byte[] content)
        {
            string path = Path.GetTempFileName();
            File.WriteAllBytes(path, content);
            return path;
        }
    }
}
