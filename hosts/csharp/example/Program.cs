using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using EveryhostSigner;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace EveryhostExample
{
    /// <summary>Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that OpenSSL verifies.</summary>
    internal static class Program
    {
        private const string Options = "[--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]";

        private const string Usage =
            "usage: example " + Options + "\n\n" +
            "Signs a message with a Wasm module and makes a JWT that OpenSSL verifies.\n\n" +
            "  --message TEXT       text to sign, as UTF-8 (default: hello)\n" +
            "  --message-file FILE  a file of UTF-8 to sign instead\n" +
            "  --key-file FILE      the seed of 32 bytes, then its public key: 64 bytes, or 128 hex digits\n" +
            "                       (default: a published key, for tests only)\n" +
            "  --module FILE        the signer (default: target/modules/signer-raw.wasm of the workspace)";

        // Published in a book: good for tests, never for anything else.
        private const string TestKeypair = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf" +
                                           "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

        private static int Main(string[] args)
        {
            try
            {
                if (args.Contains("--help"))
                {
                    Console.WriteLine(Usage);
                    return 0;
                }
                Run(Parse(args));
                return 0;
            }
            catch (WrongUseException wrong)
            {
                Console.Error.WriteLine("example: " + wrong.Message + "; expected " + Options);
                return 2;
            }
            catch (Exception error)
                when (error is InvalidDataException || error is InvalidOperationException || error is SignerException)
            {
                Console.Error.WriteLine("example: " + OneLine(error.Message));
                return 1;
            }
        }

        /// <summary>Signs, makes sure that it was right, then prints.</summary>
        private static void Run(Dictionary<string, string> given)
        {
            string modulePath = given["--module"];
            byte[] keypair =
                given.ContainsKey("--key-file") ? KeypairFrom(given["--key-file"]) : Hex.Decode(TestKeypair);
            string message =
                given.ContainsKey("--message-file") ? TextFrom(given["--message-file"]) : given["--message"];
            if (!File.Exists(modulePath))
            {
                throw new InvalidDataException(modulePath + " does not exist; build it with: make modules");
            }
            byte[] wasm = Read(modulePath);
            byte[] publicKey;
            byte[] signature;
            string token;
            try
            {
                // ANCHOR: sign
                using (CompiledModule module = new CompiledModule(wasm)) using (
                    Signer signer = new Signer(module, keypair))
                {
                    publicKey = signer.GetPublicKey();
                    signature = signer.Sign(message);
                    token = signer.SignToken(new JObject { { "message", message } }.ToString(Formatting.None));
                    Require(signer.VerifyStrict(publicKey, message, signature), "the signature must verify");
                }
                // ANCHOR_END: sign
            }
            catch (InvalidDataException refused)
            {
                string kind = refused.Message.StartsWith("not a ") ? "" : "not a Wasm module: ";
                throw new InvalidDataException(modulePath + " is " + kind + refused.Message, refused);
            }
            JObject claims = Token.Verify(token, publicKey);
            Require((string)claims["message"] == message, "the token must have the claims that were signed");

            Print("host", "csharp");
            Print("runtime", Versions.Runtime + ", wasmtime " + Versions.Wasmtime);
            Print("module", Path.GetFileName(modulePath) + " " + Hex.Encode(OpenSsl.Sha256(wasm)).Substring(0, 16));
            Print("message", Encoding.UTF8.GetByteCount(message) + " bytes");
            Print("public key", Hex.Encode(publicKey));
            Print("signature", Hex.Encode(signature));
            Print("token", token);
            Print("verified by", "OpenSSL " + OpenSsl.Version);
        }

        private static void Print(string key, string value) => Console.WriteLine(key.PadRight(12) + "  " + value);

        private static void Require(bool condition, string what)
        {
            if (!condition) { throw new InvalidOperationException(what); }
        }

        /// <summary>The values of the options by their names.</summary>
        private static Dictionary<string, string> Parse(string[] args)
        {
            Dictionary<string, string> given = new Dictionary<string, string>();
            for (int n = 0; n < args.Length; n++)
            {
                string[] parts = args[n].Split(new[] { '=' }, 2);
                string name = parts[0];
                if (!name.StartsWith("-")) { throw new WrongUseException("unexpected argument " + args[n]); }
                if (!new[] { "--message", "--message-file", "--key-file", "--module" }.Contains(name))
                {
                    throw new WrongUseException(name + " is not an option");
                }
                if (parts.Length == 1 && ++n == args.Length) { throw new WrongUseException(name + " needs a value"); }
                given[name] = parts.Length == 2 ? parts[1] : args[n];
            }
            if (given.ContainsKey("--message") && given.ContainsKey("--message-file"))
            {
                throw new WrongUseException("--message and --message-file exclude each other");
            }
            if (!given.ContainsKey("--message")) { given["--message"] = "hello"; }
            if (!given.ContainsKey("--module"))
            {
                given["--module"] =
                    Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../target/modules/signer-raw.wasm"));
            }
            return given;
        }

        /// <summary>Reads a keypair. It comes from a file because other users of a machine can see a command line.</summary>
        private static byte[] KeypairFrom(string path)
        {
            byte[] bytes = Read(path);
            if (bytes.Length == Signer.KeypairLength) { return bytes; }
            string digits = Encoding.ASCII.GetString(bytes).Trim();
            if (!Regex.IsMatch(digits, "^[0-9a-fA-F]{128}$"))
            {
                throw new InvalidDataException(
                    path + ": expected a keypair of 64 bytes or 128 hex digits, found " + bytes.Length + " bytes");
            }
            return Hex.Decode(digits);
        }

        private static string TextFrom(string path)
        {
            try
            {
                return new UTF8Encoding(false, true).GetString(Read(path));
            }
            catch (DecoderFallbackException error)
            {
                throw new InvalidDataException(path + ": expected UTF-8", error);
            }
        }

        private static byte[] Read(string path)
        {
            try
            {
                return File.ReadAllBytes(path);
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                throw new InvalidDataException("cannot read " + path + ": " + error.Message, error);
            }
        }

        private static string OneLine(string text)
        { return string.Join(" ", text.Split(new[] { '\n', '\r' }, StringSplitOptions.RemoveEmptyEntries)); }

        /// <summary>The command line makes no sense.</summary>
        private sealed class WrongUseException : Exception
        {
            internal WrongUseException(string message) : base(message)
            {
            }
        }
    }

    /// <summary>Bytes as hex digits.</summary>
    internal static class Hex
    {
        internal static string Encode(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();

        internal static byte[] Decode(string digits)
        {
            if (digits.Length % 2 != 0) { throw new FormatException("hex has two digits a byte"); }
            byte[] bytes = new byte[digits.Length / 2];
            for (int n = 0; n < bytes.Length; n++) { bytes[n] = Convert.ToByte(digits.Substring(2 * n, 2), 16); }
            return bytes;
        }
    }
}
