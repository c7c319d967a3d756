// Gives a guest the function log. mono host.exe GREETER.wasm; with Wasmtime.cs, which declares what it uses of libwasmtime.

using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

internal static class Host
{
    // ANCHOR: log
    private static void Log(IntPtr caller, uint text, uint length)
    {
        Extern memory = Wasmtime.ExportOf(caller, "memory");
        IntPtr context = Wasmtime.wasmtime_caller_context(caller);
        ulong size = (ulong)Wasmtime.wasmtime_memory_data_size(context, ref memory.Item);
        if ((ulong)text + length > size)
        {
            throw new IndexOutOfRangeException($"{length} bytes at {text} are not all in memory");
        }
        byte[] bytes = new byte[length];
        IntPtr data = Wasmtime.wasmtime_memory_data(context, ref memory.Item); // valid until the guest runs again
        Marshal.Copy(new IntPtr(data.ToInt64() + text), bytes, 0, bytes.Length);
        Console.WriteLine("guest: " + Encoding.UTF8.GetString(bytes));
    }

    private static Exception _failure;

    // In a field: native code holds only its address, and the garbage collector must not take it.
    private static readonly Callback OnLog = (env, caller, args, argCount, results, resultCount) =>
    {
        try
        {
            Log(caller, Wasmtime.U32(args, 0), Wasmtime.U32(args, 1));
            return IntPtr.Zero;
        }
        catch (Exception error) // none may pass through native code
        {
            _failure = error;
            return Wasmtime.Trap("log failed");
        }
    };

    private static void Link(IntPtr linker) => Wasmtime.DefineFunction(linker, "env", "log", 2, OnLog);
    // ANCHOR_END: log

    private static void Main(string[] args)
    {
        IntPtr engine = Wasmtime.wasm_engine_new();
        IntPtr store = Wasmtime.wasmtime_store_new(engine, IntPtr.Zero, IntPtr.Zero);
        IntPtr linker = Wasmtime.wasmtime_linker_new(engine);
        Link(linker);
        Guest guest = new Guest(engine, store, linker, File.ReadAllBytes(args[0]));
        guest.Call("greet");
        try { guest.Call("stray"); }
        catch (InvalidOperationException) when (_failure != null) { Console.WriteLine("refused: " + _failure.Message); }
        Wasmtime.wasmtime_linker_delete(linker);
        Wasmtime.wasmtime_store_delete(store);
        Wasmtime.wasm_engine_delete(engine);
    }
}
