package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import com.nimbusds.jose.jwk.OctetKeyPair;
import everyhost.Jdk;
import everyhost.ModuleBuilder;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys as the JDK and nimbus write and read them; the vectors have the files that are refused. */
class KeysTest {
  private static final byte[] DIFFERENT = Jdk.publicKey(OTHER_SEED);

  private Keys keys;

  @BeforeEach
  void open() {
    keys = new Keys(built("keys"));
  }

  @AfterEach
  void close() {
    keys.close();
  }

  private static String pem(String label, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(label, base64);
  }

  private static void assertKey(byte[] seed, byte[] publicKey, PrivateKey key) {
    assertArrayEquals(seed, key.seed());
    assertArrayEquals(publicKey, key.publicKey().orElse(null));
    key.close();
  }

  @Test
  void readsWhatTheJdkWrites() throws Exception {
    var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    byte[] der = pair.getPrivate().getEncoded();
    assertKey(seed, null, keys.readPrivateKey(der));
    assertKey(seed, null, keys.readPrivateKey(pem("PRIVATE KEY", der)));
    byte[] publicDer = pair.getPublic().getEncoded();
    assertArrayEquals(Jdk.publicKey(seed), keys.readPublicKey(publicDer));
    assertArrayEquals(Jdk.publicKey(seed), keys.readPublicKey(pem("PUBLIC KEY", publicDer)));
  }

  @Test
  void theJdkAndNimbusReadWhatItWrites() throws Exception {
    var factory = KeyFactory.getInstance("Ed25519");
    for (var key : List.of(new PrivateKey(SEED), new PrivateKey(SEED, PUBLIC_KEY))) {
      byte[] der = keys.writePrivateKey(key, Keys.Form.DER);
      var read = (EdECPrivateKey) factory.generatePrivate(new PKCS8EncodedKeySpec(der));
      assertArrayEquals(SEED, read.getBytes().orElseThrow());
      assertEquals(pem("PRIVATE KEY", der), keys.writePrivateKey(key, Keys.Form.PEM));
    }
    var seedAlone = new PrivateKey(SEED);
    assertCode(Code.KEY_JWK, () -> keys.writePrivateKey(seedAlone, Keys.Form.JWK));
    byte[] publicDer = keys.writePublicKey(PUBLIC_KEY, Keys.Form.DER);
    var read = factory.generatePublic(new X509EncodedKeySpec(publicDer));
    assertArrayEquals(publicDer, read.getEncoded());
    assertEquals(pem("PUBLIC KEY", publicDer), keys.writePublicKey(PUBLIC_KEY, Keys.Form.PEM));
    var jwk = OctetKeyPair.parse(keys.writePublicKey(PUBLIC_KEY, Keys.Form.JWK));
    assertArrayEquals(PUBLIC_KEY, jwk.getDecodedX());
    assertFalse(jwk.isPrivate());
    try (var key = new PrivateKey(SEED, PUBLIC_KEY)) {
      var whole = OctetKeyPair.parse(keys.writePrivateKey(key, Keys.Form.JWK));
      assertArrayEquals(SEED, whole.getDecodedD());
      assertArrayEquals(PUBLIC_KEY, whole.getDecodedX());
    }
  }

  @Test
  void aPublicKeyThatStandsBesideItComesAlong() {
    try (var key = new PrivateKey(SEED, DIFFERENT)) {
      for (var form : List.of(Keys.Form.PEM, Keys.Form.JWK)) {
        assertKey(SEED, DIFFERENT, keys.readPrivateKey(keys.writePrivateKey(key, form)));
      }
      byte[] der = keys.writePrivateKey(key, Keys.Form.DER);
      assertKey(SEED, DIFFERENT, keys.readPrivateKey(der));
      assertCode(
          Code.KEY_PAIR_MISMATCH, () -> Signer.fromPrivateKey(built("signer-raw"), key).close());
    }
  }

