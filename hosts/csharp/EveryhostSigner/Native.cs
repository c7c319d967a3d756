using System;
using System.Runtime.InteropServices;
using System.Text;

namespace EveryhostSigner
{
    /// <summary>What is used of libwasmtime's C API; wasm.h and wasmtime.h describe each function.</summary>
    /// <remarks>
    /// A function that fails returns a wasmtime_error_t, and one that runs Wasm can besides give a wasm_trap_t. Both are
    /// the caller's to delete. The layouts are those of 64-bit systems.
    /// </remarks>
    internal static class Native
    {
        private const string Library = "wasmtime";
        private const CallingConvention C = CallingConvention.Cdecl;

        internal const byte ExternFunc = 0;
        internal const byte ExternGlobal = 1;
        internal const byte ExternMemory = 3;

        /// <summary>The code of the trap that ends a call whose epoch deadline has passed.</summary>
        internal const byte TrapInterrupt = 10;

        private const byte TrapStackOverflow = 0;

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_config_new();

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_config_epoch_interruption_set(
            IntPtr config, [MarshalAs(UnmanagedType.U1)] bool enabled);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_config_signals_based_traps_set(
            IntPtr config, [MarshalAs(UnmanagedType.U1)] bool enabled);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_config_memory_may_move_set(
            IntPtr config, [MarshalAs(UnmanagedType.U1)] bool enabled);

        /// <summary>Takes the config.</summary>
        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_engine_new_with_config(IntPtr config);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_engine_delete(IntPtr engine);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_engine_increment_epoch(Handle engine);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_module_new(
            Handle engine, byte[] wasm, UIntPtr length, out IntPtr module);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_module_delete(IntPtr module);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_module_imports(Handle module, out Vector imports);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_importtype_vec_delete(ref Vector imports);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_importtype_module(IntPtr import);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_importtype_name(IntPtr import);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_module_exports(Handle module, out Vector exports);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_exporttype_vec_delete(ref Vector exports);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_exporttype_name(IntPtr export);

        /// <summary>A pointer that belongs to the export type.</summary>
        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_exporttype_type(IntPtr export);

        [DllImport(Library, CallingConvention = C)]
        internal static extern byte wasm_externtype_kind(IntPtr type);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_store_new(Handle engine, IntPtr data, IntPtr finalizer);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_store_delete(IntPtr store);

        /// <summary>A pointer into the store, as long-lived as the store.</summary>
        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_store_context(Handle store);

        /// <summary>Negative numbers leave a limit as it is.</summary>
        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_store_limiter(
            Handle store, long memoryBytes, long tableElements, long instances, long tables, long memories);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_context_set_epoch_deadline(IntPtr context, ulong ticksFromNow);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_linker_new(Handle engine);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_linker_delete(IntPtr linker);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_linker_instantiate(
            Handle linker, IntPtr context, Handle module, out Instance instance, out IntPtr trap);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        internal static extern bool wasmtime_instance_export_get(
            IntPtr context, ref Instance instance, byte[] name, UIntPtr nameLength, out Extern item);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_extern_delete(ref Extern item);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_func_call(IntPtr context, ref Func func, [In] Value[] args,
            UIntPtr argCount, [In, Out] Value[] results, UIntPtr resultCount, out IntPtr trap);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_func_type(IntPtr context, ref Func func);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_functype_delete(IntPtr type);

        /// <summary>A pointer to a <see cref="Vector"/> that belongs to the function type.</summary>
        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_functype_params(IntPtr type);

        /// <summary>A pointer to a <see cref="Vector"/> that belongs to the function type.</summary>
        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_functype_results(IntPtr type);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasm_valtype_new(byte kind);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        internal static extern bool wasmtime_wasm_valtype_equal(IntPtr one, IntPtr other);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_memory_data(IntPtr context, ref Memory memory);

        [DllImport(Library, CallingConvention = C)]
        internal static extern UIntPtr wasmtime_memory_data_size(IntPtr context, ref Memory memory);

        [DllImport(Library, CallingConvention = C)]
        internal static extern IntPtr wasmtime_memory_grow(
            IntPtr context, ref Memory memory, ulong pages, out ulong before);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_global_get(IntPtr context, ref Item global, out Value value);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_memorytype_delete(IntPtr type);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_error_message(IntPtr error, out Vector message);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasmtime_error_delete(IntPtr error);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_trap_message(IntPtr trap, out Vector message);

        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        internal static extern bool wasmtime_trap_code(IntPtr trap, out byte code);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_trap_delete(IntPtr trap);

        [DllImport(Library, CallingConvention = C)]
        internal static extern void wasm_byte_vec_delete(ref Vector bytes);

        /// <summary>Whether a program of WASI ended itself, and with which code.</summary>
        [DllImport(Library, CallingConvention = C)]
        [return:MarshalAs(UnmanagedType.U1)]
        internal static extern bool wasmtime_error_exit_status(IntPtr error, out int status);

