using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using EveryhostExample;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostAdapter
{
    /// <summary>The adapter: the runner asks it, it asks the wrapper. See hosts/CONTRACT.md.</summary>
    internal sealed class Adapter
    {
        private const int Protocol = 1;

        private readonly Dictionary<string, Operations> _modules = new Dictionary<string, Operations>();

        /// <summary>Answers the lines of the input; the exit code says whether all could be understood.</summary>
        internal static int Main(string[] args)
        {
            if (args.Length > 0) { return Probe(); }
            return Wire.Serve("csharp adapter", new Adapter().Answer);
        }

        /// <summary>The reply to one request.</summary>
        internal JObject Answer(JObject request)
        {
            switch ((request["cmd"] as JValue)?.Value as string)
            {
                case "hello":
                    long protocol = Wire.Number(request, "protocol", 0, long.MaxValue);
                    RequestException.If(
                        protocol != Protocol, "protocol " + protocol + " is not spoken here, only " + Protocol);
                    return Hello(Wire.Object(request, "modules"));
                case "run":
                    JObject answer = new JObject { { "seq", request["seq"] } };
                    answer.Merge(Run(request));
                    return answer;
                default: throw new RequestException("a request that is neither hello nor run");
            }
        }

        private JObject Hello(JObject modules)
        {
            foreach (Operations loaded in _modules.Values) { loaded.Dispose(); }
            _modules.Clear();
            JObject answers = new JObject();
            foreach (JProperty module in modules.Properties())
            {
                JObject file = module.Value as JObject ?? throw new RequestException("a module is an object");
                answers.Add(module.Name, Load(module.Name, file));
            }
            return new JObject {
                { "protocol", Protocol },
                { "host", "csharp" },
                { "version", Versions.Runtime },
                { "runtime", "wasmtime " + Versions.Wasmtime },
                { "os", OperatingSystem() },
                { "modules", answers },
            };
        }

        /// <summary>Loads a module, and says what can be done with it, or why nothing can.</summary>
        private JObject Load(string name, JObject file)
        {
            byte[] wasm = File.ReadAllBytes(Wire.Text(file, "path"));
            JObject answer = new JObject { { "sha256", Wire.Hex(OpenSsl.Sha256(wasm)) } };
            try
            {
                RequestException.If(file["glue"] != null && !Component.Is(wasm), "its glue is JavaScript");
                Operations operations = new Operations(wasm, file["types"] as JObject);
                _modules.Add(name, operations);
                answer.Add("ops", new JArray(operations.Names));
            }
            catch (Exception refused) // whatever it is, it is about this module alone
            {
                answer.Add("ops", new JArray());
                answer.Add("refused", refused.Message);
            }
            return answer;
        }

        private JObject Run(JObject request)
        {
            try
            {
                string name = Wire.Text(request, "module");
                bool known = _modules.TryGetValue(name, out Operations module);
                RequestException.If(!known, "hello gave no module " + name + ", or it was refused");
                return module.Run(Wire.Text(request, "op"), Wire.Object(request, "in"));
            }
            catch (RequestException notDone)
            {
                return new JObject { { "unsupported", notDone.Message } };
            }
            catch (Exception error) // what a broken module leads to is for this answer, not for the process
            {
                Console.Error.WriteLine(error);
                return new JObject { { "unsupported", error.GetType().Name + ": " + error.Message } };
            }
        }

        /// <summary>Tells whether the adapter has all that it needs: exit code 0, and the runtimes in one line.</summary>
        private static int Probe()
        {
            new CompiledModule(new byte[] { 0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0 }).Dispose();
            OpenSsl.Sha256(new byte[0]);
            Console.WriteLine(Versions.Runtime + ", wasmtime " + Versions.Wasmtime);
            return 0;
        }

        private static string OperatingSystem()
        {
            OSPlatform[] known = { OSPlatform.Linux, OSPlatform.OSX, OSPlatform.Windows };
            OSPlatform here = known.FirstOrDefault(RuntimeInformation.IsOSPlatform);
            return (here + "/" + RuntimeInformation.ProcessArchitecture).ToLowerInvariant();
        }
    }
}
