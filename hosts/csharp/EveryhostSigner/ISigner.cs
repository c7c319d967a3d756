using System;
using System.Collections.Generic;

namespace EveryhostSigner
{
    /// <summary>What a signer does, whether a module or a component is behind it: see <see cref="Signer"/>.</summary>
    internal interface ISigner : IDisposable
    {
        byte[] GetPublicKey();

        byte[] Sign(byte[] message);

        IReadOnlyList<byte[]> SignMany(IEnumerable<byte[]> messages);

        byte[] SignWith(byte[] keypair, byte[] message);

        bool Verify(byte[] publicKey, byte[] message, byte[] signature);

        bool VerifyStrict(byte[] publicKey, byte[] message, byte[] signature);

        byte[] DerivePublicKey(byte[] seed);

        void LoadKey(byte[] keypair);

        void Wipe();
    }
}
