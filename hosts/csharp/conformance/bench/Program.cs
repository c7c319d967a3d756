using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using EveryhostAdapter;
using EveryhostExample;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostBench
{
    /// <summary>What `make bench` talks to: hosts/BENCH.md has the lines that go in and out.</summary>
    internal sealed class Bench
    {
        private const int Protocol = 1;
        private const int Most = 1 << 24;

        private readonly Dictionary<string, byte[]> _wasm = new Dictionary<string, byte[]>();
        private readonly Dictionary<string, CompiledModule> _modules = new Dictionary<string, CompiledModule>();
        private readonly List<Contestant> _contestants = new List<Contestant>();
        private readonly List<byte[]> _messages = new List<byte[]>();
        private readonly Dictionary<long, List<SignedMessage>> _signed = new Dictionary<long, List<SignedMessage>>();
        private byte[] _keypair;

        /// <summary>Answers the lines of the input; the exit code says whether all could be understood.</summary>
        internal static int Main() => Wire.Serve("csharp bench", new Bench().Answer);

        private JObject Answer(JObject ask)
        {
            try
            {
                switch (Wire.Text(ask, "cmd"))
                {
                    case "hello": return Hello(ask);
                    case "sign": return Sign(ask);
                    case "verify": return Verify(ask);
                    case "start": return Start(Wire.Text(ask, "module"));
                    case "crossing": return Cross(ask);
                    default: throw new RequestException("a question that is none: " + ask["cmd"]);
                }
            }
            catch (Exception error)
                when (error is SignerException || error is InvalidDataException || error is KeyNotFoundException)
            {
                return new JObject { { "error", error.Message } };
            }
        }

        private JObject Hello(JObject task)
        {
            _keypair = Wire.Bytes(task["keypair"]);
            long count = Wire.Number(task, "messages", 1, Most);
            for (int n = 0; n < count; n++) { _messages.Add(Encoding.UTF8.GetBytes("hello" + n)); }
            foreach (JProperty module in Wire.Object(task, "modules").Properties())
            {
                _wasm.Add(module.Name, File.ReadAllBytes((string)module.Value));
            }
            foreach (JObject set in (task["signed"] as JArray ?? new JArray()).Cast<JObject>())
            {
                _signed.Add(Wire.Number(set, "issuers", 1, Most), ItemsOf(set));
            }
            JArray missing = new JArray();
            foreach (JObject order in Wire.Array(task, "signers").Cast<JObject>())
            {
                string id = Wire.Text(order, "id");
                try
                {
                    _contestants.Add(Ours(id, Wire.Text(order, "module"), Wire.Text(order, "use")));
                }
                catch (Exception refused) when (
                    refused is SignerException || refused is InvalidDataException || refused is KeyNotFoundException)
                {
                    missing.Add(new JObject { { "id", id }, { "why", refused.Message } });
                }
            }
            try
            {
                OpenSsl.Key openSsl = new OpenSsl.Key(_keypair.Take(Signer.SeedLength).ToArray());
                _contestants.Add(OneByOne("openssl", openSsl.Sign, OpenSsl.Version));
                _contestants.Add(new Contestant {
                    Id = "verify-openssl",
                    Version = OpenSsl.Version,
                    VerifyAll = items =>
                        items.Select(item => OpenSsl.Verify(item.PublicKey, item.Message, item.Signature)).ToArray(),
                });
            }
            catch (DllNotFoundException absent)
            {
                missing.Add(new JObject { { "id", "openssl" }, { "why", absent.Message } });
            }
            IEnumerable<JObject> entered =
                _contestants.Select(one => new JObject { { "id", one.Id }, { "version", one.Version } });
            return new JObject {
                { "protocol", Protocol },
                { "version", Versions.Runtime },
                { "runtime", "wasmtime " + Versions.Wasmtime },
                { "contestants", new JArray(entered) },
                { "missing", missing },
            };
        }

        private List<SignedMessage> ItemsOf(JObject set)
        {
            byte[] keys = Wire.Bytes(set["public_keys"]), signatures = Wire.Bytes(set["signatures"]);
            List<byte[]> publicKeys = Pieces(keys, Signer.PublicKeyLength);
            return Pieces(signatures, Signer.SignatureLength)
                .Select((signature, n) => new SignedMessage(publicKeys[n % publicKeys.Count], _messages[n], signature))
                .ToList();
        }

        private static List<byte[]> Pieces(byte[] bytes, int length)
        {
            return Enumerable.Range(0, bytes.Length / length)
                .Select(n => bytes.Skip(n * length).Take(length).ToArray())
                .ToList();
        }

        private JObject Sign(JObject turn)
        {
            Contestant contestant = Find(turn);
            JObject answer = Turn(turn, contestant, _messages, contestant.SignAll, out List<byte[]> signatures);
            answer.Add("signatures", Wire.Hex(signatures.SelectMany(signature => signature).ToArray()));
            return answer;
        }

        private JObject Verify(JObject turn)
        {
            Contestant contestant = Find(turn);
            List<SignedMessage> all = _signed[Wire.Number(turn, "issuers", 1, Most)];
            JObject answer = Turn(turn, contestant, all, contestant.VerifyAll, out List<bool> verdicts);
            answer.Add("verdicts", Wire.Hex(verdicts.Select(isRight => (byte)(isRight ? 1 : 0)).ToArray()));
            return answer;
        }

        private Contestant Find(JObject turn)
        {
            string id = Wire.Text(turn, "contestant");
            return _contestants.Find(one => one.Id == id) ??
                   throw new KeyNotFoundException("nobody here is called " + id);
        }

        /// <summary>A turn: after the last of all comes the first again.</summary>
        private static JObject Turn<T, R>(
            JObject turn, Contestant contestant, List<T> all, Func<T[], IReadOnlyList<R>> work, out List<R> results)
        {
            if (work == null) { throw new KeyNotFoundException(contestant.Id + " does not do that"); }
            int first = (int)Wire.Number(turn, "first", 0, int.MaxValue - Most);
            int count = (int)Wire.Number(turn, "count", 1, Most);
            int most = contestant.Batches ? (int)Wire.Number(turn, "a_call", 1, Most) : count;
            List<T[]> calls = new List<T[]>();
            for (int at = 0; at < count; at += most)
            {
                T[] call = new T[Math.Min(most, count - at)];
                for (int n = 0; n < call.Length; n++) { call[n] = all[(first + at + n) % all.Count]; }
                calls.Add(call);
            }
            results = new List<R>(count);
            Clock clock = new Clock();
            foreach (T[] call in calls) { results.AddRange(work(call)); }
            return clock.Elapsed();
        }

        /// <summary>From a module's bytes to its first signature, everything made anew.</summary>
        private JObject Start(string name)
        {
            byte[] wasm = _wasm[name];
            Clock clock = new Clock();
            using (CompiledModule module = new CompiledModule(wasm))
            {
                long compiled = clock.Lap();
                using (Signer signer = new Signer(module))
                {
                    long instantiated = clock.Lap();
                    signer.LoadKey(_keypair);
                    long loaded = clock.Lap();
                    byte[] signature = signer.Sign(_messages[0]);
                    long signed = clock.Lap();
                    return new JObject {
                        { "compile_ns", compiled },
                        { "instantiate_ns", instantiated },
                        { "load_key_ns", loaded },
                        { "first_signature_ns", signed },
                        { "signature", Wire.Hex(signature) },
                    };
                }
            }
        }

        /// <summary>Over the boundary, so many times, as the wrapper does it.</summary>
        private JObject Cross(JObject ask)
        {
            int length = (int)Wire.Number(ask, "bytes", 0, Most);
            long calls = Wire.Number(ask, "calls", 1, long.MaxValue);
            string name = Wire.Text(ask, "module"), what = Wire.Text(ask, "what");
            if (what == "sign") { return SignOver(name, Enumerable.Repeat((byte)'m', length).ToArray(), calls); }
            using (Guest guest = Module(name).Instantiate())
            {
                Action cross = Way(guest, what, length);
                Clock clock = new Clock();
                for (long n = 0; n < calls; n++) { cross(); }
                return clock.Elapsed();
            }
        }

        /// <summary>Signs with the held key, through the wrapper of the module or of the component.</summary>
        private JObject SignOver(string name, byte[] message, long calls)
        {
            if (!Component.Is(_wasm[name])) { return Sign(new Signer(Module(name), _keypair), message, calls); }
            using (Component component = new Component(_wasm[name]))
            { return Sign(new ComponentSigner(component, _keypair), message, calls); }
        }

        private static JObject Sign(ISigner signer, byte[] message, long calls)
        {
            using (signer)
            {
                byte[] signature = signer.Sign(message);
                Clock clock = new Clock();
                for (long n = 0; n < calls; n++) { signature = signer.Sign(message); }
                JObject answer = clock.Elapsed();
                answer["signature"] = Wire.Hex(signature);
                return answer;
            }
        }

        private static Action Way(Guest guest, string what, int length)
        {
            switch (what)
            {
                case "call": return () => guest.Call("abi_version");
                case "in":
                    uint room = guest.Call("allocate_message", (uint)length);
                    byte[] message = new byte[length];
                    return () => guest.Write(room, message);
                case "out":
                    uint signature = guest.Call("get_signature_ptr");
                    return () => guest.Read(signature, length);
                default: throw new RequestException("no such way over the boundary: " + what);
            }
        }

        /// <summary>Through the wrapper, the way a user calls it.</summary>
        private Contestant Ours(string id, string moduleName, string use)
        {
            CompiledModule module = Module(moduleName);
            switch (use)
            {
                case "one-shot":
                    Signer oneShot = new Signer(module);
                    return OneByOne(id, message => oneShot.SignWith(_keypair, message));
                case "held": return OneByOne(id, new Signer(module, _keypair).Sign);
                case "batch":
                    return new Contestant { Id = id, Batches = true, SignAll = new Signer(module, _keypair).SignMany };
                case "verify":
                    return new Contestant { Id = id, Batches = true, VerifyAll = new Verifier(module).VerifyMany };
                default: throw new RequestException("no such use of a signer: " + use);
            }
        }

        private CompiledModule Module(string name)
        {
            if (!_modules.TryGetValue(name, out CompiledModule module))
            {
                module = new CompiledModule(_wasm[name]);
                _modules.Add(name, module);
            }
            return module;
        }

        private static Contestant OneByOne(string id, Func<byte[], byte[]> sign, string version = null)
        { return new Contestant { Id = id, Version = version, SignAll = messages => messages.Select(sign).ToArray() }; }

        /// <summary>
        /// Signs or verifies what one call has; without batches that is everything, in a loop. One of the two is null.
        /// </summary>
        private sealed class Contestant
        {
            internal string Id;
            internal string Version; // of a library that is not ours, or null
            internal bool Batches;
            internal Func<byte[][], IReadOnlyList<byte[]>> SignAll;
            internal Func<SignedMessage[], IReadOnlyList<bool>> VerifyAll;
        }
    }
}
