using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostAdapter
{
    /// <summary>Primitive steps on one instance, by the ABI itself and not through a wrapper.</summary>
    internal sealed class RawSteps
    {
        private const int PageLength = 65536;
        private const int PartLength = 4096;

        private readonly Guest _guest;
        private readonly Func<JArray> _takeCalls;
        private readonly Dictionary<string, Value> _names = new Dictionary<string, Value>();

        /// <param name="guest">The instance.</param>
        /// <param name="takeCalls">What came to the host's functions, if these steps are to tell.</param>
        internal RawSteps(Guest guest, Func<JArray> takeCalls = null)
        {
            _guest = guest;
            _takeCalls = takeCalls;
        }

        /// <summary>Gives a value a name.</summary>
        internal void Name(string name, Value value) => _names[name] = value;

        /// <summary>
        /// Does the steps in order and adds an answer for each; a trap or a cut-off is the last, and returned, unless the
        /// steps after it are wanted too.
        /// </summary>
        internal GuestTrapException Run(JArray steps, JArray answers, bool afterTrap = false)
        {
            foreach (JToken step in steps)
            {
                GuestTrapException trapped = null;
                JObject answer;
                try
                {
                    answer = Step(step as JObject ?? throw new RequestException("a step is an object"));
                }
                catch (GuestTrapException trap)
                {
                    answer = trap.WasCutOff ? Error("CUT_OFF") : Wire.Trap(trap.Message);
                    trapped = trap;
                }
                if (_takeCalls?.Invoke() is JArray calls) { (answer["ok"] as JObject ?? answer).Add("calls", calls); }
                answers.Add(answer);
                if (trapped is GuestExitException || trapped != null && !afterTrap) { return trapped; }
            }
            return null;
        }

        // What a step gives may not be of the types that the module has: nothing is done then.
        private JObject Step(JObject step)
        {
            try
            {
                return Do(step);
            }
            catch (NotSupportedException mismatch)
            {
                return Wire.Error("TYPE_MISMATCH", mismatch.Message);
            }
            catch (ArgumentOutOfRangeException)
            {
                return Error("OUT_OF_BOUNDS");
            }
        }

        private JObject Do(JObject step)
        {
            switch (Wire.Text(step, "do"))
            {
                case "call": return Call(step);
                case "write": _guest.Write(Pointer(step), Wire.Bytes(step["bytes"])); return Ok(new JObject());
                case "read":
                    ulong ptr = Pointer(step);
                    return Ok(new JObject { { "bytes", Wire.Hex(_guest.Read(ptr, Length(step, ptr))) } });
                case "pages": return Ok(new JObject { { "pages", _guest.MemoryLength / PageLength } });
                case "grow":
                    bool grew = _guest.Grow(Wire.Number(step, "pages", 0, uint.MaxValue), out ulong before);
                    return grew ? Ok(new JObject { { "pages", before } }) : Error("REFUSED");
                case "load":
                    int loaded = BitConverter.ToInt32(_guest.Read(Pointer(step), sizeof(int)), 0);
                    Results(Names(step, 1), Value.OfI32(loaded));
                    return Ok(new JObject { { "value", loaded } });
                case "global":
                    if (!(_guest.ReadGlobal(Wire.Text(step, "export")) is Value value)) { return Error("NO_EXPORT"); }
                    return Results(Names(step, 1), value);
                default: throw new RequestException("no such step: " + step["do"]);
            }
        }

        private JObject Call(JObject step)
        {
            string export = Wire.Text(step, "export");
            if (!(_guest.FindFunction(export) is Func function)) { return Error("NO_EXPORT"); }
            _guest.TypesOf(function, out ValueKind[] parameters, out ValueKind[] returned);
            Value[] args = Wire.ArrayOrNone(step, "args").Select(ValueOf).ToArray();
            if (!args.Select(arg => arg.Kind).SequenceEqual(parameters))
            {
                throw new NotSupportedException(
                    export + " takes (" + string.Join(", ", parameters.Select(Written)) + ")");
            }
            string[] names = Names(step, returned.Length);
            Value[] results = new Value[returned.Length];
            try
            {
                _guest.Invoke(function, args, results);
            }
            catch (InvalidOperationException failed) // not the arguments' types: a function of WASI
            {
                throw new GuestTrapException(failed.Message, false);
            }
            return Results(names, results);
        }

        // What the first results are to be called.
        private static string[] Names(JObject step, int count)
        {
            JToken written = step["as"] ?? new JArray();
            string[] names = (written as JArray ?? new JArray(written))
                                 .Select(name => (name as JValue)?.Value as string ??
                                                 throw new RequestException("as is a name, or a list of names"))
                                 .ToArray();
            return names.Length <= count
                       ? names
                       : throw new NotSupportedException(names.Length + " names for " + count + " results");
        }

        private JObject Results(string[] names, params Value[] results)
        {
            for (int n = 0; n < names.Length; n++) { Name(names[n], results[n]); }
            return Ok(new JObject { { "results", new JArray(results.Select(Written)) } });
        }

        private long Length(JObject step, ulong ptr)
        {
            JToken length = step["len"];
            if (length is JObject) { return unchecked((long)Unsigned(length)); }
            bool isText = length != null && length.Type == JTokenType.String && (string)length == "nul";
            return isText ? LengthToZero(ptr) : Wire.Number(step, "len", 0, uint.MaxValue);
        }

        private long LengthToZero(ulong ptr)
        {
            for (ulong at = ptr;;)
            {
                // One byte too many where none is left: reading it is out of bounds.
                ulong left = unchecked((ulong)_guest.MemoryLength - at);
                byte[] part = _guest.Read(at, (long)Math.Max(1, Math.Min(left, PartLength)));
                int zero = Array.IndexOf(part, (byte)0);
                if (zero >= 0) { return (long)(at - ptr) + zero; }
                at += (ulong)part.Length;
            }
        }

        private ulong Pointer(JObject step) => Unsigned(step["ptr"]);

        private ulong Unsigned(JToken written)
        {
            Value value = ValueOf(written);
            switch (value.Kind)
            {
                case ValueKind.I32: return unchecked((uint)value.I32);
                case ValueKind.I64: return unchecked((ulong)value.I64);
                default: throw new NotSupportedException("a pointer or a length is an integer");
            }
        }

        /// <summary>A value, as it is written in a step.</summary>
        internal Value ValueOf(JToken written)
        {
            JObject value = written as JObject ?? throw new RequestException("a value is an object");
            if (value["i32"] != null)
            {
                return Value.OfI32((int)Wire.Number(value, "i32", int.MinValue, int.MaxValue));
            }
            if (value["i64"] != null)
            {
                return new Value { Kind = ValueKind.I64, I64 = Parsed(Wire.Text(value, "i64")) };
            }
            if (value["f32"] != null)
            {
                return new Value { Kind = ValueKind.F32, I32 = unchecked((int)Bits(Wire.Text(value, "f32"), 8)) };
            }
            if (value["f64"] != null)
            {
                return new Value { Kind = ValueKind.F64, I64 = unchecked((long)Bits(Wire.Text(value, "f64"), 16)) };
            }
            if (value["var"] != null && _names.TryGetValue(Wire.Text(value, "var"), out Value named))
            {
                long plus = value["plus"] == null ? 0 : Wire.Number(value, "plus", int.MinValue, uint.MaxValue);
                return Sum(named, plus);
            }
            throw new RequestException("not a value, or a name that no earlier call gave: " + value);
        }

        private static Value Sum(Value value, long plus)
        {
            switch (value.Kind)
            {
                case ValueKind.I32: return Value.OfI32(unchecked((int)(value.I32 + plus)));
                case ValueKind.I64: return new Value { Kind = ValueKind.I64, I64 = unchecked(value.I64 + plus) };
                default: return plus == 0 ? value : throw new NotSupportedException("nothing is added to a float");
            }
        }

        private static long Parsed(string digits)
        {
            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                       ? number
                       : throw new RequestException("an i64 is a decimal number in text");
        }

        private static ulong Bits(string digits, int count)
        {
            return digits.Length == count && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier,
                                                 CultureInfo.InvariantCulture, out ulong bits)
                       ? bits
                       : throw new RequestException("a float is its bits, in " + count + " hex digits");
        }

        /// <summary>A value, as it is written in an answer.</summary>
        internal static JObject Written(Value value)
        {
            switch (value.Kind)
            {
                case ValueKind.I32: return new JObject { { "i32", value.I32 } };
                case ValueKind.I64: return new JObject { { "i64", value.I64.ToString(CultureInfo.InvariantCulture) } };
                case ValueKind.F32:
                    return new JObject { { "f32", value.I32.ToString("x8", CultureInfo.InvariantCulture) } };
                default: return new JObject { { "f64", value.I64.ToString("x16", CultureInfo.InvariantCulture) } };
            }
        }

        private static string Written(ValueKind kind) => kind.ToString().ToLowerInvariant();

        private static JObject Ok(JObject value) => new JObject { { "ok", value } };

        private static JObject Error(string code) => new JObject { { "error", code } };
    }
}
