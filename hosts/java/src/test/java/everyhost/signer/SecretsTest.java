package everyhost.signer;

import static everyhost.Modules.KEYPAIR;
import static everyhost.Modules.MISMATCHED;
import static everyhost.Modules.SEED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import everyhost.Jdk;
import everyhost.ModuleBuilder;
import everyhost.Modules;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * After a wipe no eight bytes in a row of any secret stay in linear memory, nor in the signer's own
 * copy.
 */
class SecretsTest {
  private static final BigInteger GROUP_ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final int RUN_LENGTH = 8;
  private static final List<byte[]> MESSAGES =
      List.of("hello".getBytes(StandardCharsets.UTF_8), new byte[0], new byte[5000]);
  private static final byte[] OTHER_SEED = new byte[32];

  static {
    for (int i = 0; i < OTHER_SEED.length; i++) {
      OTHER_SEED[i] = (byte) (i + 1);
    }
  }

  /** The seed, and all that RFC 8032, section 5.1.6, makes of it that must stay secret. */
  private static Map<String, byte[]> secretsOf(byte[] seed) throws Exception {
    byte[] digest = sha512(seed);
    byte[] prefix = Arrays.copyOfRange(digest, 32, 64);
    byte[] scalar = Arrays.copyOf(digest, 32);
    scalar[0] &= (byte) 0xF8;
    scalar[31] = (byte) ((scalar[31] & 0x7F) | 0x40);
    Map<String, byte[]> secrets = new LinkedHashMap<>();
    secrets.put("seed", seed);
    secrets.put("hashed seed", Arrays.copyOf(digest, 32));
    secrets.put("scalar", scalar);
    secrets.put("scalar mod L", modL(scalar));
    secrets.put("prefix", prefix);
    for (byte[] message : MESSAGES) {
      byte[] nonce = sha512(ModuleBuilder.join(prefix, message));
      secrets.put("hashed nonce " + message.length, nonce);
      secrets.put("nonce " + message.length, modL(nonce));
    }
    return secrets;
  }

  private static byte[] modL(byte[] littleEndian) {
    byte[] rest = new BigInteger(1, reversed(littleEndian)).mod(GROUP_ORDER).toByteArray();
    return Arrays.copyOf(reversed(rest), 32);
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }

  private static byte[] sha512(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-512").digest(bytes);
  }

  static Set<String> foundIn(Guest guest, byte[]... seeds) throws Exception {
    // One character a byte, so that the search is the library's.
    String memory =
        new String(guest.read(0, (int) guest.memoryLength()), StandardCharsets.ISO_8859_1);
    Set<String> found = new TreeSet<>();
    for (byte[] seed : seeds) {
      for (var secret : secretsOf(seed).entrySet()) {
        byte[] bytes = secret.getValue();
        for (int at = 0; at + RUN_LENGTH <= bytes.length; at++) {
          if (memory.contains(new String(bytes, at, RUN_LENGTH, StandardCharsets.ISO_8859_1))) {
            found.add(secret.getKey());
          }
        }
      }
    }
    return found;
  }

