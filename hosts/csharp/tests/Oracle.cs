using System.Linq;
using EveryhostExample;

namespace EveryhostTests
{
    /// <summary>An independent Ed25519: OpenSSL's.</summary>
    internal static class Oracle
    {
        internal static byte[] PublicKey(byte[] seed)
        {
            using (OpenSsl.Key key = new OpenSsl.Key(seed))
            { return key.PublicKey(); }
        }

        internal static byte[] Keypair(byte[] seed) => seed.Concat(PublicKey(seed)).ToArray();

        internal static byte[] Sign(byte[] seed, byte[] message)
        {
            using (OpenSsl.Key key = new OpenSsl.Key(seed))
            { return key.Sign(message); }
        }
    }
}
