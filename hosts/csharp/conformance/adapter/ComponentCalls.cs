using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostAdapter
{
    /// <summary>
    /// The exports of any component, called by the types that hello brings: see hosts/COMPONENTS.md. Values are written to and read
    /// from the C API's own memory: a wasmtime_component_val_t has its kind at 0 and what it holds from 8 on.
    /// </summary>
    internal sealed class ComponentCalls : IDisposable
    {
        private const string Nan = "nan";
        private const int Length = 32;     // of a wasmtime_component_val_t
        private const int NameLength = 16; // of a wasm_name_t
        private const int Held = 8;
        private const int Pointer = 16;     // of a list's elements, of a result's payload
        private const int CasePointer = 24; // of a variant's payload, after its name

        private static readonly string[] Kinds = { "bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32",
            "f64", "char", "string", "list", "record", "tuple", "variant", "enum", "option", "result", "flags", "own" };

        private readonly ComponentInstance _instance;
        private readonly JObject _types;
        private readonly List<KeyValuePair<string, Handle>> _resources = new List<KeyValuePair<string, Handle>>();

        private ComponentCalls(Component component, JObject types)
        {
            _instance = new ComponentInstance(component);
            _types = types;
        }

        /// <summary>Does the steps on a fresh instance, and answers.</summary>
        internal static JObject Run(Component component, JObject types, JArray steps)
        {
            ComponentCalls calls;
            try
            {
                calls = new ComponentCalls(component, types);
            }
            catch (Exception error)
            {
                return Wire.Error("NO_INSTANCE", error.Message);
            }
            using (calls)
            {
                JArray answers = new JArray();
                foreach (JToken step in steps)
                {
                    JObject answer = calls.Step(step as JObject ?? throw new RequestException("a step is an object"));
                    answers.Add(answer);
                    if (answer["trap"] != null) { break; }
                }
                return new JObject { { "steps", answers } };
            }
        }

        public void Dispose()
        {
            foreach (KeyValuePair<string, Handle> resource in _resources) { resource.Value?.Dispose(); }
            _instance.Dispose();
        }

        private JObject Step(JObject step)
        {
            try
            {
                switch (Wire.Text(step, "do"))
                {
                    case "call":
                        JArray args = step["args"] == null ? new JArray() : step["args"] as JArray;
                        RequestException.If(args == null, "args is a list");
                        return new JObject { { "ok", Call(Wire.Text(step, "export"), args) } };
                    case "drop":
                        long number = Wire.Number(step, "handle", 0, uint.MaxValue);
                        Handle dropped = Resource(number).Value;
                        try
                        {
                            _instance.Drop(dropped);
                        }
                        catch (InvalidOperationException error)
                        {
                            throw new GuestTrapException(error.Message, false);
                        }
                        Forget((int)number);
                        return new JObject { { "ok", new JObject() } };
                    default: throw new RequestException("a component has no step " + step["do"]);
                }
            }
            catch (RefusedException refused)
            {
                return Wire.Error(refused.Code, refused.Message);
            }
            catch (GuestTrapException trap)
            {
                return Wire.Trap(trap.Message);
            }
        }

        private JObject Call(string export, JArray given)
        {
            if (!_types.TryGetValue(export, out JToken type)) { throw new RefusedException("NO_EXPORT", export); }
            JArray parameters = type.Type == JTokenType.Object ? (JArray)type["params"] : null;
            if (parameters == null) { throw Mismatch("it takes or returns a type that has no form here"); }
            if (parameters.Count != given.Count)
            {
                throw Mismatch(given.Count + " arguments for " + parameters.Count + " parameters");
            }
            JToken result = type["result"];
            IntPtr args = Zeroed(Length * given.Count);
            IntPtr returned = Zeroed(Length);
            HashSet<int> gone = new HashSet<int>();
            try
            {
                for (int n = 0; n < given.Count; n++) { Lower(parameters[n], given[n], args + Length * n, gone); }
                // The component has copies of these handles.
                foreach (int number in gone) { Forget(number); }
                int hash = export.LastIndexOf('#');
                string from = hash < 0 ? null : export.Substring(0, hash);
                _instance.Call(from, export.Substring(hash + 1), args, given.Count, returned, result == null ? 0 : 1);
                return result == null ? new JObject() : new JObject { { "result", Lift(result, returned) } };
            }
            finally
            {
                for (int n = 0; n < given.Count; n++) { wasmtime_component_val_delete(args + Length * n); }
                wasmtime_component_val_delete(returned);
                Marshal.FreeHGlobal(args);
                Marshal.FreeHGlobal(returned);
            }
        }

        private KeyValuePair<string, Handle> Resource(long number)
        {
            bool isThere = number < _resources.Count && _resources[(int)number].Value != null;
            return isThere ? _resources[(int)number] : throw new RefusedException("NO_HANDLE", "");
        }

        private void Forget(int number)
        {
            _resources[number].Value.Dispose();
            _resources[number] = new KeyValuePair<string, Handle>();
        }

        /// <summary>Writes a value to where there are zeros. What is written until it fails can be deleted.</summary>
        private void Lower(JToken type, JToken value, IntPtr at, HashSet<int> gone)
        {
            string kind = KindOf(type, out JToken of);
            switch (kind)
            {
                case "list":
                    if (Is(of, "u8")) { LowerBytes(value, at); }
                    else
                    {
                        LowerAll(Items(value).Select(item => Pair(of, item)).ToArray(), kind, at, gone);
                    }
                    return;
                case "tuple":
                    JArray items = Items(value);
                    if (items.Count != of.Count()) { throw Mismatch(value); }
                    LowerAll(of.Zip(items, Pair).ToArray(), kind, at, gone);
                    return;
                case "record": LowerRecord((JArray)of, value, at, gone); return;
                case "enum":
                    if (!of.Any(name => Is(name, Text(value)))) { throw Mismatch(value); }
                    WriteName(Text(value), at + Held);
                    break;
                case "flags": LowerFlags(of, value, at); break;
                case "variant":
                case "option":
                case "result": LowerCase(kind, of, value, at, gone); return;
                case "own":
                case "borrow":
                    JObject fields = Fields(value);
                    JToken handle = fields["handle"];
                    if (fields.Count != 1 || !(handle is JValue given) || !(given.Value is long number) || number < 0)
                    {
                        throw Mismatch(value);
                    }
                    KeyValuePair<string, Handle> resource = Resource(number);
                    if (gone.Contains((int)number)) { throw new RefusedException("NO_HANDLE", ""); }
                    if (!Is(of, resource.Key)) { throw Mismatch(value); }
                    if (kind == "own") { gone.Add((int)number); }
                    Marshal.WriteIntPtr(at + Held, wasmtime_component_resource_any_clone(resource.Value));
                    kind = "own";
                    break;
                default: LowerSimple(kind, value, at); break;
            }
            Mark(kind, at);
        }

        private static void LowerSimple(string kind, JToken value, IntPtr at)
        {
            switch (kind)
            {
                case "bool":
                    if (value.Type != JTokenType.Boolean) { throw Mismatch(value); }
                    Marshal.WriteByte(at + Held, (byte)((bool)value ? 1 : 0));
                    return;
                case "f32":
                case "f64": Marshal.WriteInt64(at + Held, Bits(value, kind == "f32" ? 8 : 16)); return;
                case "s64":
                    bool isSigned = long.TryParse(
                        Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long signed);
                    if (!isSigned || !HasDigits(value, "-")) { throw Mismatch(value); }
                    Marshal.WriteInt64(at + Held, signed);
                    return;
                case "u64":
                    bool isNumber = ulong.TryParse(
                        Text(value), NumberStyles.None, CultureInfo.InvariantCulture, out ulong unsigned);
                    if (!isNumber || !HasDigits(value, "")) { throw Mismatch(value); }
                    Marshal.WriteInt64(at + Held, unchecked((long)unsigned));
                    return;
                case "char":
                    string text = Text(value);
                    bool isOne = text.Length == 1 ? !char.IsSurrogate(text[0])
                                                  : text.Length == 2 && char.IsSurrogatePair(text[0], text[1]);
                    if (!isOne) { throw Mismatch(value); }
                    Marshal.WriteInt32(at + Held, char.ConvertToUtf32(text, 0));
                    return;
                case "string": WriteName(Text(value), at + Held); return;
                default:
                    int bits = int.Parse(kind.Substring(1), CultureInfo.InvariantCulture);
                    long least = kind[0] == 's' ? -(1L << (bits - 1)) : 0;
                    if (!(value is JValue number) || !(number.Value is long integer) || integer < least ||
                        integer >= least + (1L << bits))
                    {
                        throw Mismatch(value);
                    }
                    Marshal.WriteInt64(at + Held, integer);
                    return;
            }
        }

        /// <summary>.NET would take a plus sign, and zero bytes at the end.</summary>
        private static bool HasDigits(JToken value, string signs)
        {
            const string Digits = "0123456789";
            string text = Text(value);
            return text.TrimStart(signs.ToCharArray()).Trim(Digits.ToCharArray()).Length == 0;
        }

        private static void LowerBytes(JToken value, IntPtr at)
        {
            byte[] bytes;
            try
            {
                bytes = Wire.Bytes(value);
            }
            catch (RequestException notBytes)
            {
                throw Mismatch(notBytes.Message);
            }
            IntPtr data = NewVector("list", bytes.Length, Length, at);
            for (int n = 0; n < bytes.Length; n++)
            {
                Mark("u8", data + Length * n);
                Marshal.WriteByte(data + Length * n + Held, bytes[n]);
            }
        }

        private void LowerAll(KeyValuePair<JToken, JToken>[] items, string kind, IntPtr at, HashSet<int> gone)
        {
            IntPtr data = NewVector(kind, items.Length, Length, at);
            for (int n = 0; n < items.Length; n++) { Lower(items[n].Key, items[n].Value, data + Length * n, gone); }
        }

        private void LowerRecord(JArray of, JToken value, IntPtr at, HashSet<int> gone)
        {
            JObject fields = Fields(value);
            if (fields.Count != of.Count || !of.All(field => fields[(string)field[0]] != null))
            {
                throw Mismatch(value);
            }
            IntPtr data = NewVector("record", of.Count, NameLength + Length, at);
            for (int n = 0; n < of.Count; n++)
            {
                IntPtr entry = data + (NameLength + Length) * n;
                WriteName((string)of[n][0], entry);
                Lower(of[n][1], fields[(string)of[n][0]], entry + NameLength, gone);
            }
        }

        private static void LowerFlags(JToken of, JToken value, IntPtr at)
        {
            JArray set = Items(value);
            if (!set.All(name => of.Any(known => Is(name, (string)known)))) { throw Mismatch(value); }
            string[] names =
                of.Select(known => (string)known).Where(known => set.Any(name => Is(name, known))).ToArray();
            IntPtr data = NewVector("flags", names.Length, NameLength, at);
            for (int n = 0; n < names.Length; n++) { WriteName(names[n], data + NameLength * n); }
        }

        private void LowerCase(string kind, JToken of, JToken value, IntPtr at, HashSet<int> gone)
        {
            JProperty only = value.Type == JTokenType.Object && value.Count() == 1 ? (JProperty)value.First : null;
            string name = only == null ? Text(value) : only.Name;
            JToken known = CasesOf(kind, of).FirstOrDefault(one => Is(one[0], name));
            bool hasPayload = known != null && known[1].Type != JTokenType.Null;
            if (known == null || hasPayload != (only != null)) { throw Mismatch(value); }
            if (kind == "variant") { WriteName(name, at + Held); }
            if (kind == "result") { Marshal.WriteByte(at + Held, (byte)(name == "ok" ? 1 : 0)); }
            Mark(kind, at);
            if (!hasPayload) { return; }
            IntPtr payload = NewValue();
            Marshal.WriteIntPtr(at + PayloadOffset(kind), payload);
            Lower(known[1], only.Value, payload, gone);
        }

        private JToken Lift(JToken type, IntPtr at)
        {
            string kind = KindOf(type, out JToken of);
            IntPtr data = Marshal.ReadIntPtr(at + Pointer);
            int count = (int)Marshal.ReadInt64(at + Held);
            switch (kind)
            {
                case "bool": return Marshal.ReadByte(at + Held) != 0;
                case "s8": return (sbyte)Marshal.ReadByte(at + Held);
                case "u8": return Marshal.ReadByte(at + Held);
                case "s16": return Marshal.ReadInt16(at + Held);
                case "u16": return (ushort)Marshal.ReadInt16(at + Held);
                case "s32": return Marshal.ReadInt32(at + Held);
                case "u32": return (uint)Marshal.ReadInt32(at + Held);
                case "s64": return Marshal.ReadInt64(at + Held).ToString(CultureInfo.InvariantCulture);
                case "u64": return ((ulong)Marshal.ReadInt64(at + Held)).ToString(CultureInfo.InvariantCulture);
                case "f32":
                    uint bits = (uint)Marshal.ReadInt32(at + Held);
                    return (bits & 0x7fffffff) > 0x7f800000 ? Nan : bits.ToString("x8", CultureInfo.InvariantCulture);
                case "f64":
                    ulong many = (ulong)Marshal.ReadInt64(at + Held);
                    return (many & long.MaxValue) > 0x7ff0000000000000
                               ? Nan
                               : many.ToString("x16", CultureInfo.InvariantCulture);
                case "char": return char.ConvertFromUtf32(Marshal.ReadInt32(at + Held));
                case "string":
                case "enum": return ReadName(at + Held);
                case "list":
                    IEnumerable<IntPtr> items = Enumerable.Range(0, count).Select(n => data + Length * n);
                    if (Is(of, "u8"))
                    {
                        return Wire.Hex(items.Select(item => Marshal.ReadByte(item + Held)).ToArray());
                    }
                    return new JArray(items.Select(item => Lift(of, item)).ToArray<object>());
                case "tuple":
                    return new JArray(of.Select((inner, n) => Lift(inner, data + Length * n)).ToArray<object>());
                case "record":
                    return new JObject(
                        of.Select((field, n) => new JProperty(
                                      (string)field[0], Lift(field[1], data + (NameLength + Length) * n + NameLength)))
                            .ToArray<object>());
                case "flags":
                    string[] set = Enumerable.Range(0, count).Select(n => ReadName(data + NameLength * n)).ToArray();
                    return new JArray(of.Where(name => set.Contains((string)name)).ToArray<object>());
                case "own":
                    _resources.Add(new KeyValuePair<string, Handle>(
                        (string)of, new Handle(Marshal.ReadIntPtr(at + Held), wasmtime_component_resource_any_delete)));
                    Marshal.WriteInt64(at, 0); // it is no more the value's
                    return new JObject { { "handle", _resources.Count - 1 } };
                default: return LiftCase(kind, of, at);
            }
        }

        private JToken LiftCase(string kind, JToken of, IntPtr at)
        {
            IntPtr payload = Marshal.ReadIntPtr(at + PayloadOffset(kind));
            string name = kind == "variant"                  ? ReadName(at + Held)
                          : kind == "option"                 ? (payload == IntPtr.Zero ? "none" : "some")
                          : Marshal.ReadByte(at + Held) != 0 ? "ok"
                                                             : "err";
            JToken inner = CasesOf(kind, of).First(one => Is(one[0], name))[1];
            if (inner.Type == JTokenType.Null) { return name; }
            return new JObject { { name, Lift(inner, payload) } };
        }

        private static int PayloadOffset(string kind)
        { return kind == "variant" ? CasePointer : kind == "option" ? Held : Pointer; }

        private static JArray CasesOf(string kind, JToken of)
        {
            switch (kind)
            {
                case "option": return new JArray(new JArray("none", null), new JArray("some", of));
                case "result": return new JArray(new JArray("ok", of[0]), new JArray("err", of[1]));
                default: return (JArray)of;
            }
        }

        private static string KindOf(JToken type, out JToken of)
        {
            JProperty only = type.Type == JTokenType.Object ? (JProperty)type.First : null;
            of = only?.Value;
            return only == null ? (string)type : only.Name;
        }

        private static KeyValuePair<JToken, JToken> Pair(JToken type, JToken value)
        { return new KeyValuePair<JToken, JToken>(type, value); }

        private static bool Is(JToken token, string text) => token.Type == JTokenType.String && (string)token == text;

        private static string Text(JToken value)
        { return value.Type == JTokenType.String ? (string)value : throw Mismatch(value); }

        private static JArray Items(JToken value) => value as JArray ?? throw Mismatch(value);

        private static JObject Fields(JToken value) => value as JObject ?? throw Mismatch(value);

        private static long Bits(JToken value, int digits)
        {
            string text = Text(value);
            if (text == Nan) { return digits == 8 ? 0x7fc00000 : 0x7ff8000000000000; }
            if (text.Length != digits || !text.All(digit => "0123456789abcdef".IndexOf(digit) >= 0))
            {
                throw Mismatch(value);
            }
            return unchecked((long)ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }

        private static RefusedException Mismatch(JToken value)
        { return Mismatch("the parameter has another type than " + value.ToString(Newtonsoft.Json.Formatting.None)); }

        private static RefusedException Mismatch(string why) => new RefusedException("TYPE_MISMATCH", why);

        private static void Mark(string kind, IntPtr at) => Marshal.WriteByte(at, (byte)Array.IndexOf(Kinds, kind));

        private static IntPtr Zeroed(int length)
        {
            IntPtr data = Marshal.AllocHGlobal(Math.Max(1, length));
            Clear(data, length);
            return data;
        }

        private static void Clear(IntPtr data, int length)
        {
            if (length > 0) { Marshal.Copy(new byte[length], 0, data, length); }
        }

        /// <summary>A list, a tuple, a record or flags, with zeros in it, which are values that can be deleted.</summary>
        private static IntPtr NewVector(string kind, int count, int each, IntPtr at)
        {
            Vector vector;
            switch (kind)
            {
                case "list": wasmtime_component_vallist_new_uninit(out vector, (UIntPtr)count); break;
                case "tuple": wasmtime_component_valtuple_new_uninit(out vector, (UIntPtr)count); break;
                case "record": wasmtime_component_valrecord_new_uninit(out vector, (UIntPtr)count); break;
                default: wasmtime_component_valflags_new_uninit(out vector, (UIntPtr)count); break;
            }
            Clear(vector.Data, checked(count * each));
            Marshal.WriteInt64(at + Held, count);
            Marshal.WriteIntPtr(at + Pointer, vector.Data);
            Mark(kind, at);
            return vector.Data;
        }

        private static IntPtr NewValue()
        {
            IntPtr zeros = Zeroed(Length);
            try
            {
                return wasmtime_component_val_new(zeros);
            }
            finally
            {
                Marshal.FreeHGlobal(zeros);
            }
        }

        private static void WriteName(string name, IntPtr at)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(name);
            wasm_byte_vec_new(at, (UIntPtr)utf8.Length, utf8);
        }

        private static string ReadName(IntPtr at) => Marshal.PtrToStructure<Vector>(at).Text();

        /// <summary>What a step answers instead of a result.</summary>
        private sealed class RefusedException : Exception
        {
            internal RefusedException(string code, string why) : base(why) => Code = code;

            internal string Code { get; }
        }

        private const string Library = "wasmtime";
        private const CallingConvention C = CallingConvention.Cdecl;

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_vallist_new_uninit(out Vector list, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_valtuple_new_uninit(out Vector tuple, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_valrecord_new_uninit(out Vector record, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_valflags_new_uninit(out Vector flags, UIntPtr length);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_val_new(IntPtr value);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_val_delete(IntPtr value);

        [DllImport(Library, CallingConvention = C)]
        private static extern IntPtr wasmtime_component_resource_any_clone(Handle resource);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasmtime_component_resource_any_delete(IntPtr resource);

        [DllImport(Library, CallingConvention = C)]
        private static extern void wasm_byte_vec_new(IntPtr vector, UIntPtr length, byte[] data);
    }
}
