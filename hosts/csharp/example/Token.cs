using System;
using System.IO;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace EveryhostExample
{
    /// <summary>JSON Web Tokens in compact form (RFC 7515, RFC 8037), verified by OpenSSL.</summary>
    internal static class Token
    {
        /// <summary>The claims of a token, if its signature is right.</summary>
        internal static JObject Verify(string token, byte[] publicKey)
        {
            string[] parts = token.Split('.');
            if (parts.Length != 3) { throw new InvalidDataException("a token has three parts"); }
            // Only the algorithm that is expected: a token may not choose how it is verified.
            if ((string)Decode(parts[0])["alg"] != "EdDSA")
            {
                throw new InvalidDataException("the token is not signed with EdDSA");
            }
            byte[] signed = Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]);
            if (!OpenSsl.Verify(publicKey, signed, FromBase64Url(parts[2])))
            {
                throw new InvalidDataException("the signature of the token is wrong");
            }
            return Decode(parts[1]);
        }

        private static JObject Decode(string part)
        {
            try
            {
                return JObject.Parse(Encoding.UTF8.GetString(FromBase64Url(part)));
            }
            catch (JsonException error)
            {
                throw new InvalidDataException("a part of the token is no JSON object", error);
            }
        }

        private static byte[] FromBase64Url(string text)
        {
            try
            {
                string padded = text.Replace('-', '+').Replace('_', '/');
                return Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='));
            }
            catch (FormatException error)
            {
                throw new InvalidDataException("a part of the token is not base64url", error);
            }
        }
    }
}
