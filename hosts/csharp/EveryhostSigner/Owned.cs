using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;

namespace EveryhostSigner
{
    /// <summary>
    /// What has a Wasm instance of its own. It does one thing at a time: a call that comes while another is running is
    /// IN_USE. After TRAPPED it has a new instance; if none comes up, it is closed.
    /// </summary>
    public abstract class Owned : IDisposable
    {
        private const uint AbiVersion = 1;

        private int _inUse; // 1 while a call is running

        internal Owned()
        {
        }

        /// <summary>Clears the instance of one that nobody has disposed of.</summary>
        ~Owned()
        {
            try
            {
                Guest?.Discard();
            }
            catch (Exception)
            {
                // It would end the process.
            }
        }

        /// <summary>The instance; null once it is closed.</summary>
        internal Guest Guest { get; private set; }

        /// <summary>What the next instance comes from.</summary>
        internal CompiledModule Module { get; private set; }

        /// <summary>Clears every secret and ends it. Every later call is CLOSED; disposing again does nothing.</summary>
        /// <exception cref="SignerException">IN_USE: nothing is closed.</exception>
        public void Dispose()
        {
            Enter();
            try
            {
                if (Guest != null)
                {
                    Clear(Guest);
                    Guest.Dispose();
                }
            }
            catch (Exception)
            {
                // Then the instance is cleared as a whole.
            }
            finally
            {
                End();
                Leave();
            }
            GC.SuppressFinalize(this);
        }

        /// <summary>For tests: makes the next instance come from another module.</summary>
        internal void ReplaceModule(CompiledModule module) => Module = module;

        /// <summary>Asks a new instance what has to be known of it, and gives it what it is to hold.</summary>
        internal virtual void Prepare(Guest guest)
        {
        }

        /// <summary>Clears the secrets in an instance.</summary>
        internal virtual void Clear(Guest guest)
        {
        }

        /// <summary>Clears the secrets outside of the instance, when this is closed.</summary>
        internal virtual void Forget()
        {
        }

        /// <summary>Makes the instance. Until then every call is CLOSED.</summary>
        /// <exception cref="SignerException">TRAPPED, and what Prepare throws.</exception>
        internal Guest Start(CompiledModule module)
        {
            Module = module;
            Guest guest = null;
            try
            {
                guest = module.Instantiate();
                Prepare(guest);
                return Guest = guest;
            }
            catch (Exception error)
            {
                guest?.Discard();
                if (error is GuestTrapException) { throw new SignerException(Codes.Trapped, error); }
                throw;
            }
        }

        /// <summary>Makes sure that an instance speaks the version of the ABI that these wrappers do.</summary>
        internal static void RequireVersion(Guest guest, string export)
        {
            uint version = guest.Call(export);
            if (version != AbiVersion)
            {
                throw new InvalidDataException(
                    "the module's ABI has version " + version + ", this wrapper is for version " + AbiVersion);
            }
        }

        /// <summary>Lends the instance for some calls. After a trap or an exception it is replaced.</summary>
        internal T Use<T>(Func<Guest, T> calls)
        {
            Enter();
            try
            {
                return calls(Guest ?? throw new SignerException(Codes.Closed));
            }
            catch (SignerException)
            {
                throw;
            }
            catch (Exception error)
            {
                Replace();
                if (error is GuestTrapException) { throw new SignerException(Codes.Trapped, error); }
                throw;
            }
            finally
            {
                Leave();
            }
        }

        internal void Use(Action<Guest> calls)
        {
            Use(guest =>
                {
                    calls(guest);
                    return true;
                });
        }

        /// <summary>Takes it for one call; then Leave is due.</summary>
        internal void Enter()
        {
            // Without a stack the process ends where a guest runs, and nothing can be cleared any more.
            RuntimeHelpers.EnsureSufficientExecutionStack();
            SignerException.If(!TryEnter(), Codes.InUse);
        }

        /// <summary>The same, but false if it is in use, and whatever the stack has left.</summary>
        internal bool TryEnter() => Interlocked.CompareExchange(ref _inUse, 1, 0) == 0;

        internal void Leave()
        {
            Volatile.Write(ref _inUse, 0);
            GC.KeepAlive(this); // or the finalizer might come while the instance runs
        }

        /// <summary>Replaces an instance that is not to be trusted by a new one; failing that, closes this.</summary>
        internal void Replace()
        {
            try
            {
                Guest last = Guest;
                Guest = null;
                last.Discard();
                Start(Module);
            }
            catch (Exception)
            {
                End();
            }
        }

        private void End()
        {
            Guest last = Guest;
            Guest = null;
            try
            {
                Forget();
            }
            finally
            {
                last?.Discard();
            }
        }
    }
}
