using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostAdapter
{
    /// <summary>A module that hello gave, and the operations that it can be asked for.</summary>
    internal sealed class Operations : IDisposable
    {
        private const int PageLength = 65536;

        private readonly byte[] _wasm;
        private readonly CompiledModule _module; // null: it is a component
        private readonly Component _component;
        private readonly Func<byte[], ISigner> _newSigner; // without a keypair, one that holds no key
        private readonly Dictionary<string, Func<JObject, JObject>> _operations;
        private CompiledModule _interruptible;
        private ISigner _verifier;
        private Verifier _batchVerifier;

        /// <summary>Of a component, <paramref name="types"/> are those of its exports.</summary>
        internal Operations(byte[] wasm, JObject types = null)
        {
            _wasm = wasm;
            if (Component.Is(wasm))
            {
                _operations = new Dictionary<string, Func<JObject, JObject>>();
                _component = new Component(wasm);
                _newSigner = keypair => new ComponentSigner(_component, keypair);
                if (types != null)
                {
                    _operations.Add(
                        "component", given => ComponentCalls.Run(_component, types, Wire.Array(given, "steps")));
                }
                if (types == null || types["everyhost:signer/held-key@0.1.0#[constructor]signer"] != null)
                {
                    _newSigner(null).Dispose(); // refuses what is no signer
                    AddSigner(name => true);
                }
                return;
            }
            _module = new CompiledModule(wasm);
            _newSigner = keypair => keypair == null ? new Signer(_module) : new Signer(_module, keypair);
            _operations = new Dictionary<string, Func<JObject, JObject>> {
                { "raw", given => Raw(_module, new GuestLimits(), given) },
                { "raw_memory_limit", RawMemoryLimit },
                { "raw_deadline", RawDeadline },
                { "raw_module", given => OfBytes(given, module => Raw(module, new GuestLimits(), given)) },
                { "raw_imports", RawImports },
                { "wasi", RunWasi },
            };
            if (Exports("load_key", "sign_loaded")) { AddSigner(name => Exports(name)); }
            if (Exports("verify_batch") || Exports("verify", "verify_strict")) { AddBatchVerifier(); }
            if (Exports("add_numbers", "divide_numbers")) { AddAdder(); }
            if (Exports("read_private_key", "write_private_key")) { AddKeys(); }
            if (Exports("memory", "grow", "store")) { _operations.Add("kept_view", KeptView); }
        }

        /// <summary>The names of the operations.</summary>
        internal IEnumerable<string> Names => _operations.Keys;

        /// <summary>Does an operation, on an instance of its own, and answers.</summary>
        internal JObject Run(string operation, JObject given)
        {
            bool known = _operations.TryGetValue(operation, out Func<JObject, JObject> run);
            RequestException.If(!known, operation + " is not an operation of this module");
            return Answer(() => run(given));
        }

        public void Dispose()
        {
            _verifier?.Dispose();
            _batchVerifier?.Dispose();
            _module?.Dispose();
            _component?.Dispose();
            _interruptible?.Dispose();
        }

        private bool Exports(params string[] names) => names.All(name => _module.Exports.Contains(name));

        private void AddSigner(Func<string, bool> exports)
        {
            _operations.Add(
                "public_key", given => With(_newSigner(null),
                                  signer => Bytes("public_key", signer.DerivePublicKey(Wire.Bytes(given["seed"])))));
            _operations.Add("session", given => With(Holder(given), signer => Session(signer, given)));
            // The small modules have no batches, and those made for batches do not verify.
            foreach (string name in exports("sign_batch") ? new[] { "sign", "sign_many" } : new[] { "sign" })
            {
                _operations.Add(name, given => With(Holder(given), signer => SessionSteps[name](signer, given)));
            }
            foreach (string name in new[] { "verify", "verify_strict" }.Where(exports))
            {
                _operations.Add(name, given => SessionSteps[name](Verifier(), given));
            }
        }

        // Verifying needs no key, and a user would not make a signer for each signature.
        private ISigner Verifier() => _verifier ?? (_verifier = _newSigner(null));

        private void AddBatchVerifier()
        {
            foreach (string manner in new[] { "", "_strict" })
            {
                Func<List<SignedMessage>, IReadOnlyList<bool>> verify = items =>
                    manner == "" ? BatchVerifier().VerifyMany(items) : BatchVerifier().VerifyManyStrict(items);
                _operations.Add("verify_many" + manner,
                    given =>
                        Bytes("verdicts", verify(Batch(given)).Select(verdict => (byte)(verdict ? 1 : 0)).ToArray()));
                if (Exports("verify_batch"))
                {
                    _operations["verify" + manner] = given => new JObject {
                        { "valid", verify(new List<SignedMessage> { Item(given) })[0] },
                    };
                }
            }
        }

        // Kept, like the signer that verifies. After a trap it has a new instance, or is closed.
        private Verifier BatchVerifier()
        {
            if (_batchVerifier?.Guest == null) { _batchVerifier = new Verifier(_module); }
            return _batchVerifier;
        }

        private static SignedMessage Item(JObject given)
        {
            return new SignedMessage(
                Wire.Bytes(given["public_key"]), Wire.Bytes(given["message"]), Wire.Bytes(given["signature"]));
        }

        private static List<SignedMessage> Batch(JObject given)
        {
            List<SignedMessage> items =
                Wire.Array(given, "items")
                    .Select(item => Item(item as JObject ?? throw new RequestException("an item is an object")))
                    .ToList();
            return given["order"] == null
                       ? items
                       : Wire.Array(given, "order")
                             .Select(place => items[(int)Wire.Number(place, "a place in order", 0, items.Count - 1)])
                             .ToList();
        }

        private ISigner Holder(JObject given) => _newSigner(Wire.Bytes(given["keypair"]));

        private static JObject With<T>(T made, Func<T, JObject> work)
            where T : IDisposable
        {
            using (made)
            { return work(made); }
        }

        private void AddAdder()
        {
            _operations.Add("add", given => Calculate(given, (adder, a, b) => adder.Add(a, b)));
            _operations.Add("divide", given => Calculate(given, (adder, a, b) => adder.Divide(a, b)));
        }

        private JObject Calculate(JObject given, Func<Adder, int, int, int> calculate)
        {
            int a = (int)Wire.Number(given, "a", int.MinValue, int.MaxValue);
            int b = (int)Wire.Number(given, "b", int.MinValue, int.MaxValue);
            return With(new Adder(_module), adder => new JObject { { "value", calculate(adder, a, b) } });
        }

        private void AddKeys()
        {
            _operations.Add("read_key", given => With(new Keys(_module), keys => ReadKey(keys, given)));
            _operations.Add(
                "write_key", given => With(new Keys(_module), keys => Bytes("bytes", WriteKey(keys, given))));
        }

        private static JObject ReadKey(Keys keys, JObject given)
        {
            byte[] file = Wire.Bytes(given["file"]);
            string kind = Wire.Text(given, "kind");
            RequestException.If(kind != "private" && kind != "public", "kind is private or public");
            if (kind == "public") { return Bytes("public_key", keys.ReadPublicKey(file)); }
            using (PrivateKey key = keys.ReadPrivateKey(file))
            {
                JObject read = Bytes("seed", key.GetSeed());
                if (key.GetPublicKey() is byte[] publicKey) { read.Add("public_key", Wire.Hex(publicKey)); }
                return read;
            }
        }

        private static byte[] WriteKey(Keys keys, JObject given)
        {
            string form = Wire.Text(given, "form");
            bool isKnown = WritesPrivate.TryGetValue(form, out Func<Keys, PrivateKey, byte[]> writePrivate);
            RequestException.If(!isKnown, "form is pem, der or jwk");
            byte[] publicKey = given["public_key"] == null ? null : Wire.Bytes(given["public_key"]);
            if (given["seed"] == null)
            {
                RequestException.If(publicKey == null, "write_key takes a seed, a public_key, or both");
                return WritesPublic[form](keys, publicKey);
            }
            using (PrivateKey key = new PrivateKey(Wire.Bytes(given["seed"]), publicKey))
            { return writePrivate(keys, key); }
        }

        private static readonly Dictionary<string, Func<Keys, PrivateKey, byte[]>> WritesPrivate =
            new Dictionary<string, Func<Keys, PrivateKey, byte[]>> {
                { "pem", (keys, key) => Encoding.ASCII.GetBytes(keys.WritePrivateKeyPem(key)) },
                { "der", (keys, key) => keys.WritePrivateKeyDer(key) },
                { "jwk", (keys, key) => Encoding.ASCII.GetBytes(keys.WritePrivateKeyJwk(key)) },
            };

        private static readonly Dictionary<string, Func<Keys, byte[], byte[]>> WritesPublic =
            new Dictionary<string, Func<Keys, byte[], byte[]>> {
                { "pem", (keys, key) => Encoding.ASCII.GetBytes(keys.WritePublicKeyPem(key)) },
                { "der", (keys, key) => keys.WritePublicKeyDer(key) },
                { "jwk", (keys, key) => Encoding.ASCII.GetBytes(keys.WritePublicKeyJwk(key)) },
            };

        private static JObject Session(ISigner signer, JObject given)
        {
            JArray answers = new JArray();
            foreach (JToken one in Wire.Array(given, "steps"))
            {
                JObject step = one as JObject ?? throw new RequestException("a step is an object");
                string name = Wire.Text(step, "op");
                bool known = SessionSteps.TryGetValue(name, out Func<ISigner, JObject, JObject> run);
                RequestException.If(!known, "a session has no step " + name);
                answers.Add(Answer(() => run(signer, step["in"] as JObject ?? new JObject())));
            }
            return new JObject { { "steps", answers } };
        }

        private static readonly Dictionary<string, Func<ISigner, JObject, JObject>> SessionSteps =
            new Dictionary<string, Func<ISigner, JObject, JObject>> {
                { "public_key", (signer, given) => PublicKey(signer) },
                { "sign", (signer, given) => Bytes("signature", signer.Sign(Wire.Bytes(given["message"]))) },
                { "sign_many", (signer, given) => Signatures(signer, given) },
                { "sign_with", (signer, given) => Bytes("signature",
                                   signer.SignWith(Wire.Bytes(given["keypair"]), Wire.Bytes(given["message"]))) },
                { "verify", (signer, given) => Verified(signer.Verify, given) },
                { "verify_strict", (signer, given) => Verified(signer.VerifyStrict, given) },
                { "load_key", (signer, given) =>
                                  Done(() => signer.LoadKey(Wire.Bytes(given["keypair"])), () => PublicKey(signer)) },
                { "wipe", (signer, given) => Done(signer.Wipe, () => new JObject()) },
                { "close", (signer, given) => Done(signer.Dispose, () => new JObject()) },
            };

        private static JObject Done(Action work, Func<JObject> answer)
        {
            work();
            return answer();
        }

        private static JObject Bytes(string name, byte[] bytes) => new JObject { { name, Wire.Hex(bytes) } };

        private static JObject PublicKey(ISigner signer) => Bytes("public_key", signer.GetPublicKey());

        private static JObject Signatures(ISigner signer, JObject given)
        {
            List<byte[]> messages = Wire.Array(given, "messages").Select(Wire.Bytes).ToList();
            return new JObject { { "signatures", new JArray(signer.SignMany(messages).Select(Wire.Hex)) } };
        }

        private static JObject Verified(Func<byte[], byte[], byte[], bool> verify, JObject given)
        {
            bool valid =
                verify(Wire.Bytes(given["public_key"]), Wire.Bytes(given["message"]), Wire.Bytes(given["signature"]));
            return new JObject { { "valid", valid } };
        }

        private static JObject Raw(CompiledModule module, GuestLimits limits, JObject given, JArray provided = null)
        {
            JArray steps = Wire.Array(given, "steps");
            bool afterTrap = provided != null && Wire.Flag(given, "after_trap");
            Imports imports = new Imports(provided ?? new JArray());
            JObject result = OnInstance(module, limits, imports.Link,
                guest =>
                {
                    JArray answers = new JArray();
                    JObject ok = new JObject { { "steps", answers } };
                    if (imports.TakeCalls() is JArray atStart) { ok.Add("calls", atStart); }
                    new RawSteps(guest, imports.TakeCalls).Run(steps, answers, afterTrap);
                    return ok;
                });
            GC.KeepAlive(imports);
            return result;
        }

        private static JObject OnInstance(
            CompiledModule module, GuestLimits limits, Action<Guest, Handle> link, Func<Guest, JObject> work)
        {
            Guest guest;
            try
            {
                guest = module.Instantiate(limits, link);
            }
            catch (Exception cannot) when (!(cannot is RequestException)) // such as that there is no more memory
            {
                return Wire.Error("NO_INSTANCE", cannot.Message);
            }
            return With(guest, work);
        }

        private JObject RawMemoryLimit(JObject given)
        {
            long maxPages = Wire.Number(given, "max_pages", 0, PageLength);
            return Raw(_module, new GuestLimits { MaxMemoryBytes = maxPages * PageLength }, given);
        }

        private JObject RawDeadline(JObject given)
        {
            long milliseconds = Wire.Number(given, "deadline_ms", 0, int.MaxValue);
            GuestLimits limits = new GuestLimits { CallTimeout = TimeSpan.FromMilliseconds(milliseconds) };
            // Code that can be cut off is slower: the other operations do without it.
            _interruptible = _interruptible ?? new CompiledModule(_wasm, limits);
            return Raw(_interruptible, limits, given);
        }

        private static JObject OfBytes(JObject given, Func<CompiledModule, JObject> work)
        {
            CompiledModule module;
            try
            {
                module = new CompiledModule(Wire.Bytes(given["wasm"]));
            }
            catch (InvalidDataException refused)
            {
                return Wire.Error("MODULE_REFUSED", refused.Message);
            }
            return With(module, work);
        }

        private JObject RawImports(JObject given)
        {
            JArray provided = Wire.Array(given, "imports");
            Func<CompiledModule, JObject> raw = module => Raw(module, new GuestLimits(), given, provided);
            return given["wasm"] == null ? raw(_module) : OfBytes(given, raw);
        }

        private JObject RunWasi(JObject given)
        {
            Func<CompiledModule, JObject> run = module =>
                With(new Wasi(given), wasi => OnInstance(module, new GuestLimits(), wasi.Link, wasi.Run));
            return given["wasm"] == null ? run(_module) : OfBytes(given, run);
        }

        private JObject KeptView(JObject given)
        {
            uint ptr = (uint)Wire.Number(given, "ptr", 0, uint.MaxValue);
            uint value = unchecked((uint)Wire.Number(given, "value", int.MinValue, uint.MaxValue));
            byte[] seen = new byte[4];
            using (Guest guest = _module.Instantiate())
            {
                // An address is all that the C API gives. Memory grows where it is (CompiledModule asks for that), so
                // the address stays good; where memory moves, this would read what is no longer there.
                IntPtr view = guest.Address(ptr, seen.Length);
                guest.Call("grow", 1);
                guest.Run("store", ptr, value);
                Marshal.Copy(view, seen, 0, seen.Length);
            }
            return Bytes("bytes", seen);
        }

        private static JObject Answer(Func<JObject> work)
        {
            try
            {
                JObject result = work();
                return result["error"] == null ? new JObject { { "ok", result } } : result;
            }
            catch (SignerException trapped) when (trapped.Code == Codes.Trapped)
            {
                return Wire.Trap(trapped.InnerException.Message);
            }
            catch (GuestTrapException trapped)
            {
                return Wire.Trap(trapped.Message); // while the instance was made
            }
            catch (SignerException refused)
            {
                return new JObject { { "error", refused.Code } };
            }
        }
    }
}
