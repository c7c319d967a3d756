// What Host.cs uses of libwasmtime's C API; wasm.h and wasmtime.h describe each function. The layouts are those of 64-bit systems.

using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

[StructLayout(LayoutKind.Sequential)]
internal struct Vector { internal UIntPtr Size; internal IntPtr Data; }

[StructLayout(LayoutKind.Sequential)]
internal struct Instance { internal ulong Store; internal UIntPtr Index; }

[StructLayout(LayoutKind.Sequential)]
internal struct Item { internal ulong Store, Private1, Private2; }

[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Extern
{
    [FieldOffset(0)] internal byte Kind;
    [FieldOffset(8)] internal Item Item;
}

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate IntPtr Callback(IntPtr env, IntPtr caller, IntPtr args, UIntPtr argCount, IntPtr results, UIntPtr resultCount);

internal sealed class Guest
{
    private readonly IntPtr _context;
    private Instance _instance;

    internal Guest(IntPtr engine, IntPtr store, IntPtr linker, byte[] wasm)
    {
        _context = Wasmtime.wasmtime_store_context(store);
        Wasmtime.Check(Wasmtime.wasmtime_module_new(engine, wasm, (UIntPtr)wasm.Length, out IntPtr module), IntPtr.Zero);
        IntPtr error = Wasmtime.wasmtime_linker_instantiate(linker, _context, module, out _instance, out IntPtr trap);
        Wasmtime.wasmtime_module_delete(module);
        Wasmtime.Check(error, trap);
    }

    internal void Call(string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        if (!Wasmtime.wasmtime_instance_export_get(_context, ref _instance, text, (UIntPtr)text.Length, out Extern function))
        {
            throw new ArgumentException("no export " + name);
        }
        IntPtr error = Wasmtime.wasmtime_func_call(
            _context, ref function.Item, IntPtr.Zero, UIntPtr.Zero, IntPtr.Zero, UIntPtr.Zero, out IntPtr trap);
        Wasmtime.Check(error, trap);
    }
}

internal static class Wasmtime
{
    private const string Library = "wasmtime";
    private const CallingConvention C = CallingConvention.Cdecl;
    private const int ValueSize = 32;

    internal static Extern ExportOf(IntPtr caller, string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        if (!wasmtime_caller_export_get(caller, text, (UIntPtr)text.Length, out Extern item))
        {
            throw new InvalidOperationException("the guest exports no " + name);
        }
        return item;
    }

    /// <summary>The n-th of the arguments, all of them i32.</summary>
    internal static uint U32(IntPtr args, int n) => (uint)Marshal.ReadInt32(args, n * ValueSize + 8);

    internal static IntPtr Trap(string message)
    {
        byte[] text = Encoding.UTF8.GetBytes(message);
        return wasmtime_trap_new(text, (UIntPtr)text.Length);
    }

    /// <summary>A function that takes i32 and returns nothing.</summary>
    internal static void DefineFunction(IntPtr linker, string module, string name, int parameters, Callback callback)
    {
        IntPtr[] kinds = Enumerable.Range(0, parameters).Select(_ => wasm_valtype_new(0)).ToArray();
        wasm_valtype_vec_new(out Vector takes, (UIntPtr)kinds.Length, kinds);
        wasm_valtype_vec_new(out Vector gives, UIntPtr.Zero, new IntPtr[0]);
        IntPtr type = wasm_functype_new(ref takes, ref gives);
        byte[] first = Encoding.UTF8.GetBytes(module);
        byte[] second = Encoding.UTF8.GetBytes(name);
        IntPtr error = wasmtime_linker_define_func(linker, first, (UIntPtr)first.Length, second, (UIntPtr)second.Length, type,
            callback, IntPtr.Zero, IntPtr.Zero);
        wasm_functype_delete(type);
        Check(error, IntPtr.Zero);
    }

    internal static void Check(IntPtr error, IntPtr trap)
    {
        if (error == IntPtr.Zero && trap == IntPtr.Zero) { return; }
        Vector message;
        if (trap != IntPtr.Zero)
        {
            wasm_trap_message(trap, out message);
            wasm_trap_delete(trap);
        }
        else
        {
            wasmtime_error_message(error, out message);
            wasmtime_error_delete(error);
        }
        byte[] bytes = new byte[(int)message.Size];
        Marshal.Copy(message.Data, bytes, 0, bytes.Length);
        wasm_byte_vec_delete(ref message);
        throw new InvalidOperationException(Encoding.UTF8.GetString(bytes).TrimEnd('\0'));
    }

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasm_engine_new();

    [DllImport(Library, CallingConvention = C)]
    internal static extern void wasm_engine_delete(IntPtr engine);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_store_new(IntPtr engine, IntPtr data, IntPtr finalizer);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void wasmtime_store_delete(IntPtr store);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_store_context(IntPtr store);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_linker_new(IntPtr engine);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void wasmtime_linker_delete(IntPtr linker);

    [DllImport(Library, CallingConvention = C)]
    private static extern IntPtr wasmtime_linker_define_func(IntPtr linker, byte[] module, UIntPtr moduleLength, byte[] name,
        UIntPtr nameLength, IntPtr type, Callback callback, IntPtr data, IntPtr finalizer);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_linker_instantiate(
        IntPtr linker, IntPtr context, IntPtr module, out Instance instance, out IntPtr trap);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_module_new(IntPtr engine, byte[] wasm, UIntPtr length, out IntPtr module);

    [DllImport(Library, CallingConvention = C)]
    internal static extern void wasmtime_module_delete(IntPtr module);

    [DllImport(Library, CallingConvention = C)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static extern bool wasmtime_instance_export_get(
        IntPtr context, ref Instance instance, byte[] name, UIntPtr length, out Extern item);

    [DllImport(Library, CallingConvention = C)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static extern bool wasmtime_caller_export_get(IntPtr caller, byte[] name, UIntPtr length, out Extern item);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_caller_context(IntPtr caller);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_func_call(IntPtr context, ref Item function, IntPtr args, UIntPtr argCount,
        IntPtr results, UIntPtr resultCount, out IntPtr trap);

    [DllImport(Library, CallingConvention = C)]
    internal static extern IntPtr wasmtime_memory_data(IntPtr context, ref Item memory);

    [DllImport(Library, CallingConvention = C)]
    internal static extern UIntPtr wasmtime_memory_data_size(IntPtr context, ref Item memory);

    [DllImport(Library, CallingConvention = C)]
    private static extern IntPtr wasmtime_trap_new(byte[] message, UIntPtr length);

    [DllImport(Library, CallingConvention = C)]
    private static extern void wasm_trap_message(IntPtr trap, out Vector message);

    [DllImport(Library, CallingConvention = C)]
    private static extern void wasm_trap_delete(IntPtr trap);

    [DllImport(Library, CallingConvention = C)]
    private static extern void wasmtime_error_message(IntPtr error, out Vector message);

    [DllImport(Library, CallingConvention = C)]
    private static extern void wasmtime_error_delete(IntPtr error);

    [DllImport(Library, CallingConvention = C)]
    private static extern IntPtr wasm_valtype_new(byte kind);

    [DllImport(Library, CallingConvention = C)]
    private static extern void wasm_valtype_vec_new(out Vector vector, UIntPtr count, IntPtr[] types);

    /// <summary>Takes both vectors.</summary>
    [DllImport(Library, CallingConvention = C)]
    private static extern IntPtr wasm_functype_new(ref Vector parameters, ref Vector results);

    [DllImport(Library, CallingConvention = C)]
    private static extern void wasm_functype_delete(IntPtr type);

    [DllImport(Library, CallingConvention = C)]
    private static extern void wasm_byte_vec_delete(ref Vector bytes);
}