  private static final Map<String, Consumer<Signer>> PATHS =
      Map.of(
          "load_key", signer -> {},
          "sign", signer -> MESSAGES.forEach(signer::sign),
          "sign_many", signer -> signer.signMany(MESSAGES),
          "sign_with", signer -> MESSAGES.forEach(message -> signer.signWith(KEYPAIR, message)),
          "derive_public_key", signer -> signer.derivePublicKey(SEED),
          "replaced key", signer -> signer.loadKey(Jdk.keypair(OTHER_SEED)),
          "reload after a trap",
              signer ->
                  assertThrows(SignerException.class, () -> signer.signWith(MISMATCHED, "hello")));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "load_key",
        "sign",
        "sign_many",
        "sign_with",
        "derive_public_key",
        "replaced key",
        "reload after a trap"
      })
  void aWipeLeavesNoSecret(String path) throws Exception {
    try (var signer = new Signer(Modules.built("signer-raw"), KEYPAIR)) {
      PATHS.get(path).accept(signer);
      Set<String> before = foundIn(signer.guest(), SEED, OTHER_SEED);
      assertTrue(
          before.contains("scalar mod L") || before.contains("prefix"),
          "the scan finds the held key before the wipe, and it found " + before);
      signer.wipe();
      assertEquals(Set.of(), foundIn(signer.guest(), SEED, OTHER_SEED));
    }
  }

  @Test
  void theKeyBufferIsEmptyAfterEveryCall() throws Exception {
    try (var signer = new Signer(Modules.built("signer-raw"), KEYPAIR)) {
      int at = signer.guest().call("get_signing_key_ptr");
      List<Runnable> calls =
          List.of(
              () -> signer.signWith(KEYPAIR, "hello"),
              () -> signer.derivePublicKey(SEED),
              () -> signer.loadKey(KEYPAIR),
              () -> assertThrows(SignerException.class, () -> signer.loadKey(MISMATCHED)));
      for (Runnable call : calls) {
        call.run();
        assertArrayEquals(new byte[64], signer.guest().read(at, 64));
      }
    }
  }

  @Test
  void theScanFindsEveryKindOfSecret() throws Exception {
    for (var secret : secretsOf(SEED).entrySet()) {
      try (Guest guest = Modules.built("signer-raw").instantiate()) {
        assertEquals(Set.of(), foundIn(guest, SEED));
        byte[] bytes = secret.getValue();
        int at = guest.call("allocate_message", 24);
        guest.write(at + 3, Arrays.copyOfRange(bytes, bytes.length - RUN_LENGTH, bytes.length));
        assertTrue(foundIn(guest, SEED).contains(secret.getKey()), secret.getKey());
      }
    }
  }

  @Test
  void closingWipesBeforeTheInstanceIsGone() throws Exception {
    var guests = new java.util.ArrayList<Set<String>>();
    var signer = new Signer(new Watched(Modules.built("signer-raw"), guests), KEYPAIR);
    signer.signMany(MESSAGES);
    signer.close();
    assertEquals(List.of(Set.of()), guests);
  }

  @Test
  void aTrappedInstanceIsClearedBeforeItIsGone() throws Exception {
    var guests = new java.util.ArrayList<Set<String>>();
    try (var signer = new Signer(new Watched(Modules.built("signer-raw"), guests), KEYPAIR)) {
      assertThrows(SignerException.class, () -> signer.signWith(MISMATCHED, "hello"));
      assertEquals(List.of(Set.of("all is zero")), guests);
    }
  }

  @Test
  void theSignersOwnCopyOfTheKeyIsClearedInPlace() {
    List<Consumer<Signer>> calls =
        List.of(
            Signer::wipe,
            Signer::close,
            signer -> signer.loadKey(Jdk.keypair(OTHER_SEED)),
            signer -> assertThrows(SignerException.class, () -> signer.loadKey(new byte[0])),
            signer -> assertThrows(SignerException.class, () -> signer.loadKey(MISMATCHED)));
    for (var call : calls) {
      try (var signer = new Signer(Modules.built("signer-raw"), KEYPAIR)) {
        byte[] held = signer.held();
        assertArrayEquals(KEYPAIR, held);
        call.accept(signer);
        assertArrayEquals(new byte[64], held);
      }
    }
    assertTrue(KEYPAIR[0] != 0, "the caller's own array is not touched");
  }

  /** Looks into an instance just before it ends. */
  private record Watched(WasmModule module, List<Set<String>> seen) implements WasmModule {
    @Override
    public String sha256() {
      return module.sha256();
    }

    @Override
    public Set<String> exports() {
      return module.exports();
    }

    @Override
    public List<String> imports() {
      return module.imports();
    }

    @Override
    public Guest instantiate() throws GuestTrap {
      Guest guest = module.instantiate();
      return (Guest)
          java.lang.reflect.Proxy.newProxyInstance(
              Guest.class.getClassLoader(),
              new Class<?>[] {Guest.class},
              (proxy, method, args) -> {
                if (method.isDefault()) { // it calls what is not
                  return java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, args);
                }
                if (method.getName().equals("close")) {
                  byte[] memory = guest.read(0, (int) guest.memoryLength());
                  boolean cleared = Arrays.equals(memory, new byte[memory.length]);
                  seen.add(cleared ? Set.of("all is zero") : foundIn(guest, SEED));
                }
                try {
                  return method.invoke(guest, args);
                } catch (java.lang.reflect.InvocationTargetException error) {
                  throw error.getCause();
                }
              });
    }
  }
}
