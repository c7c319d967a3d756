using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using EveryhostAdapter;
using EveryhostSigner;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>
    /// Files that hold a key. What each file is, and each wrong one's code, the suite `keys` has; here is what the wrapper adds.
    /// </summary>
    [TestFixture]
    public class KeysTests : Fixture
    {
        // RFC 8410, section 10: without the public key, with it and an attribute, and the public key.
        private const string Private = "-----BEGIN PRIVATE KEY-----\n" +
                                       "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n" +
                                       "-----END PRIVATE KEY-----\n";
        private const string WithPublic = "-----BEGIN PRIVATE KEY-----\n" +
                                          "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n" +
                                          "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n" +
                                          "Z9w7lshQhqowtrbLDFw4rXAxZuE=\n" + "-----END PRIVATE KEY-----\n";
        private const string Public = "-----BEGIN PUBLIC KEY-----\n" +
                                      "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n" +
                                      "-----END PUBLIC KEY-----\n";

        private static readonly Dictionary<string, Action<Keys>> Calls = new Dictionary<string, Action<Keys>> {
            { "ReadPrivateKey", keys => keys.ReadPrivateKey(Private).Dispose() },
            { "ReadPrivateKey of bytes", keys => keys.ReadPrivateKey(Utf8(WithPublic)).Dispose() },
            { "ReadPublicKey", keys => keys.ReadPublicKey(Public) },
            { "WritePrivateKeyPem", keys => keys.WritePrivateKeyPem(Known()) },
            { "WritePrivateKeyDer", keys => keys.WritePrivateKeyDer(Known()) },
            { "WritePrivateKeyJwk", keys => keys.WritePrivateKeyJwk(Known()) },
            { "WritePublicKeyPem", keys => keys.WritePublicKeyPem(PublicKey) },
            { "WritePublicKeyDer", keys => keys.WritePublicKeyDer(PublicKey) },
            { "WritePublicKeyJwk", keys => keys.WritePublicKeyJwk(PublicKey) },
        };

        private Keys _keys;

        [SetUp]
        public void OpenKeys() => _keys = Keep(new Keys(Module("keys")));

        [Test]
        public void AKeyIsReadAndASignerHoldsIt()
        {
            PrivateKey key = Keep(_keys.ReadPrivateKey(Private));
            Assert.That(key.GetPublicKey(), Is.Null);
            PrivateKey whole = Keep(_keys.ReadPrivateKey(Utf8(WithPublic)));
            Assert.That(whole.GetSeed(), Is.EqualTo(key.GetSeed()));
            Assert.That(whole.GetPublicKey(), Is.EqualTo(Oracle.PublicKey(key.GetSeed())));
            Assert.That(_keys.ReadPublicKey(Public), Is.EqualTo(whole.GetPublicKey()));
            Signer signer = Keep(Signer.FromPrivateKey(Module("signer-raw"), key));
            Assert.That(signer.GetPublicKey(), Is.EqualTo(whole.GetPublicKey()));
        }

        [Test]
        public void WhatIsWrittenIsReadAgain()
        {
            PrivateKey key = Keep(_keys.ReadPrivateKey(Private));
            Assert.That(_keys.WritePrivateKeyPem(key), Is.EqualTo(Private));
            AssertCode("KEY_JWK", () => _keys.WritePrivateKeyJwk(key));
            byte[] publicKey = Oracle.PublicKey(key.GetSeed());
            Assert.That(_keys.WritePublicKeyPem(publicKey), Is.EqualTo(Public));
            PrivateKey whole = Keep(new PrivateKey(key.GetSeed(), publicKey));
            foreach (byte[] file in new[] { Utf8(_keys.WritePrivateKeyPem(whole)), _keys.WritePrivateKeyDer(whole),
                         Utf8(_keys.WritePrivateKeyJwk(whole)) })
            {
                PrivateKey read = Keep(_keys.ReadPrivateKey(file));
                Assert.That(read.GetSeed(), Is.EqualTo(whole.GetSeed()));
                Assert.That(read.GetPublicKey(), Is.EqualTo(publicKey));
            }
            foreach (byte[] file in new[] { _keys.WritePublicKeyDer(publicKey),
                         Utf8(_keys.WritePublicKeyJwk(publicKey)) })
            {
                Assert.That(_keys.ReadPublicKey(file), Is.EqualTo(publicKey));
            }
        }

        [Test]
        public void AWrongFileIsRefusedAndTheNextIsRead()
        {
            AssertCode("KEY_IS_PUBLIC", () => _keys.ReadPrivateKey(Public));
            AssertCode("KEY_IS_PRIVATE", () => _keys.ReadPublicKey(Private));
            AssertCode("KEY_TOO_LARGE", () => _keys.ReadPrivateKey(new byte[16385]));
            AssertCode("KEY_FORMAT", () => _keys.ReadPublicKey(""));
            AssertCode("PUBLIC_KEY_LENGTH", () => _keys.WritePublicKeyPem(new byte[31]));
            Assert.Throws<ArgumentNullException>(() => _keys.ReadPrivateKey((byte[])null));
            Assert.Throws<ArgumentNullException>(() => _keys.ReadPrivateKey((string)null));
            Assert.Throws<ArgumentNullException>(() => _keys.WritePrivateKeyPem(null));
            Assert.Throws<ArgumentNullException>(() => _keys.WritePublicKeyDer(null));
            PrivateKey closed = Known();
            closed.Dispose();
            AssertCode("CLOSED", () => _keys.WritePrivateKeyDer(closed));
            _keys.ReadPrivateKey(Private).Dispose();
            Assert.Throws<InvalidDataException>(() => new Keys(Module("signer-raw")));
        }

        [Test]
        public void NothingOfAKeyIsLeftInTheModule()
        {
            byte[] whole = Known().GetSeed();
            string pem = _keys.WritePrivateKeyPem(Known());
            string jwk = _keys.WritePrivateKeyJwk(Known());
            // In the text the seed is in base64: eight digits in a row, from the middle of it.
            byte[][] secrets = { whole, Utf8(pem.Substring(60, 20)),
                Utf8(jwk.Substring(jwk.IndexOf("\"d\"") + 15, 20)) };
            foreach (string file in new[] { pem, jwk, pem.Replace("END", "end"), jwk.Replace("}", "") })
            {
                bool wasThere = false;
                _keys.Guest.BeforeCall = export => wasThere |= export == "read_private_key" && Holds(secrets);
                string end = EndOf(() => _keys.ReadPrivateKey(file).Dispose());
                Assert.That(end, Is.EqualTo(file == pem || file == jwk ? "OK"
                                            : file[0] == '{'           ? "KEY_JWK"
                                                                       : "KEY_PEM"));
                Assert.That(wasThere, "the scan finds it before");
                Assert.That(Holds(secrets), Is.False, file);
            }
            foreach (KeyValuePair<string, Action<Keys>> call in Calls)
            {
                call.Value(_keys);
                Assert.That(Holds(secrets), Is.False, call.Key);
            }
        }

        [Test]
        public void ACallWithinACallIsToldAndClosedOnesSaySo()
        {
            List<string> ends = new List<string>();
            _keys.Guest.BeforeCall = export =>
            {
                foreach (Action<Keys> call in Calls.Values) { ends.Add(EndOf(() => call(_keys))); }
                ends.Add(EndOf(_keys.Dispose));
            };
            _keys.ReadPrivateKey(Private).Dispose();
            Assert.That(ends, Is.Not.Empty);
            Assert.That(ends.Distinct(), Is.EqualTo(new[] { "IN_USE" }));
            _keys.Guest.BeforeCall = null;
            _keys.Dispose();
            _keys.Dispose();
            foreach (Action<Keys> call in Calls.Values) { Assert.That(EndOf(() => call(_keys)), Is.EqualTo("CLOSED")); }
        }

        [Test]
        public void AfterATrapThereIsANewInstance()
        {
            string[] functions = { "keys_abi_version (result i32) i32.const 1",
                "max_file_len (result i32) i32.const 16384", "get_file_ptr (result i32) i32.const 1024",
                "file_len (result i32) i32.const 1", "get_seed_ptr (result i32) i32.const 0",
                "get_public_key_ptr (result i32) i32.const 32", "has_public_key (result i32) i32.const 0",
                "read_private_key (param i32) (result i32) unreachable",
                "read_public_key (param i32) (result i32) i32.const 0",
                "write_private_key (param i32 i32) (result i32) i32.const 20",
                "write_public_key (param i32) (result i32) i32.const 0", "wipe" };
            string all =
                string.Concat(functions.Select(function => "(func (export \"" + function.Split(' ')[0] + "\")" +
                                                           function.Substring(function.Split(' ')[0].Length) + ")"));
            CompiledModule module = Keep(Wat.Module("(module (memory (export \"memory\") 1)" + all + ")"));
            Keys keys = Keep(new Keys(module));
            Guest first = keys.Guest;
            AssertCode("TRAPPED", () => keys.ReadPrivateKey("{}"));
            Assert.That(keys.Guest, Is.Not.Null);
            Assert.That(keys.Guest, Is.Not.SameAs(first));
            Assert.Throws<InvalidDataException>(() => keys.WritePrivateKeyDer(Known()), "no such status");
            Assert.That(keys.ReadPublicKey("{}"), Is.EqualTo(new byte[32]));
            module.Dispose();
            AssertCode("TRAPPED", () => keys.ReadPrivateKey("{}"));
            AssertCode("CLOSED", () => keys.ReadPublicKey("{}"));
        }

        [Test]
        public void TheAdapterAnswers()
        {
            Operations module = Keep(new Operations(File.ReadAllBytes(ModulePath("keys"))));
            Action<string, string, string> assert = (operation, given, expected) =>
                AssertJson(module.Run(operation, JObject.Parse("{" + given + "}")), expected);
            string der = "302e020100300506032b657004220420" + Hex(Seed);
            assert("write_key", "'form':'der','seed':'" + Hex(Seed) + "'", "{'ok':{'bytes':'" + der + "'}}");
            assert("read_key", "'kind':'private','file':'" + der + "'", "{'ok':{'seed':'" + Hex(Seed) + "'}}");
            der = "302a300506032b6570032100" + Hex(PublicKey);
            assert("write_key", "'form':'der','public_key':'" + Hex(PublicKey) + "'", "{'ok':{'bytes':'" + der + "'}}");
            assert(
                "read_key", "'kind':'public','file':'" + der + "'", "{'ok':{'public_key':'" + Hex(PublicKey) + "'}}");
            assert("read_key", "'kind':'private','file':''", "{'error':'KEY_FORMAT'}");
            assert("write_key", "'form':'pem','seed':'00'", "{'error':'KEY_LENGTH'}");
            assert("write_key", "'form':'pem','public_key':'00'", "{'error':'PUBLIC_KEY_LENGTH'}");
            foreach (string wrong in new[] { "read_key 'file':''", "read_key 'kind':'secret','file':''",
                         "read_key 'kind':'public'", "write_key 'form':'pem'", "write_key 'form':'p12','seed':''",
                         "write_key 'seed':''", "sign 'keypair':'','message':''" })
            {
                string operation = wrong.Split(' ')[0];
                JObject given = JObject.Parse("{" + wrong.Substring(operation.Length) + "}");
                Assert.Throws<RequestException>(() => module.Run(operation, given), wrong);
            }
        }

        private static PrivateKey Known() => new PrivateKey(Seed, PublicKey);

        private bool Holds(byte[][] secrets)
        {
            byte[] memory = _keys.Guest.Read(0, _keys.Guest.MemoryLength);
            return secrets.Any(secret => SecretTests.HoldsPartOf(memory, secret));
        }
    }
}
