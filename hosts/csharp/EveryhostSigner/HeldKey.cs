using System;
using System.Linq;
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

        /// <summary>A copy of these parts, end to end.</summary>
        internal HeldKey(params byte[][] parts)
        {
            Bytes = new byte[parts.Sum(part => part.Length)];
            _pin = GCHandle.Alloc(Bytes, GCHandleType.Pinned);
            int at = 0;
            foreach (byte[] part in parts)
            {
                Buffer.BlockCopy(part, 0, Bytes, at, part.Length);
                at += part.Length;
            }
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
