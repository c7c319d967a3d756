using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostAdapter
{
    /// <summary>What the host provides to one instance, and what came to its functions. See hosts/IMPORTS.md.</summary>
    internal sealed class Imports
    {
        private const int MostTold = 64;

        // wasmtime limits the stack of calls to and fro, but only where they go through Wasm code: an export may be a
        // function of the host itself.
        private const int MaxDepth = 500;

        private readonly JArray _given;
        private readonly List<Callback> _callbacks = new List<Callback>(); // native code has their bare addresses
        private JArray _calls = new JArray();
        private int _told;
        private int _depth;

        internal Imports(JArray given) => _given = given;

        /// <summary>Defines all of it for a guest that is being made.</summary>
        internal void Link(Guest guest, Handle linker)
        {
            for (int index = 0; index < _given.Count; index++)
            {
                JObject import = _given[index] as JObject ?? throw new RequestException("an import is an object");
                byte[] module = Encoding.UTF8.GetBytes(Wire.Text(import, "module"));
                byte[] name = Encoding.UTF8.GetBytes(Wire.Text(import, "name"));
                Extern item = Provide(guest, import, index);
                Native.Check(wasmtime_linker_define(
                    linker, guest.Context, module, (UIntPtr)module.Length, name, (UIntPtr)name.Length, ref item));
            }
        }

        /// <summary>The calls that came since the last time, in the order in which they began; null if there were none.</summary>
        internal JArray TakeCalls()
        {
            JArray taken = _calls;
            _calls = new JArray();
            return taken.Count > 0 ? taken : null;
        }

        private Extern Provide(Guest guest, JObject import, int index)
        {
            if (import["func"] != null) { return ProvideFunction(guest, import, index); }
            if (import["memory"] != null) { return ProvideMemory(guest, Wire.Object(import, "memory")); }
            if (import["table"] != null) { return ProvideTable(guest, Wire.Object(import, "table")); }
            Extern item = new Extern { Kind = Native.ExternGlobal };
            Value value = new RawSteps(guest).ValueOf(import["global"]);
            byte mutable = (byte)(Wire.Flag(import, "mutable") ? 1 : 0);
            using (Handle type = new Handle(
                       wasm_globaltype_new(Native.wasm_valtype_new((byte)value.Kind), mutable), wasm_globaltype_delete))
            { Native.Check(wasmtime_global_new(guest.Context, type, ref value, out item.Item)); }
            return item;
        }

        private static Extern ProvideMemory(Guest guest, JObject limits)
        {
            Extern item = new Extern { Kind = Native.ExternMemory };
            bool hasMax = LimitsOf(limits, out uint min, out uint max);
            Native.Check(wasmtime_memorytype_new(min, hasMax, max, false, false, 16, out IntPtr made));
            using (Handle type = new Handle(made, Native.wasm_memorytype_delete))
            { Native.Check(wasmtime_memory_new(guest.Context, type, out item.Item)); }
            guest.ImportMemory(item.Memory);
            return item;
        }

        private static Extern ProvideTable(Guest guest, JObject limits)
        {
            Extern item = new Extern { Kind = ExternTable };
            LimitsOf(limits, out uint min, out uint max);
            uint[] range = { min, max };
            Value none = new Value { Kind = FuncRef };
            using (Handle type = new Handle(
                       wasm_tabletype_new(Native.wasm_valtype_new(FuncRefType), range), wasm_tabletype_delete))
            { Native.Check(wasmtime_table_new(guest.Context, type, ref none, out item.Item)); }
            return item;
        }

        // Without a largest size, `max` is what stands for that in a wasm_limits_t.
        private static bool LimitsOf(JObject limits, out uint min, out uint max)
        {
            bool hasMax = limits["max"] != null;
            min = (uint)Wire.Number(limits, "min", 0, uint.MaxValue);
            max = hasMax ? (uint)Wire.Number(limits, "max", 0, uint.MaxValue) : uint.MaxValue;
            return hasMax;
        }

        private Extern ProvideFunction(Guest guest, JObject import, int index)
        {
            JObject type = Wire.Object(import, "func");
            ValueKind[] parameters = Kinds(type, "params");
            ValueKind[] results = Kinds(type, "results");
            JArray entries = Wire.ArrayOrNone(import, "calls");
            int next = 0;
            Callback callback = (env, caller, args, argCount, returned, returnedCount) =>
            {
                // No exception may pass through native code.
                try
                {
                    JToken entry = entries.Count > 0 ? entries[next] : new JObject();
                    next = Math.Min(next + 1, Math.Max(entries.Count - 1, 0));
                    Value[] given =
                        parameters.Select((kind, n) => Marshal.PtrToStructure<Value>(At(args, n))).ToArray();
                    Value[] answer = Call(guest, index, entry, given, results);
                    for (int n = 0; n < answer.Length; n++)
                    {
                        Marshal.StructureToPtr(answer[n], At(returned, n), false);
                    }
                    return IntPtr.Zero;
                }
                catch (Exception failure)
                {
                    // What is of another type here is not of the step that led here.
                    guest.HostFailure =
                        failure is NotSupportedException ? new RequestException(failure.Message) : failure;
                    return wasmtime_trap_new(new byte[0], UIntPtr.Zero);
                }
            };
            _callbacks.Add(callback);
            Extern item = new Extern { Kind = Native.ExternFunc };
            Vector takes = Types(parameters);
            Vector gives = Types(results);
            using (Handle made = new Handle(wasm_functype_new(ref takes, ref gives), Native.wasm_functype_delete))
            { wasmtime_func_new(guest.Context, made, callback, IntPtr.Zero, IntPtr.Zero, out item.Item); }
            return item;
        }

        private Value[] Call(Guest guest, int index, JToken entry, Value[] args, ValueKind[] results)
        {
            if (_depth == MaxDepth) { throw new GuestTrapException("stack overflow: calls to and fro", false); }
            _depth++;
            try
            {
                JObject does = entry as JObject ?? throw new RequestException("a call is an object");
                JArray steps = Wire.ArrayOrNone(does, "steps");
                JArray answers = new JArray();
                if (_told++ < MostTold) { Tell(index, args, steps.Count > 0 ? answers : null); }
                RawSteps run = new RawSteps(guest);
                for (int n = 0; n < args.Length; n++) { run.Name("arg" + n, args[n]); }
                GuestTrapException trap = run.Run(steps, answers);
                if (trap != null) { throw trap; }
                if (does["throw"] != null) { throw new GuestTrapException(Wire.Text(does, "throw"), false); }
                Value[] answer = does["results"] == null ? Array.ConvertAll(results, kind => new Value { Kind = kind })
                                                         : Wire.Array(does, "results").Select(run.ValueOf).ToArray();
                RequestException.If(
                    !answer.Select(value => value.Kind).SequenceEqual(results), "results of other types than declared");
                return answer;
            }
            finally
            {
                _depth--;
            }
        }

        private void Tell(int index, Value[] args, JArray answers)
        {
            JObject call = new JObject { { "import", index }, { "args", new JArray(args.Select(RawSteps.Written)) } };
            if (answers != null) { call.Add("steps", answers); }
            _calls.Add(call);
        }

        private static IntPtr At(IntPtr values, int index)
        { return IntPtr.Add(values, index * Marshal.SizeOf<Value>()); }

        private static ValueKind[] Kinds(JObject type, string field)
        {
            return Wire.Array(type, field)
                .Select(name => Enum.TryParse((string)name, true, out ValueKind kind)
                                    ? kind
                                    : throw new RequestException("this host passes integers and floats only"))
                .ToArray();
        }

        private static Vector Types(ValueKind[] kinds)
        {
            IntPtr[] types = Array.ConvertAll(kinds, kind => Native.wasm_valtype_new((byte)kind));
            wasm_valtype_vec_new(out Vector vector, (UIntPtr)types.Length, types);
            return vector;
        }

        private const string Library = "wasmtime";
        private const CallingConvention C = CallingConvention.Cdecl;
        private const byte ExternTable = 2;
        private const byte FuncRefType = 129;           // a wasm_valkind_t
        private const ValueKind FuncRef = (ValueKind)5; // a wasmtime_valkind_t

        [UnmanagedFunctionPointer(C)]
        private delegate IntPtr Callback(
            IntPtr env, IntPtr caller, IntPtr args, UIntPtr argCount, IntPtr results, UIntPtr resultCount);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_linker_define(Handle linker, IntPtr context, byte[] module,
            UIntPtr moduleLength, byte[] name, UIntPtr nameLength, ref Extern item);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasm_valtype_vec_new(out Vector vector, UIntPtr count, IntPtr[] types);

        /// <summary>Takes both vectors.</summary>
        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasm_functype_new(ref Vector parameters, ref Vector results);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_func_new(
            IntPtr context, Handle type, Callback callback, IntPtr env, IntPtr finalizer, out Item func);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_trap_new(byte[] message, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_memorytype_new(ulong min, [MarshalAs(UnmanagedType.U1)] bool hasMax,
            ulong max, [MarshalAs(UnmanagedType.U1)] bool is64, [MarshalAs(UnmanagedType.U1)] bool isShared,
            byte log2OfPage, out IntPtr type);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_memory_new(IntPtr context, Handle type, out Item memory);

        /// <summary>Takes the type of the elements.</summary>
        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasm_tabletype_new(IntPtr element, uint[] limits);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasm_tabletype_delete(IntPtr type);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_table_new(IntPtr context, Handle type, ref Value init, out Item table);

        /// <summary>Takes the type of the value.</summary>
        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasm_globaltype_new(IntPtr content, byte isMutable);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasm_globaltype_delete(IntPtr type);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_global_new(IntPtr context, Handle type, ref Value value, out Item global);
    }
}
