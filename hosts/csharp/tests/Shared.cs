using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using EveryhostSigner;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using NUnit.Framework.Constraints;

namespace EveryhostTests
{
    /// <summary>What the tests share: the built modules, and the published test key.</summary>
    internal static class Shared
    {
        internal const int MiB = 1024 * 1024;

        // Published in a book: good for tests, never for anything else.
        internal static readonly byte[] Seed = Hex("fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf");
        internal static readonly byte[] PublicKey =
            Hex("3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f");
        internal static readonly byte[] Keypair = Seed.Concat(PublicKey).ToArray();
        internal static readonly byte[] Mismatched = Seed.Concat(new byte[32]).ToArray();
        internal static readonly byte[] HelloSignature =
            Hex("5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3" +
                "d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303");

        private static readonly Dictionary<string, CompiledModule> Compiled = new Dictionary<string, CompiledModule>();

        /// <summary>The folder of this host.</summary>
        internal static string HostFolder => Path.GetFullPath(Path.Combine(Bin, ".."));

        /// <summary>The folder of the programs.</summary>
        internal static string Bin => Path.GetDirectoryName(typeof(Shared).Assembly.Location);

        internal static string ModulePath(string name) => BuiltPath("modules/" + name + ".wasm");

        /// <summary>A module that is made for tests: hosts/fixtures has its text.</summary>
        internal static string FixturePath(string name) => BuiltPath("fixtures/" + name + ".wasm");

        private static string BuiltPath(string name)
        {
            string path = Path.GetFullPath(Path.Combine(HostFolder, "../../target", name));
            Assert.That(File.Exists(path), path + " is not there; run make modules");
            return path;
        }

        /// <summary>A built module, compiled once for all tests.</summary>
        internal static CompiledModule Module(string name)
        {
            if (!Compiled.TryGetValue(name, out CompiledModule module))
            {
                module = CompiledModule.FromFile(ModulePath(name));
                Compiled.Add(name, module);
            }
            return module;
        }

        internal static Signer NewSigner() => new Signer(Module("signer-raw"), Keypair);

        internal static byte[] Hex(string digits) => EveryhostExample.Hex.Decode(digits);

        internal static string Hex(byte[] bytes) => EveryhostExample.Hex.Encode(bytes);

        internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

        /// <summary>So many bytes of one value.</summary>
        internal static byte[] Filled(int length, byte value)
        {
            byte[] bytes = new byte[length];
            for (int n = 0; n < length; n++) { bytes[n] = value; }
            return bytes;
        }

        internal static byte[] Part(byte[] bytes, int length) => bytes.Concat(bytes).Take(length).ToArray();

        internal static byte[] Flipped(byte[] bytes, int bit)
        {
            byte[] changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            return changed;
        }

        /// <summary>A constraint on text, in the words of every version of NUnit.</summary>
        internal static RegexConstraint Matches(string pattern) => new RegexConstraint(pattern);

        /// <summary>A call is refused with this code.</summary>
        internal static void AssertCode(string code, TestDelegate call, string what = "")
        { Assert.That(CodeOf(call), Is.EqualTo(code), what); }

        /// <summary>What the adapter answers is this, in single quotes, apart from details.</summary>
        internal static void AssertJson(JObject answer, string expected)
        {
            foreach (JProperty detail in answer.Descendants().OfType<JProperty>().ToList())
            {
                if (detail.Name == "detail") { detail.Remove(); }
            }
            Assert.That(
                answer.ToString(Formatting.None), Is.EqualTo(JObject.Parse(expected).ToString(Formatting.None)));
        }

        /// <summary>What a call ends in: OK, a code, or the name of another exception.</summary>
        internal static string EndOf(Action call)
        {
            try
            {
                call();
                return "OK";
            }
            catch (Exception error)
            {
                return (error as SignerException)?.Code ?? error.GetType().Name;
            }
        }

