using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using EveryhostSigner;

namespace EveryhostAdapter
{
    /// <summary>A component that imports nothing, compiled once.</summary>
    internal sealed class Component : IDisposable
    {
        // The fifth byte is a module's version, 1.
        private static readonly byte[] Header = { 0, (byte)'a', (byte)'s', (byte)'m', 13, 0, 1, 0 };

        private readonly Dictionary<string, Handle> _functions = new Dictionary<string, Handle>();

        internal Component(byte[] wasm)
        {
            Engine = CompiledModule.NewEngine(false);
            Native.Check(wasmtime_component_new(Engine, wasm, (UIntPtr)wasm.Length, out IntPtr component));
            Compiled = new Handle(component, wasmtime_component_delete);
        }

        internal Handle Engine { get; }

        internal Handle Compiled { get; }

        /// <summary>Whether this is a component, and no module.</summary>
        internal static bool Is(byte[] wasm) => wasm.Take(Header.Length).SequenceEqual(Header);

        /// <summary>Where every instance has that function of that interface.</summary>
        internal Handle Function(string from, string name)
        {
            string path = from + "#" + name; // the world has no name
            if (!_functions.TryGetValue(path, out Handle function))
            {
                using (Handle none = new Handle(IntPtr.Zero, null))
                {
                    if (from == null) { function = Export(none, name); }
                    else
                    {
                        using (Handle at = Export(none, from))
                        { function = at.IsInvalid ? at : Export(at, name); }
                    }
                }
                if (function.IsInvalid) { throw new InvalidOperationException("the component exports no " + path); }
                _functions.Add(path, function);
            }
            return function;
        }

        public void Dispose()
        {
            foreach (Handle function in _functions.Values) { function.Dispose(); }
            Compiled.Dispose();
            Engine.Dispose();
        }

        private Handle Export(Handle within, string name)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(name);
            IntPtr index = wasmtime_component_get_export_index(Compiled, within, utf8, (UIntPtr)utf8.Length);
            return new Handle(index, wasmtime_component_export_index_delete);
        }

        private const string Library = "wasmtime";
        private const CallingConvention C = CallingConvention.Cdecl;

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_new(
            Handle engine, byte[] wasm, UIntPtr length, out IntPtr component);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_delete(IntPtr component);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_get_export_index(
            Handle component, Handle within, byte[] name, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_export_index_delete(IntPtr index);
    }

    /// <summary>One instance of a component, in a store of its own.</summary>
    internal sealed class ComponentInstance : IDisposable
    {
        private readonly Component _component;
        private readonly Handle _store;
        private readonly IntPtr _context;
        private readonly byte[] _instance = new byte[16]; // a wasmtime_component_instance_t

        internal ComponentInstance(Component component)
        {
            _component = component;
            _store = new Handle(
                Native.wasmtime_store_new(component.Engine, IntPtr.Zero, IntPtr.Zero), Native.wasmtime_store_delete);
            _context = Native.wasmtime_store_context(_store);
            using (Handle linker =
                       new Handle(wasmtime_component_linker_new(component.Engine), wasmtime_component_linker_delete))
            { Native.Check(wasmtime_component_linker_instantiate(linker, _context, component.Compiled, _instance)); }
        }

        /// <summary>
        /// Calls a function that returns something, which is read before it is deleted. The arguments are byte[], byte[][]
        /// or a resource.
        /// </summary>
        internal T Call<T>(string from, string name, Func<ComponentValue, T> read, params object[] args)
        {
            ComponentValue[] result = new ComponentValue[1];
            try
            {
                Call(from, name, args, result);
                return read(result[0]);
            }
            finally
            {
                ComponentValue.Delete(result);
            }
        }

        /// <summary>Calls a function that returns nothing.</summary>
        internal void Run(string from, string name, params object[] args)
        { Call(from, name, args, new ComponentValue[0]); }

        /// <summary>Runs a resource's destructor.</summary>
        internal void Drop(Handle resource)
        { Native.Check(wasmtime_component_resource_any_drop(_context, resource)); }

        public void Dispose() => _store.Dispose();

        /// <summary>Calls a function with arguments, and with room for results, that are in the C API's own form.</summary>
        internal void Call(string from, string name, IntPtr args, int argCount, IntPtr results, int resultCount)
        {
            byte[] function = new byte[32]; // a wasmtime_component_func_t
            wasmtime_component_instance_get_func(_instance, _context, _component.Function(from, name), function);
            IntPtr error = wasmtime_component_func_call(
                function, _context, args, (UIntPtr)argCount, results, (UIntPtr)resultCount);
            if (error != IntPtr.Zero) { throw new GuestTrapException(Native.TakeError(error), false); }
        }