  @Test
  void signsWithAKeyFromAFile() {
    for (var key : List.of(new PrivateKey(SEED), new PrivateKey(SEED, PUBLIC_KEY))) {
      String pem = keys.writePrivateKey(key, Keys.Form.PEM);
      try (var read = keys.readPrivateKey(pem);
          var signer = Signer.fromPrivateKey(built("signer-raw"), read)) {
        assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
        assertArrayEquals(PUBLIC_KEY, signer.publicKey());
      }
    }
  }

  @Test
  void aGeneratedKeyIsNewAndSigns() {
    try (var key = PrivateKey.generate();
        var other = PrivateKey.generate();
        var signer = Signer.fromPrivateKey(built("signer-raw"), key)) {
      assertFalse(Arrays.equals(key.seed(), other.seed()));
      assertArrayEquals(Jdk.publicKey(key.seed()), signer.publicKey());
      assertEquals(Optional.empty(), key.publicKey());
    }
  }

  @Test
  void aPrivateKeyIsHiddenCopiedAndCleared() {
    byte[] seed = SEED.clone();
    var key = new PrivateKey(seed, PUBLIC_KEY);
    seed[0] ^= 1;
    key.seed()[0] ^= 1;
    assertArrayEquals(SEED, key.seed());
    assertEquals("PrivateKey[hidden]", key.toString());
    key.close();
    assertCode(Code.CLOSED, key::seed);
    assertCode(Code.CLOSED, () -> keys.writePrivateKey(key, Keys.Form.DER));
    assertCode(Code.CLOSED, () -> Signer.fromPrivateKey(built("signer-raw"), key));
    assertCode(Code.KEY_LENGTH, () -> new PrivateKey(KEYPAIR));
    assertCode(Code.PUBLIC_KEY_LENGTH, () -> new PrivateKey(SEED, KEYPAIR));
  }

  @Test
  void refusalsHaveCodes() {
    try (var key = new PrivateKey(SEED)) {
      String secret = keys.writePrivateKey(key, Keys.Form.PEM);
      String published = keys.writePublicKey(PUBLIC_KEY, Keys.Form.PEM);
      assertCode(Code.KEY_IS_PRIVATE, () -> keys.readPublicKey(secret));
      assertCode(Code.KEY_IS_PUBLIC, () -> keys.readPrivateKey(published));
      assertCode(Code.KEY_FORMAT, () -> keys.readPrivateKey("hello"));
      assertCode(Code.KEY_PEM, () -> keys.readPrivateKey(secret.replace("-END", "-end")));
      assertCode(Code.KEY_TOO_LARGE, () -> keys.readPrivateKey(secret + " ".repeat(1 << 14)));
      assertCode(Code.KEY_TOO_LARGE, () -> keys.readPublicKey(new byte[1 << 20]));
      assertCode(Code.PUBLIC_KEY_LENGTH, () -> keys.writePublicKey(SIXTY_FOUR, Keys.Form.DER));
    }
    byte[] none = null;
    for (var call :
        List.<Consumer<Keys>>of(
            it -> it.readPrivateKey(none),
            it -> it.readPrivateKey((String) null),
            it -> it.readPublicKey(none),
            it -> it.writePublicKey(none, Keys.Form.DER),
            it -> it.writePublicKey(PUBLIC_KEY, null),
            it -> it.writePrivateKey(null, Keys.Form.DER))) {
      Guest before = keys.guest();
      assertThrows(NullPointerException.class, () -> call.accept(keys));
      assertSame(before, keys.guest());
    }
  }

  private static final byte[] SIXTY_FOUR = new byte[64];

