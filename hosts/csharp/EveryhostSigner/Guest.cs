using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace EveryhostSigner
{
    /// <summary>
    /// One instance in a store of its own, so that disposing of it gives back all that it had. Calls, checked access to
    /// linear memory, and what is left after a trap. Linear memory is the export "memory" or else the first memory that
    /// the module exports; without one it is empty.
    /// </summary>
    internal sealed class Guest : IDisposable
    {
        private static readonly byte[] Zeros = new byte[64 * 1024];
        private static readonly Value[] NoResult = new Value[0];

        private readonly Dictionary<string, Func?> _functions = new Dictionary<string, Func?>();
        private readonly Handle _store;
        private readonly IntPtr _context;
        private readonly EpochClock _clock;
        private readonly ulong _timeoutMilliseconds;
        private bool _hasMemory;
        private Instance _instance;
        private Memory _memory;

        internal Guest(Handle engine, Handle module, string memoryExport, EpochClock clock, GuestLimits limits,
            Action<Guest, Handle> link)
        {
            if (limits.CallTimeout.HasValue && clock == null)
            {
                throw new ArgumentException(
                    "the module was not compiled for calls that can be cut off", nameof(limits));
            }
            _clock = clock;
            _timeoutMilliseconds = (ulong)(limits.CallTimeout ?? TimeSpan.MaxValue).TotalMilliseconds;
            _store =
                new Handle(Native.wasmtime_store_new(engine, IntPtr.Zero, IntPtr.Zero), Native.wasmtime_store_delete);
            _context = Native.wasmtime_store_context(_store);
            Native.wasmtime_store_limiter(_store, limits.MaxMemoryBytes ?? -1, -1, -1, -1, -1);
            try
            {
                using (Handle linker = new Handle(Native.wasmtime_linker_new(engine), Native.wasmtime_linker_delete))
                {
                    link?.Invoke(this, linker);
                    StartClock();
                    IntPtr error = Native.wasmtime_linker_instantiate(
                        linker, _context, module, out Instance instance, out IntPtr trap);
                    StopClock();
                    Check(error, trap, "wasmtime cannot make an instance");
                    _instance = instance;
                }
                if (memoryExport != null)
                {
                    _hasMemory = TryExport(memoryExport, Native.ExternMemory, out Extern memory);
                    _memory = memory.Memory;
                }
                Made?.Invoke(this);
            }
            catch
            {
                _store.Dispose();
                throw;
            }
        }

        /// <summary>The store, as wasmtime's functions take it.</summary>
        internal IntPtr Context => _context;

        /// <summary>
        /// What a function of the host failed with, if it could not throw because there was native code above it. The call
        /// that led there throws it.
        /// </summary>
        internal Exception HostFailure { private get; set; }

        /// <summary>The size of linear memory in bytes, now: any call may have let it grow.</summary>
        internal long MemoryLength
        {
            get {
                RequireOpen();
                long length = _hasMemory ? checked((long)Native.wasmtime_memory_data_size(_context, ref _memory)) : 0;
                GC.KeepAlive(_store);
                return length;
            }
        }

        /// <summary>The exported function of that name, or null.</summary>
        internal Func? FindFunction(string name)
        {
            if (!_functions.TryGetValue(name, out Func? function))
            {
                RequireOpen();
                function = TryExport(name, Native.ExternFunc, out Extern item) ? item.Func : (Func?)null;
                if (IsMade) { _functions.Add(name, function); }
            }
            return function;
        }

        /// <summary>Calls an export that takes 32-bit integers and returns one. A pointer is unsigned, so the result is.</summary>
        internal uint Call(string name, params uint[] args)
        {
            Value[] result = new Value[1];
            Invoke(Required(name), Values(args), result);
            return unchecked((uint)result[0].I32);
        }

        /// <summary>Calls an export that takes 32-bit integers and returns nothing.</summary>
        internal void Run(string name, params uint[] args) => Invoke(Required(name), Values(args), NoResult);

        /// <summary>Calls a function with arguments of its own types; the results are put where there is room for them.</summary>
        internal void Invoke(Func func, Value[] args, Value[] results)
        {
            RequireOpen();
            StartClock();
            IntPtr error = Native.wasmtime_func_call(
                _context, ref func, args, (UIntPtr)args.Length, results, (UIntPtr)results.Length, out IntPtr trap);
            StopClock();
            GC.KeepAlive(_store);
            Check(error, trap, "wasmtime cannot make this call");
        }

        /// <summary>The types of a function's parameters and results.</summary>
        internal void TypesOf(Func func, out ValueKind[] parameters, out ValueKind[] results)
        {
            RequireOpen();
            IntPtr type = Native.wasmtime_func_type(_context, ref func);
            GC.KeepAlive(_store);
            try
            {
                parameters = NumberTypes.KindsOf(Native.wasm_functype_params(type));
                results = NumberTypes.KindsOf(Native.wasm_functype_results(type));
            }
            finally
            {
                Native.wasm_functype_delete(type);
            }
        }

        /// <summary>A copy of bytes of linear memory.</summary>
        internal byte[] Read(ulong ptr, long length)
        {
            Address(ptr, length); // before there is an array of that length
            byte[] bytes = new byte[checked((int)length)];
            Read(ptr, bytes);
            return bytes;
        }

        /// <summary>Fills an array from linear memory: no second copy of a secret is made.</summary>
        internal void Read(ulong ptr, byte[] bytes)
        {
            IntPtr at = Address(ptr, bytes.Length);
            if (bytes.Length > 0) { Marshal.Copy(at, bytes, 0, bytes.Length); }
            GC.KeepAlive(_store);
        }

        /// <summary>Copies bytes to linear memory, straight from where they are: no second copy of a secret is made.</summary>
        internal void Write(ulong ptr, byte[] bytes)
        {
            IntPtr at = Address(ptr, bytes.Length);
            if (bytes.Length > 0) { Marshal.Copy(bytes, 0, at, bytes.Length); }
            GC.KeepAlive(_store);
        }

        /// <summary>
        /// Where bytes of linear memory are, for one copy; nowhere if there is no memory, and so none of its bytes. When
        /// memory grows, such an address may be of memory that is gone, and nothing checks it: do not keep it.
        /// </summary>
        internal IntPtr Address(ulong ptr, long length)
        {
            long size = MemoryLength;
            if (length < 0 || ptr > (ulong)size || length > size - (long)ptr)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(ptr), length + " bytes at " + ptr + " are not in a linear memory of " + size + " bytes");
            }
            return _hasMemory ? new IntPtr(Native.wasmtime_memory_data(_context, ref _memory).ToInt64() + (long)ptr)
                              : IntPtr.Zero;
        }

        /// <summary>Gives a module that exports no memory its linear memory; the first stays.</summary>
        internal void ImportMemory(Memory memory)
        {
            _memory = _hasMemory ? _memory : memory;
            _hasMemory = true;
        }

        /// <summary>Lets linear memory grow by so many pages; false if it cannot, or there is none.</summary>
        internal bool Grow(long pages, out ulong before)
        {
            RequireOpen();
            before = 0;
            if (!_hasMemory) { return false; }
            IntPtr error = Native.wasmtime_memory_grow(_context, ref _memory, (ulong)pages, out before);
            GC.KeepAlive(_store);
            if (error != IntPtr.Zero) { Native.wasmtime_error_delete(error); }
            return error == IntPtr.Zero;
        }

        /// <summary>The value of the exported global of that name, or null.</summary>
        internal Value? ReadGlobal(string name)
        {
            RequireOpen();
            if (!TryExport(name, Native.ExternGlobal, out Extern item)) { return null; }
            Native.wasmtime_global_get(_context, ref item.Item, out Value value);
            GC.KeepAlive(_store);
            return value.Kind <= ValueKind.F64 ? value : throw NumberTypes.Unknown();
        }

        /// <summary>Clears linear memory from outside and ends the instance: for one that trapped. Again does nothing.</summary>
        internal void Discard()
        {
            try
            {
                for (long at = 0, end = _store.IsClosed ? 0 : MemoryLength; at < end; at += Zeros.Length)
                {
                    int part = (int)Math.Min(Zeros.Length, end - at);
                    Marshal.Copy(Zeros, 0, Address((ulong)at, part), part);
                }
            }
            finally
            {
                Dispose();
            }
        }

        /// <summary>Gives linear memory back to the system. The instance cannot be used afterwards.</summary>
        public void Dispose()
        {
            if (!_store.IsClosed)
            {
                BeforeDispose?.Invoke();
                _store.Dispose();
            }
        }

        /// <summary>For tests, which look at what is left in linear memory.</summary>
        internal Action BeforeDispose { get; set; }

        /// <summary>For tests, which do something in the middle of what a signer does: given the export's name.</summary>
        internal Action<string> BeforeCall { get; set; }

        /// <summary>For tests, which look at every instance that their thread makes.</summary>
        [field:ThreadStatic]
        internal static event Action<Guest> Made;

        private static Value[] Values(uint[] args) => Array.ConvertAll(args, arg => Value.OfI32(unchecked((int)arg)));

        private Func Required(string name)
        {
            BeforeCall?.Invoke(name);
            return FindFunction(name) ?? throw new MissingMemberException("the module exports no function " + name);
        }

        // While a start function runs there are no exports.
        private bool IsMade => _instance.StoreId != 0;

        private bool TryExport(string name, byte kind, out Extern item)
        {
            item = default(Extern);
            if (!IsMade) { return false; }
            byte[] utf8 = Encoding.UTF8.GetBytes(name);
            bool found =
                Native.wasmtime_instance_export_get(_context, ref _instance, utf8, (UIntPtr)utf8.Length, out item);
            if (found && item.Kind != kind)
            {
                Native.wasmtime_extern_delete(ref item);
                found = false;
            }
            GC.KeepAlive(_store);
            return found;
        }

        private void StartClock()
        {
            if (_clock != null)
            {
                _clock.Begin();
                Native.wasmtime_context_set_epoch_deadline(_context, _timeoutMilliseconds + 1);
            }
        }

        private void StopClock() => _clock?.End();

        private void Check(IntPtr error, IntPtr trap, string what)
        {
            Exception failure = trap != IntPtr.Zero    ? Native.TakeTrap(trap)
                                : error != IntPtr.Zero ? Native.TakeFailure(error, what)
                                                       : null;
            if (failure == null) { return; }
            failure = HostFailure ?? failure;
            HostFailure = null;
            throw failure;
        }

        private void RequireOpen()
        {
            if (_store.IsClosed) { throw new ObjectDisposedException(nameof(Guest)); }
        }
    }

    /// <summary>Tells wasmtime's number types apart. (wasm_valtype_kind aborts the process for most other types.)</summary>
    internal static class NumberTypes
    {
        // Made once and never deleted: they live as long as the process.
        private static readonly IntPtr[] Known = {
            Native.wasm_valtype_new((byte)ValueKind.I32),
            Native.wasm_valtype_new((byte)ValueKind.I64),
            Native.wasm_valtype_new((byte)ValueKind.F32),
            Native.wasm_valtype_new((byte)ValueKind.F64),
        };

        internal static ValueKind[] KindsOf(IntPtr vector)
        { return Array.ConvertAll(Marshal.PtrToStructure<Vector>(vector).Pointers(), KindOf); }

        private static ValueKind KindOf(IntPtr type)
        {
            int at = Array.FindIndex(Known, known => Native.wasmtime_wasm_valtype_equal(known, type));
            return at >= 0 ? (ValueKind)at : throw Unknown();
        }

        internal static Exception Unknown() => new NotSupportedException("this host passes integers and floats only");
    }
}
