using System;
using System.Collections.Generic;
using System.Linq;
using EveryhostSigner;

namespace EveryhostAdapter
{
    /// <summary>The signer as a component: what <see cref="Signer"/> is for modules. See hosts/ABI.md.</summary>
    internal sealed class ComponentSigner : ISigner
    {
        private const string Ed25519 = "everyhost:signer/ed25519@0.1.0";
        private const string HeldKeys = "everyhost:signer/held-key@0.1.0";

        private readonly Component _component;
        private ComponentInstance _instance; // null once the signer is closed
        private Handle _resource;            // the one that holds the key
        private HeldKey _held;

        internal ComponentSigner(Component component, byte[] keypair = null)
        {
            _component = component;
            Start();
            try
            {
                if (keypair != null) { LoadKey(keypair); }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public byte[] GetPublicKey() => Method("public-key", value => value.Bytes());

        public byte[] Sign(byte[] message) => Method("sign", value => value.Bytes(), message);

        public IReadOnlyList<byte[]> SignMany(IEnumerable<byte[]> messages)
        {
            object all = messages.ToArray();
            return Method("sign-many", value => Array.ConvertAll(value.Elements(), one => one.Bytes()), all);
        }

        public byte[] SignWith(byte[] keypair, byte[] message)
        { return Method("sign-with", value => value.Bytes(), keypair, message); }

        public bool Verify(byte[] publicKey, byte[] message, byte[] signature)
        { return Call(Ed25519, "verify", value => value.Flag, publicKey, message, signature); }

        public bool VerifyStrict(byte[] publicKey, byte[] message, byte[] signature)
        { return Call(Ed25519, "verify-strict", value => value.Flag, publicKey, message, signature); }

        public byte[] DerivePublicKey(byte[] seed)
        { return Call(Ed25519, "derive-public-key", value => value.Bytes(), seed); }

        public void LoadKey(byte[] keypair)
        {
            Forget();
            Load(new HeldKey(keypair));
        }

        public void Wipe()
        {
            Forget();
            Use(instance =>
                {
                    instance.Run(HeldKeys, "[method]signer.wipe", _resource);
                    return true;
                });
        }

        public void Dispose()
        {
            Forget();
            _instance?.Drop(_resource);
            End();
        }

        private void Start()
        {
            _instance = new ComponentInstance(_component);
            _resource = _instance.Call(HeldKeys, "[constructor]signer", value => value.Resource());
        }

        private void End()
        {
            _resource?.Dispose();
            _instance?.Dispose();
            _instance = null;
        }

        private void Load(HeldKey key)
        {
            bool isHeld = false;
            try
            {
                isHeld = Method("load-key", value => true, key.Bytes);
                _held = key;
            }
            finally
            {
                if (!isHeld) { key.Dispose(); }
            }
        }

        private void Forget()
        {
            _held?.Dispose();
            _held = null;
        }

        private T Method<T>(string name, Func<ComponentValue, T> read, params object[] args)
        { return Call(HeldKeys, "[method]signer." + name, read, new object[] { _resource }.Concat(args).ToArray()); }

        // A result<T, error>. The enum has the names of the codes.
        private T Call<T>(string from, string name, Func<ComponentValue, T> read, params object[] args)
        {
            Func<ComponentValue, T> result = value =>
                value.Flag ? read(value.Payload())
                           : throw new SignerException(value.Payload().Text().Replace('-', '_').ToUpperInvariant());
            return Use(instance => instance.Call(from, name, result, args));
        }

        /// <summary>Lends the instance for a call. After a trap it can't be entered again, and is replaced.</summary>
        private T Use<T>(Func<ComponentInstance, T> call)
        {
            try
            {
                return call(_instance ?? throw new SignerException(Codes.Closed));
            }
            catch (GuestTrapException trap)
            {
                HeldKey held = _held;
                _held = null; // if loading it traps too, the next instance gets none
                End();
                Start();
                if (held != null) { Load(held); }
                throw new SignerException(Codes.Trapped, trap);
            }
        }
    }
}
