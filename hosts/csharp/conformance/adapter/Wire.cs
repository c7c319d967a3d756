using System;
using System.IO;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace EveryhostAdapter
{
    /// <summary>A request that cannot be understood, or asks for what this host cannot do.</summary>
    internal sealed class RequestException : Exception
    {
        internal RequestException(string message) : base(message)
        {
        }

        internal static void If(bool refuses, string message)
        {
            if (refuses) { throw new RequestException(message); }
        }
    }

    /// <summary>What requests and answers are written in: JSON lines, with bytes as hex.</summary>
    internal static class Wire
    {
        /// <summary>The longest line in either direction, its newline not counted.</summary>
        private const int MaxLineLength = 64 * 1024 * 1024;

        private const int MaxRepeatedLength = 64 * 1024 * 1024;
        private const int MaxDepth = 64;

        private static readonly Encoding StrictUtf8 = new UTF8Encoding(false, true);

        /// <summary>Answers each line of stdin on stdout. Returns the exit code: whether all could be understood.</summary>
        internal static int Serve(string name, Func<JObject, JObject> answer)
        {
            try
            {
                using (Stream input = new BufferedStream(Console.OpenStandardInput(), 64 * 1024)) using (
                    Stream output = Console.OpenStandardOutput())
                {
                    for (MemoryStream line = ReadLine(input); line != null; line = ReadLine(input))
                    {
                        Write(output, answer(Parse(line)));
                    }
                }
                return 0;
            }
            catch (Exception error)
                when (error is RequestException || error is IOException || error is UnauthorizedAccessException)
            {
                Console.Error.WriteLine(name + ": " + error.Message);
                return 1;
            }
        }

        /// <summary>The next line without its newline; null at the end of the input.</summary>
        private static MemoryStream ReadLine(Stream input)
        {
            MemoryStream line = new MemoryStream();
            int next = input.ReadByte();
            if (next < 0) { return null; }
            for (; next >= 0 && next != '\n'; next = input.ReadByte())
            {
                if (line.Length == MaxLineLength)
                {
                    throw new RequestException("a line of over " + MaxLineLength + " bytes");
                }
                line.WriteByte((byte)next);
            }
            return line;
        }

        /// <summary>Reads one JSON object.</summary>
        private static JObject Parse(MemoryStream line)
        {
            try
            {
                string text = StrictUtf8.GetString(line.GetBuffer(), 0, (int)line.Length);
                using (JsonTextReader json = new JsonTextReader(new StringReader(text)))
                {
                    json.MaxDepth = MaxDepth;
                    json.DateParseHandling = DateParseHandling.None; // text that looks like a date is text
                    JToken value = JToken.ReadFrom(json);
                    RequestException.If(json.Read(), "more than one JSON value in a line");
                    return value as JObject ?? throw new RequestException("a request is a JSON object");
                }
            }
            catch (Exception error) when (error is JsonException || error is DecoderFallbackException)
            {
                throw new RequestException("not JSON: " + error.Message);
            }
        }

        /// <summary>Writes one object and flushes it, so that the runner does not wait for it in vain.</summary>
        private static void Write(Stream stream, JObject value)
        {
            byte[] line = StrictUtf8.GetBytes(value.ToString(Formatting.None) + "\n");
            stream.Write(line, 0, line.Length);
            stream.Flush();
        }

        /// <summary>An error, with what it is about in the host's own words.</summary>
        internal static JObject Error(string code, string detail)
        { return new JObject { { "error", code }, { "detail", detail } }; }

        /// <summary>A trap, in the host's own words.</summary>
        internal static JObject Trap(string detail) => new JObject { { "trap", true }, { "detail", detail } };

        /// <summary>Bytes from lower-case hex, or from {"repeat": hex, "times": n}.</summary>
        internal static byte[] Bytes(JToken written)
        {
            if (written != null && written.Type == JTokenType.String) { return FromHex((string)written); }
            if (written is JObject repeated && repeated.Count == 2)
            {
                byte[] unit = FromHex(Text(repeated, "repeat"));
                long times = Number(repeated, "times", 0, int.MaxValue);
                RequestException.If(
                    unit.Length * times > MaxRepeatedLength, "a repeat is of at most " + MaxRepeatedLength + " bytes");
                return Repeat(unit, (int)times);
            }
            throw new RequestException("bytes are hex, or a repeat of hex");
        }

        /// <summary>Lower-case hex.</summary>
        internal static string Hex(byte[] bytes)
        {
            RequestException.If(bytes.Length > MaxLineLength / 2, bytes.Length + " bytes do not fit a line");
            return EveryhostExample.Hex.Encode(bytes);
        }

        /// <summary>A field that is text.</summary>
        internal static string Text(JObject from, string field)
        {
            JToken value = from[field];
            return value != null && value.Type == JTokenType.String
                       ? (string)value
                       : throw new RequestException(field + " must be text");
        }

        /// <summary>A field that is an integer in a range.</summary>
        internal static long Number(JObject from, string field, long lowest, long highest)
        { return Number(from[field], field, lowest, highest); }

        /// <summary>An integer in a range.</summary>
        internal static long Number(JToken value, string name, long lowest, long highest)
        {
            // Beyond 64 bits Json.NET has another type of number.
            if (value is JValue number && number.Value is long integer && integer >= lowest && integer <= highest)
            {
                return integer;
            }
            throw new RequestException(name + " must be an integer from " + lowest + " to " + highest);
        }

        /// <summary>Whether a field is there, and true.</summary>
        internal static bool Flag(JObject from, string field)
        { return (from[field] as JValue)?.Value is bool flag && flag; }

        /// <summary>A field that is an object.</summary>
        internal static JObject Object(JObject from, string field)
        { return from[field] as JObject ?? throw new RequestException(field + " must be an object"); }

        /// <summary>A field that is an array.</summary>
        internal static JArray Array(JObject from, string field)
        { return from[field] as JArray ?? throw new RequestException(field + " must be an array"); }

        /// <summary>A field that is an array; an empty one if it is absent.</summary>
        internal static JArray ArrayOrNone(JObject from, string field)
        { return from[field] == null ? new JArray() : Array(from, field); }

        private static byte[] FromHex(string digits)
        {
            RequestException.If(digits.Length % 2 != 0, "hex has two digits a byte");
            byte[] bytes = new byte[digits.Length / 2];
            for (int n = 0; n < bytes.Length; n++)
            {
                bytes[n] = (byte)(Nibble(digits[2 * n]) << 4 | Nibble(digits[2 * n + 1]));
            }
            return bytes;
        }

        private static int Nibble(char digit)
        {
            int value = digit <= '9' ? digit - '0' : digit >= 'a' ? digit - 'a' + 10 : -1;
            return value >= 0 && value < 16 ? value
                                            : throw new RequestException("bytes are lower-case hex without blanks");
        }

        private static byte[] Repeat(byte[] unit, int times)
        {
            byte[] bytes = new byte[unit.Length * times];
            Buffer.BlockCopy(unit, 0, bytes, 0, Math.Min(unit.Length, bytes.Length));
            // Each copy doubles what is there: a unit is often one byte, and there may be millions of it.
            for (int done = unit.Length, part; done < bytes.Length; done += part)
            {
                part = Math.Min(done, bytes.Length - done);
                Buffer.BlockCopy(bytes, 0, bytes, done, part);
            }
            return bytes;
        }
    }
}