        private void Call(string from, string name, object[] given, ComponentValue[] results)
        {
            byte[] function = new byte[32]; // a wasmtime_component_func_t
            wasmtime_component_instance_get_func(_instance, _context, _component.Function(from, name), function);
            ComponentValue[] args = new ComponentValue[given.Length];
            try
            {
                for (int n = 0; n < args.Length; n++) { args[n] = ComponentValue.Of(given[n]); }
                IntPtr error = wasmtime_component_func_call(
                    function, _context, args, (UIntPtr)args.Length, results, (UIntPtr)results.Length);
                if (error != IntPtr.Zero) { throw new GuestTrapException(Native.TakeError(error), false); }
            }
            finally
            {
                ComponentValue.Delete(args);
            }
        }

        private const string Library = "wasmtime";
        private const CallingConvention C = CallingConvention.Cdecl;

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_linker_new(Handle engine);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_linker_delete(IntPtr linker);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_linker_instantiate(
            Handle linker, IntPtr context, Handle component, [Out] byte[] instance);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        private static extern bool wasmtime_component_instance_get_func(
            byte[] instance, IntPtr context, Handle index, [Out] byte[] function);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_func_call(byte[] function, IntPtr context,
            [In] ComponentValue[] args, UIntPtr argCount, [In, Out] ComponentValue[] results, UIntPtr resultCount);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_func_call(
            byte[] function, IntPtr context, IntPtr args, UIntPtr argCount, IntPtr results, UIntPtr resultCount);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_resource_any_drop(IntPtr context, Handle resource);
    }

    /// <summary>A wasmtime_component_val_t: what it holds begins with a number, a pointer or a length.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ComponentValue
    {
        private const byte U8 = 2;
        private const byte List = 13;
        private const byte ResourceKind = 21;
        private const int WordsEach = 4;
        private const int PartLength = 4096;

        private byte _kind;
        private ulong _first;
        private IntPtr _data;
        private IntPtr _unused;

        /// <summary>A bool, and whether a result is ok. In C it has one byte, and the others may be anything.</summary>
        internal bool Flag => (byte)_first != 0;

        /// <summary>A value of an argument's own, but a resource is passed as it is.</summary>
        internal static ComponentValue Of(object given)
        {
            if (given is byte[] bytes) { return OfBytes(bytes); }
            if (given is byte[][] all)
            {
                ComponentValue list = OfLength(all.Length);
                for (int n = 0; n < all.Length; n++) { Marshal.StructureToPtr(OfBytes(all[n]), list.At(n), false); }
                return list;
            }
            IntPtr resource = ((Handle)given).DangerousGetHandle();
            return new ComponentValue { _kind = ResourceKind, _first = (ulong)resource.ToInt64() };
        }

        /// <summary>Gives back what values hold, except resources.</summary>
        internal static void Delete(ComponentValue[] values)
        {
            for (int n = 0; n < values.Length; n++)
            {
                if (values[n]._kind != ResourceKind) { wasmtime_component_val_delete(ref values[n]); }
            }
        }

        /// <summary>What a result holds, whether it is ok or not; something empty if that is nothing.</summary>
        internal ComponentValue Payload()
        { return _data == IntPtr.Zero ? new ComponentValue() : Marshal.PtrToStructure<ComponentValue>(_data); }

        /// <summary>The name in an enum.</summary>
        internal string Text() => new Vector { Size = (UIntPtr)_first, Data = _data }.Text();

        /// <summary>The elements of a list.</summary>
        internal ComponentValue[] Elements()
        {
            ComponentValue list = this;
            return Enumerable.Range(0, checked((int)_first))
                .Select(n => Marshal.PtrToStructure<ComponentValue>(list.At(n)))
                .ToArray();
        }

        /// <summary>The bytes of a list of u8.</summary>
        internal byte[] Bytes() => Array.ConvertAll(Elements(), element => (byte)element._first);

        /// <summary>A resource, which is the caller's now.</summary>
        internal Handle Resource() => new Handle(new IntPtr((long)_first), wasmtime_component_resource_any_delete);

        private static ComponentValue OfLength(int length)
        {
            wasmtime_component_vallist_new_uninit(out Vector list, (UIntPtr)length);
            return new ComponentValue { _kind = List, _first = (ulong)length, _data = list.Data };
        }

        // Each byte is a value of its own, of 32 bytes. They are copied in parts, because 16 MiB of them take 512 MB.
        private static ComponentValue OfBytes(byte[] bytes)
        {
            ComponentValue list = OfLength(bytes.Length);
            long[] part = new long[WordsEach * Math.Min(bytes.Length, PartLength)];
            for (int at = 0; at < bytes.Length; at += PartLength)
            {
                int count = Math.Min(bytes.Length - at, PartLength);
                for (int n = 0; n < count; n++)
                {
                    part[WordsEach * n] = U8;
                    part[WordsEach * n + 1] = bytes[at + n];
                }
                Marshal.Copy(part, 0, list.At(at), WordsEach * count);
            }
            return list;
        }

        private IntPtr At(int index) => new IntPtr(_data.ToInt64() + (long)index * Marshal.SizeOf<ComponentValue>());

        private const string Library = "wasmtime";
        private const CallingConvention C = CallingConvention.Cdecl;

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_vallist_new_uninit(out Vector list, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_val_delete(ref ComponentValue value);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_resource_any_delete(IntPtr resource);
    }
}
