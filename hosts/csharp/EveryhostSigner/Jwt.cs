using System;
using System.Text;

namespace EveryhostSigner
{
    /// <summary>JSON Web Tokens in compact form, signed with Ed25519 (RFC 7515, RFC 8037, RFC 9864).</summary>
    internal static class Jwt
    {
        /// <summary>What is signed: the header and the claims, each in base64url.</summary>
        internal static string Unsigned(string claims, string keyId, string algorithm)
        {
            if (algorithm != "EdDSA" && algorithm != "Ed25519")
            {
                throw new ArgumentException("expected EdDSA or Ed25519, not " + algorithm, nameof(algorithm));
            }
            string json = claims.Trim(' ', '\t', '\r', '\n');
            if (json.Length < 2 || json[0] != '{' || json[json.Length - 1] != '}')
            {
                throw new ArgumentException("the claims of a token must be an object in JSON", nameof(claims));
            }
            string header = "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"" +
                            (keyId == null ? "" : ",\"kid\":" + Quoted(keyId)) + "}";
            return Base64Url(Signer.Utf8(header)) + "." + Base64Url(Signer.Utf8(json));
        }

        internal static string Base64Url(byte[] bytes)
        { return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_'); }

        private static string Quoted(string text)
        {
            StringBuilder quoted = new StringBuilder("\"");
            foreach (char letter in text)
            {
                if (letter < ' ')
                {
                    quoted.Append("\\u").Append(((int)letter).ToString("x4"));
                    continue;
                }
                if (letter == '"' || letter == '\\') { quoted.Append('\\'); }
                quoted.Append(letter);
            }
            return quoted.Append('"').ToString();
        }
    }
}