        /// <summary>Says what a wasmtime_error_t says, and deletes it.</summary>
        internal static string TakeError(IntPtr error)
        {
            wasmtime_error_message(error, out Vector message);
            wasmtime_error_delete(error);
            return TakeText(ref message);
        }

        /// <summary>Throws if a call that makes something failed.</summary>
        internal static void Check(IntPtr error)
        {
            if (error != IntPtr.Zero) { throw new InvalidOperationException(TakeError(error)); }
        }

        /// <summary>Makes an exception of a wasmtime_error_t, and deletes it.</summary>
        internal static Exception TakeFailure(IntPtr error, string what)
        {
            bool ended = wasmtime_error_exit_status(error, out int status);
            string said = TakeError(error);
            return ended ? (Exception) new GuestExitException(status)
                         : new InvalidOperationException(what + ": " + said);
        }

        /// <summary>Makes an exception of a wasm_trap_t, and deletes it.</summary>
        internal static GuestTrapException TakeTrap(IntPtr trap)
        {
            bool hasCode = wasmtime_trap_code(trap, out byte code);
            wasm_trap_message(trap, out Vector message);
            wasm_trap_delete(trap);
            // wasmtime says "call stack exhausted" for what everybody calls otherwise.
            string what = hasCode && code == TrapStackOverflow ? "stack overflow: " : "";
            return new GuestTrapException(what + TakeText(ref message), hasCode && code == TrapInterrupt);
        }

        /// <summary>The text of a wasm_name_t that belongs to something else.</summary>
        internal static string TextAt(IntPtr name) => Marshal.PtrToStructure<Vector>(name).Text();

        private static string TakeText(ref Vector bytes)
        {
            string text = bytes.Text().TrimEnd('\0');
            wasm_byte_vec_delete(ref bytes);
            return text;
        }
    }

    /// <summary>A wasm_byte_vec_t, or a vector of pointers.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Vector
    {
        internal UIntPtr Size;
        internal IntPtr Data;

        internal string Text()
        {
            byte[] bytes = new byte[checked((int)Size)];
            if (bytes.Length > 0) { Marshal.Copy(Data, bytes, 0, bytes.Length); }
            return Encoding.UTF8.GetString(bytes);
        }

        internal IntPtr[] Pointers()
        {
            IntPtr[] pointers = new IntPtr[checked((int)Size)];
            if (pointers.Length > 0) { Marshal.Copy(Data, pointers, 0, pointers.Length); }
            return pointers;
        }
    }

    /// <summary>A wasmtime_instance_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Instance
    {
        internal ulong StoreId;
        internal UIntPtr Index;
    }

    /// <summary>A wasmtime_func_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Func
    {
        internal ulong StoreId;
        internal IntPtr Private;
    }

    /// <summary>A wasmtime_memory_t. C ends its inner struct with padding.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Memory
    {
        internal ulong StoreId;
        internal uint Private1;
        internal uint Padding1;
        internal uint Private2;
        internal uint Padding2;
    }

    /// <summary>A wasmtime_func_t, _global_t, _table_t or _memory_t that is only passed on; as large as the largest.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Item
    {
        internal ulong StoreId;
        internal ulong Private1;
        internal ulong Private2;
    }

    /// <summary>A wasmtime_extern_t.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal struct Extern
    {
        [FieldOffset(0)]
        internal byte Kind;

        [FieldOffset(8)]
        internal Func Func;

        [FieldOffset(8)]
        internal Memory Memory;

        [FieldOffset(8)]
        internal Item Item;
    }

    /// <summary>A wasmtime_val_t that holds a number. Floats are passed as their bits, so that no NaN is changed.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal struct Value
    {
        [FieldOffset(0)]
        internal ValueKind Kind;

        [FieldOffset(8)]
        internal int I32;

        [FieldOffset(8)]
        internal long I64;

        [FieldOffset(16)]
        internal long Unused1;

        [FieldOffset(24)]
        internal long Unused2;

        internal static Value OfI32(int number) => new Value { Kind = ValueKind.I32, I32 = number };
    }

    /// <summary>What a number is; the same in wasmtime_valkind_t and wasm_valkind_t.</summary>
    internal enum ValueKind : byte
    {
        I32 = 0,
        I64 = 1,
        F32 = 2,
        F64 = 3,
    }

    /// <summary>
    /// Something of libwasmtime's that is deleted once, at the latest when nothing refers to it any more. Modules and stores
    /// keep their engine alive on their own.
    /// </summary>
    internal sealed class Handle : SafeHandle
    {
        private readonly Action<IntPtr> _delete;

        internal Handle(IntPtr owned, Action<IntPtr> delete) : base(IntPtr.Zero, true)
        {
            _delete = delete;
            SetHandle(owned);
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        protected override bool ReleaseHandle()
        {
            _delete(handle);
            return true;
        }
    }
}
