using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostAdapter
{
    /// <summary>What a program of WASI preview 1 is given by wasmtime's own WASI. See hosts/IMPORTS.md.</summary>
    internal sealed class Wasi : IDisposable
    {
        private readonly JObject _given;

        // To files, because wasmtime calls a writer from threads of its own, and then Mono does not end any more.
        private readonly string _output = Path.GetTempFileName();
        private readonly string _errors = Path.GetTempFileName();

        internal Wasi(JObject given) => _given = given;

        /// <summary>Defines WASI for a guest that is being made.</summary>
        internal void Link(Guest guest, Handle linker)
        {
            string[] args = Texts("args");
            string[][] env = Array.ConvertAll(Texts("env"), one => one.Split(new[] { '=' }, 2));
            RequestException.If(env.Any(pair => pair.Length < 2), "a variable is NAME=VALUE");
            byte[] stdin = Wire.Bytes(_given["stdin"] ?? "");
            IntPtr config = wasi_config_new();
            Set(args.Length == 0 || wasi_config_set_argv(config, (UIntPtr)args.Length, args));
            string[] names = Array.ConvertAll(env, pair => pair[0]);
            string[] values = Array.ConvertAll(env, pair => pair[1]);
            Set(env.Length == 0 || wasi_config_set_env(config, (UIntPtr)env.Length, names, values));
            wasm_byte_vec_new(out Vector bytes, (UIntPtr)stdin.Length, stdin);
            wasi_config_set_stdin_bytes(config, ref bytes);
            Set(wasi_config_set_stdout_file(config, _output) && wasi_config_set_stderr_file(config, _errors));
            foreach (JToken dir in Wire.ArrayOrNone(_given, "dirs"))
            {
                JObject folder = dir as JObject ?? throw new RequestException("a folder is an object");
                Set(wasi_config_preopen_dir(config, Wire.Text(folder, "host"), Wire.Text(folder, "guest"), true));
            }
            Native.Check(wasmtime_context_set_wasi(guest.Context, config));
            Native.Check(wasmtime_linker_define_wasi(linker));
        }

        /// <summary>Runs the program, or does the steps with it, and answers.</summary>
        internal JObject Run(Guest guest)
        {
            bool isReactor = _given["steps"] != null;
            RawSteps run = new RawSteps(guest);
            JArray answers = new JArray();
            JObject begin = new JObject { { "do", "call" }, { "export", isReactor ? "_initialize" : "_start" } };
            GuestTrapException end = run.Run(new JArray(begin), answers);
            if (isReactor)
            {
                bool trapped = end != null && !(end is GuestExitException);
                if (trapped) { return Wire.Error("NO_INSTANCE", end.Message); }
                answers.Clear();
                end = end ?? run.Run(Wire.Array(_given, "steps"), answers, Wire.Flag(_given, "after_trap"));
            }
            else
            {
                RequestException.If(answers[0]["error"] != null, "_start cannot be called");
            }
            JObject ok = new JObject();
            if (end is GuestExitException exit) { ok.Add("exit_code", exit.Status); }
            else if (end == null && !isReactor) { ok.Add("exit_code", 0); }
            ok.Add("stdout", Wire.Hex(File.ReadAllBytes(_output)));
            ok.Add("stderr", Wire.Hex(File.ReadAllBytes(_errors)));
            if (isReactor) { ok.Add("steps", answers); }
            return ok;
        }

        public void Dispose()
        {
            File.Delete(_output);
            File.Delete(_errors);
        }

        private string[] Texts(string field)
        {
            string[] texts =
                Wire.ArrayOrNone(_given, field).Select(text => (text as JValue)?.Value as string).ToArray();
            RequestException.If(
                texts.Any(text => text == null || text.Contains("\0")), field + " is text without U+0000");
            return texts;
        }

        private static void Set(bool done) => RequestException.If(!done, "wasmtime's WASI refuses what it is given");

        private const string Library = "wasmtime";
        private const CallingConvention C = CallingConvention.Cdecl;

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasi_config_new();

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        private static extern bool wasi_config_set_argv(IntPtr config, UIntPtr count, string[] args);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        private static extern bool wasi_config_set_env(IntPtr config, UIntPtr count, string[] names, string[] values);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasm_byte_vec_new(out Vector vector, UIntPtr length, byte[] bytes);

        /// <summary>Takes the bytes.</summary>
        [DllImport(Library, CallingConvention = C)]
        private static extern void wasi_config_set_stdin_bytes(IntPtr config, ref Vector bytes);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        private static extern bool wasi_config_set_stdout_file(IntPtr config, string path);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        private static extern bool wasi_config_set_stderr_file(IntPtr config, string path);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        private static extern bool wasi_config_preopen_dir(
            IntPtr config, string host, string guest, [MarshalAs(UnmanagedType.U1)] bool isMutable);

        /// <summary>Takes the config.</summary>
        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_context_set_wasi(IntPtr context, IntPtr config);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_linker_define_wasi(Handle linker);
    }
}