  @Test
  void nothingOfAKeyStaysInLinearMemory() {
    try (var key = new PrivateKey(SEED, PUBLIC_KEY)) {
      String jwk = keys.writePrivateKey(key, Keys.Form.JWK);
      String pem = keys.writePrivateKey(key, Keys.Form.PEM);
      byte[] der = keys.writePrivateKey(key, Keys.Form.DER);
      List<byte[]> secrets =
          List.of(
              SEED,
              pem.lines().skip(1).findFirst().orElseThrow().getBytes(StandardCharsets.US_ASCII),
              Base64.getUrlEncoder().encode(SEED));
      Map<String, Runnable> calls =
          Map.of(
              "write", () -> keys.writePrivateKey(key, Keys.Form.PEM),
              "PEM", () -> keys.readPrivateKey(pem).close(),
              "DER", () -> keys.readPrivateKey(der).close(),
              "JWK", () -> keys.readPrivateKey(jwk).close(),
              "PEM refused", () -> endOf(() -> keys.readPublicKey(pem)),
              "DER refused", () -> endOf(() -> keys.readPublicKey(der)),
              "JWK refused", () -> endOf(() -> keys.readPublicKey(jwk)),
              "JWK damaged", () -> endOf(() -> keys.readPrivateKey(jwk.replace('}', ']'))));
      calls.forEach(
          (name, call) -> {
            call.run();
            byte[] memory = keys.guest().read(0, (int) keys.guest().memoryLength());
            for (byte[] secret : secrets) {
              assertFalse(SecretsTest.hasPartOf(memory, secret), name);
            }
          });
    }
  }

  @Test
  void theKeyIsThereBeforeItIsWiped() {
    List<Boolean> seen = new ArrayList<>();
    Guest[] guest = new Guest[1];
    var module = new Watched(built("keys"), any -> {});
    try (var watched = new Keys(module);
        var key = new PrivateKey(SEED)) {
      guest[0] = watched.guest();
      module.atCall(
          export -> {
            if (export.equals("wipe")) {
              byte[] memory = guest[0].read(0, (int) guest[0].memoryLength());
              seen.add(SecretsTest.hasPartOf(memory, SEED));
            }
          });
      watched.writePrivateKey(key, Keys.Form.DER);
      assertEquals(List.of(true), seen);
    }
  }

  @Test
  void aCallWithinACallIsToldAndAfterCloseAllIsClosed() {
    List<String> ends = new ArrayList<>();
    var module = new Watched(built("keys"), guest -> {});
    byte[] der = keys.writePublicKey(PUBLIC_KEY, Keys.Form.DER);
    var watched = new Keys(module);
    module.atCall(
        export -> {
          if (export.equals("read_public_key")) {
            ends.add(endOf(() -> watched.readPublicKey(der)));
            ends.add(endOf(watched::close));
          }
        });
    assertArrayEquals(PUBLIC_KEY, watched.readPublicKey(der));
    assertEquals(List.of("IN_USE", "IN_USE"), ends);
    watched.close();
    watched.close();
    assertCode(Code.CLOSED, () -> watched.readPublicKey(der));
    assertCode(Code.CLOSED, () -> watched.writePublicKey(PUBLIC_KEY, Keys.Form.DER));
  }

  /** A module whose reading of private keys traps. */
  private static byte[] trapping() {
    var module = new ModuleBuilder().memory(1, -1);
    for (String name :
        List.of("keys_abi_version", "get_seed_ptr", "get_public_key_ptr", "has_public_key")) {
      module.function(name, "", "i", i32(1));
    }
    module.function("max_file_len", "", "i", i32(64));
    module.function("get_file_ptr", "", "i", i32(64));
    module.function("file_len", "", "i", i32(0));
    module.function("read_private_key", "i", "i", unreachable());
    module.function("read_public_key", "i", "i", i32(0));
    module.function("write_private_key", "ii", "i", i32(0));
    module.function("write_public_key", "i", "i", i32(0));
    module.function("wipe", "", "", new byte[0]);
    return module.build();
  }

  @Test
  void aTrapIsReportedAndTheInstanceIsClearedAndReplaced() {
    List<Boolean> left = new ArrayList<>();
    var module =
        new Watched(
            load(trapping()),
            guest -> left.add(SecretsTest.hasPartOf(guest.read(0, 1 << 16), SEED)));
    try (var trap = new Keys(module)) {
      assertCode(Code.TRAPPED, () -> trap.readPrivateKey(SEED));
      assertEquals(List.of(false), left);
      assertEquals(2, module.made());
      assertEquals(32, trap.readPublicKey(SEED).length);
    }
    var error =
        assertThrows(IllegalArgumentException.class, () -> new Keys(built("add-raw")).close());
    assertTrue(error.getMessage().startsWith("not a keys module"), error.getMessage());
  }
}
