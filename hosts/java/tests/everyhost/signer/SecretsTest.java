package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.Jdk;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After a wipe no eight bytes in a row of a secret stay in linear memory or in the signer. */
class SecretsTest {
  private static final BigInteger GROUP_ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final int RUN_LENGTH = 8;
  private static final List<byte[]> MESSAGES =
      List.of("hello".getBytes(StandardCharsets.UTF_8), new byte[0], new byte[5000]);

  /** The seed, and all that RFC 8032, section 5.1.6, makes of it that must stay secret. */
  private static Map<String, byte[]> secretsOf(byte[] seed) {
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
      byte[] nonce = sha512(join(prefix, message));
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

  private static byte[] sha512(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-512").digest(bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  static Set<String> foundIn(Guest guest, byte[]... seeds) {
    String memory = text(guest.read(0, (int) guest.memoryLength()));
    Set<String> found = new TreeSet<>();
    for (byte[] seed : seeds) {
      for (var secret : secretsOf(seed).entrySet()) {
        if (hasPartOf(memory, secret.getValue())) {
          found.add(secret.getKey());
        }
      }
    }
    return found;
  }

  /** Whether any eight bytes in a row of a secret are there. */
  static boolean hasPartOf(byte[] memory, byte[] secret) {
    return hasPartOf(text(memory), secret);
  }

  private static boolean hasPartOf(String memory, byte[] secret) {
    return IntStream.rangeClosed(0, secret.length - RUN_LENGTH)
        .mapToObj(at -> text(Arrays.copyOfRange(secret, at, at + RUN_LENGTH)))
        .anyMatch(memory::contains);
  }

  /** One character a byte, so that the search is the library's. */
  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
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

  static Set<String> paths() {
    return PATHS.keySet();
  }

  @ParameterizedTest
  @MethodSource("paths")
  void aWipeLeavesNoSecret(String path) throws Exception {
    try (var signer = newSigner()) {
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
    try (var signer = newSigner()) {
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
      try (Guest guest = built("signer-raw").instantiate()) {
        assertEquals(Set.of(), foundIn(guest, SEED));
        byte[] bytes = secret.getValue();
        int at = guest.call("allocate_message", 24);
        guest.write(at + 3, Arrays.copyOfRange(bytes, bytes.length - RUN_LENGTH, bytes.length));
        assertTrue(foundIn(guest, SEED).contains(secret.getKey()), secret.getKey());
      }
    }
  }

  @Test
  void closingWipesBeforeTheInstanceIsGone() {
    List<Set<String>> left = new ArrayList<>();
    var signer = new Signer(watched(left), KEYPAIR);
    signer.signMany(MESSAGES);
    signer.close();
    assertEquals(List.of(Set.of()), left);
  }

  @Test
  void aTrappedInstanceIsClearedBeforeItIsGone() {
    List<Set<String>> left = new ArrayList<>();
    try (var signer = new Signer(watched(left), KEYPAIR)) {
      assertThrows(SignerException.class, () -> signer.signWith(MISMATCHED, "hello"));
      assertEquals(List.of(Set.of("nothing but zeros")), left);
    }
  }

  @Test
  void theSignersOwnCopyOfTheKeyIsClearedInPlace() {
    byte[] other = Jdk.keypair(OTHER_SEED);
    Map<Consumer<Signer>, byte[]> calls =
        Map.of(
            Signer::wipe,
            new byte[64],
            Signer::close,
            new byte[64],
            signer -> signer.loadKey(other),
            other,
            signer -> assertThrows(SignerException.class, () -> signer.loadKey(new byte[0])),
            new byte[64],
            signer -> assertThrows(SignerException.class, () -> signer.loadKey(MISMATCHED)),
            new byte[64],
            signer -> assertThrows(NullPointerException.class, () -> signer.loadKey(null)),
            new byte[64]);
    calls.forEach(
        (call, left) -> {
          try (var signer = newSigner()) {
            byte[] held = signer.held();
            assertArrayEquals(KEYPAIR, held);
            call.accept(signer);
            assertArrayEquals(left, held);
          }
        });
    assertTrue(KEYPAIR[0] != 0, "the caller's own array is not touched");
  }

  @Test
  void aRefusedKeyOrSeedIsNotLeftOnTheModulesStack() {
    try (var signer = newSigner()) {
      assertThrows(SignerException.class, () -> signer.loadKey(MISMATCHED));
      assertEquals(Set.of(), foundIn(signer.guest(), SEED));
    }
  }

  @Test
  void aRefusedSeedIsWipedAndTheHeldKeyIsLoadedAgain() {
    var module = new Watched(fake("derive_public_key", i32(8)), guest -> {});
    try (var signer = new Signer(module, KEYPAIR)) {
      List<String> calls = new ArrayList<>();
      module.atCall(calls::add);
      assertCode(Code.SELF_TEST_FAILED, () -> signer.derivePublicKey(OTHER_SEED));
      assertEquals(
          List.of(
              "get_signing_key_ptr",
              "derive_public_key",
              "wipe",
              "get_signing_key_ptr",
              "load_key"),
          calls);
      assertArrayEquals(KEYPAIR, signer.guest().read(0, 64), "in the fake's key buffer");
    }
  }

  @Test
  @Timeout(60)
  void aSignerThatIsDroppedIsClearedByTheGarbageCollector() throws Exception {
    List<Set<String>> left = new CopyOnWriteArrayList<>();
    byte[][] held = new byte[2][];
    drop(left, held);
    while (left.size() < 2 || held[0][0] != 0 || held[1][0] != 0) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(List.of(Set.of("nothing but zeros"), Set.of("nothing but zeros")), left);
    assertArrayEquals(new byte[64], held[0]);
    assertArrayEquals(new byte[64], held[1]);
  }

  @SuppressWarnings("resource") // that nobody closes it is what is tested
  private static void drop(List<Set<String>> left, byte[][] held) {
    var signer =
        new Signer(
            watched(left),
            KEYPAIR,
            BatchModules.load(any -> watched(left), List.of(bytes("signer-raw"))));
    signer.signMany(MESSAGES);
    held[0] = signer.held();
    held[1] = signer.batchSigner().held();
  }

  private static Watched watched(List<Set<String>> left) {
    return new Watched(
        built("signer-raw"),
        guest -> {
          byte[] memory = guest.read(0, (int) guest.memoryLength());
          boolean cleared = Arrays.equals(memory, new byte[memory.length]);
          left.add(cleared ? Set.of("nothing but zeros") : foundIn(guest, SEED));
        });
  }
}
