using System;
using System.IO;
using System.Linq;
using EveryhostSigner;
using Newtonsoft.Json.Linq;

namespace EveryhostExample
{
    /// <summary>Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that OpenSSL verifies.</summary>
    internal static class Program
    {
        private const string Usage =
            "usage: example [--message TEXT] [--key-file FILE] [--module FILE]\n\n" +
            "Signs a message with a Wasm module and makes a JWT that OpenSSL verifies.\n\n" +
            "  --message TEXT   text to sign, as UTF-8 (default: hello)\n" +
            "  --key-file FILE  128 hex digits: the seed of 32 bytes, then its public key\n" +
            "                   (default: a published key, for tests only)\n" +
            "  --module FILE    the signer (default: target/modules/signer-raw.wasm of the workspace)";

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
                Arguments given = Arguments.Parse(args);
                Run(given.Message, given.Keypair, given.ModulePath);
                return 0;
            }
            catch (Exception error) when (error is FileNotFoundException || error is DirectoryNotFoundException)
            {
                Console.Error.WriteLine("example: " + error.Message + " Build the module with: make modules");
            }
            catch (Exception error)
                when (error is IOException || error is ArgumentException || error is SignerException ||
                      error is InvalidDataException || error is UnauthorizedAccessException)
            {
                Console.Error.WriteLine("example: " + error.Message);
            }
            return 1;
        }

        /// <summary>Signs, makes sure that it was right, then prints.</summary>
        private static void Run(string message, byte[] keypair, string modulePath)
        {
            byte[] publicKey;
            byte[] signature;
            string token;
            // ANCHOR: sign
            using (CompiledModule module = CompiledModule.FromFile(modulePath)) using (
                Signer signer = new Signer(module, keypair))
            {
                publicKey = signer.GetPublicKey();
                signature = signer.Sign(message);
                token = Token.Make(signer, new JObject { { "message", message } });
                Require(signer.VerifyStrict(publicKey, message, signature), "the signature must verify");
            }
            // ANCHOR_END: sign
            JObject claims = Token.Verify(token, publicKey);
            Require((string)claims["message"] == message, "the token must have the claims that were signed");

            Console.WriteLine("public key  " + Hex.Encode(publicKey));
            Console.WriteLine("signature   " + Hex.Encode(signature));
            Console.WriteLine("JWT         " + token);
            Console.WriteLine("OpenSSL     verified it");
        }

        private static void Require(bool condition, string what)
        {
            if (!condition)
            {
                throw new InvalidOperationException(what);
            }
        }

        /// <summary>The command line.</summary>
        private sealed class Arguments
        {
            internal string Message { get; private set; } = "hello";

            internal byte[] Keypair { get; private set; } = Hex.Decode(TestKeypair);

            internal string ModulePath { get; private set; } =
                Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../target/modules/signer-raw.wasm"));

            /// <exception cref="ArgumentException">It cannot be understood.</exception>
            internal static Arguments Parse(string[] args)
            {
                Arguments given = new Arguments();
                for (int n = 0; n < args.Length; n += 2)
                {
                    string value = n + 1 < args.Length ? args[n + 1] : null;
                    if (value == null)
                    {
                        throw new ArgumentException(args[n] + " needs a value; see --help");
                    }
                    switch (args[n])
                    {
                        case "--message":
                            given.Message = value;
                            break;
                        case "--key-file":
                            given.Keypair = KeypairFrom(value);
                            break;
                        case "--module":
                            given.ModulePath = value;
                            break;
                        default:
                            throw new ArgumentException(args[n] + " is no option; see --help");
                    }
                }
                return given;
            }

            /// <summary>Reads a keypair. It comes from a file because other users of a machine can see a command line.</summary>
            private static byte[] KeypairFrom(string path)
            {
                try
                {
                    return Hex.Decode(File.ReadAllText(path).Trim());
                }
                catch (Exception error)
                    when (error is IOException || error is FormatException || error is UnauthorizedAccessException)
                {
                    throw new ArgumentException(path + ": cannot read 128 hex digits from it: " + error.Message, error);
                }
            }
        }
    }

    /// <summary>Bytes as hex digits.</summary>
    internal static class Hex
    {
        internal static string Encode(byte[] bytes)
        {
            return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
        }

        /// <exception cref="FormatException">These are no hex digits, or an odd number of them.</exception>
        internal static byte[] Decode(string digits)
        {
            if (digits.Length % 2 != 0)
            {
                throw new FormatException("hex has two digits a byte");
            }
            byte[] bytes = new byte[digits.Length / 2];
            for (int n = 0; n < bytes.Length; n++)
            {
                bytes[n] = Convert.ToByte(digits.Substring(2 * n, 2), 16);
            }
            return bytes;
        }
    }
}
