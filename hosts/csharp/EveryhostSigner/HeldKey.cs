using System;
using System.Runtime.InteropServices;

namespace EveryhostSigner
{
    /// <summary>
    /// A copy of a secret that the garbage collector cannot move: moving would leave another copy behind. It is cleared
    /// when it is disposed of, or at the latest when nothing refers to it any more.
    /// </summary>
    internal sealed class HeldKey : IDisposable
    {
        private GCHandle _pin;

        internal HeldKey(byte[] secret)
        {
            Bytes = new byte[secret.Length];
            _pin = GCHandle.Alloc(Bytes, GCHandleType.Pinned);
            Buffer.BlockCopy(secret, 0, Bytes, 0, secret.Length);
        }

        ~HeldKey() => Clear();

        /// <summary>The secret itself: pass it on, but do not copy it.</summary>
        internal byte[] Bytes { get; }

        public void Dispose()
        {
            Clear();
            GC.SuppressFinalize(this);
        }

        private void Clear()
        {
            Array.Clear(Bytes, 0, Bytes.Length);
            if (_pin.IsAllocated) { _pin.Free(); }
        }
    }
}