        /// <summary>The code that a call is refused with.</summary>
        internal static string CodeOf(TestDelegate call) => Assert.Throws<SignerException>(call).Code;
    }

    /// <summary>Tests that make what must be disposed of.</summary>
    public abstract class Fixture
    {
        private readonly List<IDisposable> _kept = new List<IDisposable>();

        /// <summary>Disposes of it after the test.</summary>
        protected T Keep<T>(T kept)
            where T : IDisposable
        {
            _kept.Add(kept);
            return kept;
        }

        [TearDown]
        public void Close()
        {
            _kept.Reverse(); // what was made of something goes before it
            _kept.ForEach(kept => kept.Dispose());
            _kept.Clear();
        }
    }

    /// <summary>Tests that have a signer with the test key each.</summary>
    public abstract class SignerFixture : Fixture
    {
        /// <summary>The signer.</summary>
        protected Signer _signer;

        [SetUp]
        public void Open() => _signer = Keep(Shared.NewSigner());
    }

    /// <summary>Modules in the text format, for what the built ones cannot show.</summary>
    internal static class Wat
    {
        internal static byte[] Bytes(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            IntPtr error = wasmtime_wat2wasm(utf8, (UIntPtr)utf8.Length, out Vector wasm);
            if (error != IntPtr.Zero) { throw new ArgumentException(Native.TakeError(error)); }
            byte[] bytes = new byte[(int)wasm.Size];
            Marshal.Copy(wasm.Data, bytes, 0, bytes.Length);
            Native.wasm_byte_vec_delete(ref wasm);
            return bytes;
        }

        internal static CompiledModule Module(string text, GuestLimits limits = null)
        { return new CompiledModule(Bytes(text), limits); }

        internal static Guest Guest(string text) => Module(text).Instantiate();

        /// <summary>A signer with bodies of the test's choice: name, body, name, body… One of null is left out.</summary>
        internal static byte[] FakeSignerBytes(params string[] bodies)
        {
            Dictionary<string, string> all = new Dictionary<string, string> {
                { "abi_version", "i32.const 1" },
                { "max_message_len", "i32.const 4096" },
                { "get_signing_key_ptr", "i32.const 0" },
                { "get_signature_ptr", "i32.const 64" },
                { "get_public_key_ptr", "i32.const 128" },
                { "allocate_message", "i32.const 1024" },
                { "sign", "" },
                { "derive_public_key", "i32.const 0" },
                { "load_key", "i32.const 0" },
                { "sign_loaded", "i32.const 0" },
                { "verify", "i32.const 0" },
                { "verify_strict", "i32.const 0" },
                { "allocate_batch", "i32.const 1024" },
                { "sign_batch", "i32.const 0" },
                { "get_batch_signatures_ptr", "i32.const 2048" },
                { "wipe", "" },
            };
            for (int n = 0; n < bodies.Length; n += 2) { all[bodies[n]] = bodies[n + 1]; }
            foreach (string lacking in all.Keys.Where(name => all[name] == null).ToList()) { all.Remove(lacking); }
            IEnumerable<string> functions =
                all.Select(export =>
                           {
                               string parameters = export.Key == "allocate_message" ? "(param i32)"
                                                   : export.Key == "allocate_batch" ? "(param i32 i32)"
                                                                                    : "";
                               string result = export.Key == "sign" || export.Key == "wipe" ? "" : "(result i32)";
                               return "(func (export \"" + export.Key + "\") " + parameters + " " + result + " " +
                                      export.Value + ")";
                           });
            return Bytes("(module (memory (export \"memory\") 1) " + string.Join(" ", functions) + ")");
        }

        internal static CompiledModule FakeSigner(params string[] bodies)
        { return new CompiledModule(FakeSignerBytes(bodies)); }

        [DllImport("wasmtime", CallingConvention = CallingConvention.Cdecl)]
        private static extern IntPtr wasmtime_wat2wasm(byte[] text, UIntPtr length, out Vector wasm);
    }
}
