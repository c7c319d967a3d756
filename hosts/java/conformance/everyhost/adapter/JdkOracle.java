package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import everyhost.signer.Code;
import everyhost.signer.Signer;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.stream.Stream;

/** Answers by the JDK's own Ed25519, which shares no code with the modules. */
public final class JdkOracle implements Wire.Answerer {
  private static final String[] OPS = {"public_key", "sign", "sign_many", "verify"};
  private static final int MAX_MESSAGE_LENGTH = 16 * 1024 * 1024;

  JdkOracle() {}

  /** Answers stdin on stdout. */
  public static void main(String[] args) {
    var oracle = new JdkOracle();
    System.exit(Wire.serve("jdk oracle", request -> Wire.answer(oracle, request)));
  }

  @Override
  public JsonObject hello(JsonObject given) throws IOException {
    // There is no module to hash; the code is this class, and the JDK's.
    byte[] code;
    try (var stream = JdkOracle.class.getResourceAsStream("JdkOracle.class")) {
      code = stream.readAllBytes();
    }
    var modules = new JsonObject();
    for (String name : given.keySet()) {
      var ops = new JsonArray();
      Stream.of(OPS).forEach(ops::add);
      JsonObject entry = Wire.of("sha256", Adapter.sha256(code));
      entry.add("ops", ops);
      modules.add(name, entry);
    }
    JsonObject reply = Adapter.describe("jdk", System.getProperty("java.vm.name") + " (SunEC)");
    reply.add("modules", modules);
    return reply;
  }

  @Override
  public JsonObject run(String module, String op, JsonObject given) {
    try {
      return switch (op) {
        case "public_key" ->
            Wire.ok(
                Wire.of(
                    "public_key",
                    Wire.hex(publicKey(seed(Wire.bytes(given, "seed"), Signer.SEED_LENGTH)))));
        case "sign" -> {
          PrivateKey key = key(Wire.bytes(given, "keypair"));
          yield Wire.ok(
              Wire.of("signature", Wire.hex(sign(key, message(Wire.bytes(given, "message"))))));
        }
        case "sign_many" -> {
          PrivateKey key = key(Wire.bytes(given, "keypair"));
          var signatures = new JsonArray();
          for (var message : Wire.array(given, "messages")) {
            signatures.add(Wire.hex(sign(key, message(Wire.bytes(message)))));
          }
          yield Wire.ok(Wire.of("signatures", signatures));
        }
        case "verify" -> {
          boolean valid =
              verify(
                  Wire.bytes(given, "public_key"),
                  Wire.bytes(given, "message"),
                  Wire.bytes(given, "signature"));
          yield Wire.ok(Wire.of("valid", valid));
        }
        default -> throw new RequestException("%s is not an operation of the JDK's".formatted(op));
      };
    } catch (Refusal refusal) {
      return Wire.of("error", refusal.code.name());
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }

  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final Code code;

    Refusal(Code code) {
      super(code.meaning());
      this.code = code;
    }
  }

  private static byte[] seed(byte[] key, int length) throws Refusal {
    if (key.length != length) {
      throw new Refusal(Code.KEY_LENGTH);
    }
    return Arrays.copyOf(key, Signer.SEED_LENGTH);
  }

  private static byte[] message(byte[] message) throws Refusal {
    if (message.length > MAX_MESSAGE_LENGTH) {
      throw new Refusal(Code.MESSAGE_TOO_LARGE);
    }
    return message;
  }

  private static PrivateKey key(byte[] keypair) throws Refusal, GeneralSecurityException {
    byte[] seed = seed(keypair, Signer.KEYPAIR_LENGTH);
    if (!Arrays.equals(
        publicKey(seed),
        0,
        Signer.PUBLIC_KEY_LENGTH,
        keypair,
        Signer.SEED_LENGTH,
        keypair.length)) {
      throw new Refusal(Code.KEY_PAIR_MISMATCH);
    }
    var spec = new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed);
    return KeyFactory.getInstance("Ed25519").generatePrivate(spec);
  }

  private static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
    var signature = Signature.getInstance("Ed25519");
    signature.initSign(key);
    signature.update(message);
    return signature.sign();
  }

  /** The JDK has no call that derives one, but makes a key from its randomness: the seed. */
  private static byte[] publicKey(byte[] seed) throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(NamedParameterSpec.ED25519, new OnlyThese(seed));
    EdECPoint point = ((EdECPublicKey) generator.generateKeyPair().getPublic()).getPoint();
    byte[] bigEndian = point.getY().toByteArray();
    byte[] encoded = new byte[Signer.PUBLIC_KEY_LENGTH];
    for (int i = 0; i < Math.min(bigEndian.length, encoded.length); i++) {
      encoded[i] = bigEndian[bigEndian.length - 1 - i];
    }
    if (point.isXOdd()) {
      encoded[encoded.length - 1] |= (byte) 0x80;
    }
    return encoded;
  }

  private static final class OnlyThese extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private final byte[] bytes;

    OnlyThese(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] wanted) {
      if (wanted.length != bytes.length) {
        throw new IllegalStateException(
            "the JDK drew %d bytes for a seed".formatted(wanted.length));
      }
      System.arraycopy(bytes, 0, wanted, 0, bytes.length);
    }
  }

  private static boolean verify(byte[] publicKey, byte[] message, byte[] signature)
      throws Refusal, GeneralSecurityException {
    if (publicKey.length != Signer.PUBLIC_KEY_LENGTH) {
      throw new Refusal(Code.PUBLIC_KEY_LENGTH);
    }
    message(message);
    byte[] bigEndian = new byte[publicKey.length];
    for (int i = 0; i < publicKey.length; i++) {
      bigEndian[i] = publicKey[publicKey.length - 1 - i];
    }
    boolean xOdd = bigEndian[0] < 0;
    bigEndian[0] &= 0x7F;
    var spec =
        new EdECPublicKeySpec(
            NamedParameterSpec.ED25519, new EdECPoint(xOdd, new BigInteger(1, bigEndian)));
    try {
      var verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(spec));
      verifier.update(message);
      return verifier.verify(signature);
    } catch (SignatureException | InvalidKeyException refused) {
      return false; // a signature or a key that does not decode
    }
  }
}
