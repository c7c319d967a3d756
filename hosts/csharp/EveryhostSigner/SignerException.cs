using System;

namespace EveryhostSigner
{
    /// <summary>A call of a <see cref="Signer"/>, a <see cref="Verifier"/>, an <see cref="Adder"/> or of <see cref="Keys"/> was refused, or the module trapped.</summary>
    public sealed class SignerException : Exception
    {
        /// <summary>Makes the exception of one of <see cref="Codes"/>.</summary>
        public SignerException(string code) : this(code, null)
        {
        }

        /// <summary>Makes the exception of one of <see cref="Codes"/>; what the runtime said goes inside.</summary>
        public SignerException(string code, Exception innerException)
            : base(code + ": " + Codes.MeaningOf(code), innerException)
        { Code = code; }

        /// <summary>The same about one of many items, counted from 0.</summary>
        internal SignerException(string code, int item) : base(code + ": item " + item + ": " + Codes.MeaningOf(code))
        { Code = code; }

        /// <summary>The name, the same in every language, such as KEY_PAIR_MISMATCH: one of <see cref="Codes"/>.</summary>
        public string Code { get; }

        internal static void If(bool refuses, string code)
        {
            if (refuses) { throw new SignerException(code); }
        }
    }

    /// <summary>The guest trapped. Its instance is finished: <see cref="Guest.Discard"/> it, and nothing else.</summary>
    internal class GuestTrapException : Exception
    {
        internal GuestTrapException(string message, bool wasCutOff) : base(message) => WasCutOff = wasCutOff;

        /// <summary>Whether the host cut it off, because its time was up.</summary>
        internal bool WasCutOff { get; }
    }

    /// <summary>The guest is a program of WASI, and has ended itself: no call of it returns either.</summary>
    internal sealed class GuestExitException : GuestTrapException
    {
        internal GuestExitException(int status) : base("the program ended with " + status, false) => Status = status;

        /// <summary>What it gave to proc_exit.</summary>
        internal int Status { get; }
    }
}
