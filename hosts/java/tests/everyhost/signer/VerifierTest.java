package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.Jdk;
import everyhost.ModuleBuilder;
import everyhost.Modules;
import everyhost.signer.Verifier.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifying many: the same verdicts on every module, and what becomes of one that fails. */
class VerifierTest {
  private static final byte[] GARBAGE = bytes(0, 'a', 's', 'm', 1, 0, 0, 0, 0xFF);
  private static final Item HELLO = new Item(PUBLIC_KEY, "hello", HELLO_SIGNATURE);
  private static final Item HOLA = new Item(PUBLIC_KEY, "hola", HELLO_SIGNATURE);

  /** Every method. */
  private static final Map<String, Consumer<Verifier>> CALLS =
      Map.of(
          "verifyMany", verifier -> verifier.verifyMany(List.of(HELLO)),
          "verifyMany of none", verifier -> verifier.verifyMany(List.of()),
          "verifyManyStrict", verifier -> verifier.verifyManyStrict(List.of(HELLO)),
          "hold", verifier -> verifier.hold(PUBLIC_KEY),
          "moduleIndex", Verifier::moduleIndex,
          "close", Verifier::close);

  /** A verifier whose batches are at 4096, and so are its verdicts: a batch says its own. */
  private static byte[] fake(Map<String, byte[]> bodies, String... lacking) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("verifier_abi_version", i32(1));
    all.put("max_message_len", i32(1000));
    all.put("get_public_key_ptr", i32(0));
    all.put("hold_key", i32(1));
    all.put("allocate_verify_batch", i32(4096));
    all.put("verify_batch", i32(0));
    all.put("verify_batch_strict", i32(0));
    all.put("get_verdicts_ptr", i32(4096));
    all.putAll(bodies);
    all.keySet().removeAll(List.of(lacking));
    var module = new ModuleBuilder().memory(10, -1);
    all.forEach(
        (name, body) ->
            module.function(name, name.equals("allocate_verify_batch") ? "ii" : "", "i", body));
    return module.build();
  }

  private static Verifier verifierOf(byte[]... modules) {
    return new Verifier(BatchModules.load(Modules::load, List.of(modules)));
  }

  private static Verifier newVerifier() {
    return verifierOf(
        bytes("verifier-lanes-relaxed"), bytes("verifier-lanes"), bytes("signer-raw"));
  }

  /** An item whose public key begins so. */
  private static Item item(int... begin) {
    return new Item(Arrays.copyOf(bytes(begin), 32), "", new byte[64]);
  }

  private static void assertVerifies(Verifier verifier, int place) {
    assertEquals(place, verifier.moduleIndex());
    boolean[] expected = {true, false, true};
    assertArrayEquals(expected, verifier.verifyMany(List.of(HELLO, HOLA, HELLO)));
    assertArrayEquals(expected, verifier.verifyManyStrict(List.of(HELLO, HOLA, HELLO)));
    assertEquals(0, verifier.verifyMany(List.of()).length);
  }

  @Test
  void theFirstModuleThatCanBeUsedVerifies() {
    byte[] selfTestFails = fake(Map.of("verify_batch", i32(8)));
    byte[] raw = bytes("signer-raw");
    byte[] wrong = fake(Map.of());
    for (byte[][] modules :
        List.of(
            new byte[][] {raw, wrong},
            new byte[][] {GARBAGE, raw},
            new byte[][] {selfTestFails, GARBAGE, raw, wrong})) {
      try (var verifier = verifierOf(modules)) {
        assertVerifies(verifier, Arrays.asList(modules).indexOf(raw));
      }
    }
    // GraalWasm's relaxed SIMD is off, and Endive has no SIMD at all.
    try (var verifier = newVerifier()) {
      assertVerifies(verifier, isGraalWasm() ? 1 : 2);
    }
    try (var verifier = new Verifier(built("signer-raw"))) {
      assertVerifies(verifier, 0);
    }
    assertCode(Code.SELF_TEST_FAILED, () -> verifierOf(GARBAGE, selfTestFails));
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> verifierOf(selfTestFails, new byte[0]).close());
    assertEquals(
        assertThrows(IllegalArgumentException.class, () -> load(new byte[0])).getMessage(),
        refused.getMessage());
  }

  @Test
  void aModuleThatDoesNotVerifyIsTold() {
    assertCode(Code.NO_EXPORT, () -> verifierOf(bytes("add-raw"), bytes("signer-raw")));
    assertThrows(
        IllegalArgumentException.class, () -> verifierOf(fake(Map.of(), "hold_key")).close());
    assertThrows(
        IllegalArgumentException.class,
        () -> verifierOf(fake(Map.of("verifier_abi_version", i32(2)))).close());
    var none = assertThrows(IllegalArgumentException.class, () -> new Verifier().close());
    assertEquals("a verifier needs at least one module", none.getMessage());
  }

  /** Half of them are spoilt in one place; the numbers of {@link PropertiesTest}. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void verdictsAreTheSignersAndTheJdks(boolean onSignerRaw) {
    long number = Long.getLong("random", System.nanoTime());
    var random = new Random(number);
    List<byte[]> seeds = new ArrayList<>();
    for (int i = 0; i < 20; i++) { // more than are held
      seeds.add(new byte[32]);
      random.nextBytes(seeds.get(i));
    }
    List<Item> items = new ArrayList<>();
    List<Boolean> expected = new ArrayList<>();
    try (var signer = new Signer(built("signer-raw"));
        var verifier = onSignerRaw ? new Verifier(built("signer-raw")) : newVerifier()) {
      for (int i = 0; i < 60; i++) {
        byte[] seed = seeds.get(i % 3 == 0 ? 0 : random.nextInt(seeds.size()));
        byte[] message = new byte[random.nextInt(300)];
        random.nextBytes(message);
        byte[] publicKey = Jdk.publicKey(seed);
        byte[] signature = Jdk.sign(seed, message);
        boolean isRight = random.nextBoolean();
        if (!isRight) {
          byte[] spoilt = random.nextInt(3) == 0 ? publicKey : signature;
          spoilt[random.nextInt(spoilt.length)] ^= (byte) (1 << random.nextInt(8));
        }
        items.add(new Item(publicKey, message, signature));
        expected.add(isRight);
        assertEquals(isRight, signer.verify(publicKey, message, signature), "random " + number);
      }
      for (int length : new int[] {0, 63, 65}) {
        byte[] signature = Arrays.copyOf(HELLO_SIGNATURE, length);
        items.add(new Item(PUBLIC_KEY, "hello", signature));
        expected.add(false);
      }
      // The zeros that take the place of no signature are one, under a key of small order.
      items.add(new Item(new byte[32], "", new byte[63]));
      expected.add(false);
      for (int round = 0; round < 2; round++) {
        assertEquals(expected, list(verifier.verifyMany(items)), "random " + number);
        assertEquals(expected, list(verifier.verifyManyStrict(items)), "random " + number);
        Collections.reverse(items);
        Collections.reverse(expected);
      }
    }
  }

  private static List<Boolean> list(boolean[] verdicts) {
    List<Boolean> list = new ArrayList<>();
    for (boolean verdict : verdicts) {
      list.add(verdict);
    }
    return list;
  }

  @Test
  void strictVerdictsAreStrict() {
    byte[] identity = Arrays.copyOf(bytes(1), 32); // under it, R = S·B is right for any message
    var item = new Item(identity, "any", Arrays.copyOf(bytes(1), 64));
    try (var verifier = newVerifier();
        var raw = new Verifier(built("signer-raw"))) {
      for (var each : List.of(verifier, raw)) {
        assertArrayEquals(new boolean[] {true}, each.verifyMany(List.of(item)));
        assertArrayEquals(new boolean[] {false}, each.verifyManyStrict(List.of(item)));
      }
    }
  }

  @Test
  void aBatchIsLaidOutAsTheModuleReadsIt() {
    // The verdicts of the fake are where it is told to say: only a byte of 1 is right.
    try (var verifier = verifierOf(fake(Map.of()))) {
      assertArrayEquals(
          new boolean[] {true, false, true, false},
          verifier.verifyMany(List.of(item(1, 0, 1, 2), item(), item(), item())));
      assertArrayEquals(
          new boolean[] {true, false},
          verifier.verifyManyStrict(List.of(item(1, 1), new Item(PUBLIC_KEY, "", new byte[63]))));
    }
    byte[] ones = new byte[64];
    Arrays.fill(ones, (byte) 1);
    var one = new Item(new byte[32], "x".repeat(257), ones);
    var other = new Item(new byte[32], "\1", ones);
    for (Object[] place :
        new Object[][] {
          {31, false},
          {32, true},
          {95, true},
          {96, true},
          {97, true},
          {98, false},
          {196, true},
          {197, false},
          {200, false},
          {200 + 257, true}
        }) {
      int at = (int) place[0];
      try (var verifier = verifierOf(fake(Map.of("get_verdicts_ptr", i32(4096 + at))))) {
        assertEquals(place[1], verifier.verifyMany(List.of(one, other))[0], "at " + at);
      }
    }
  }

  @Test
  void whatExceedsABatchIsSplit() {
    List<Integer> counts = new ArrayList<>();
    var module = new Watched(load(fake(Map.of())), guest -> {});
    try (var verifier = new Verifier(module)) {
      module.atInvoke(
          (export, args) -> {
            if (export.equals("allocate_verify_batch")) {
              counts.add((int) args[0]);
              assertTrue(args[1] <= 1000);
            }
          });
      assertEquals(9000, verifier.verifyMany(Collections.nCopies(9000, item())).length);
      assertEquals(List.of(4096, 4096, 808), counts);
      counts.clear();
      var half = new Item(new byte[32], "m".repeat(500), new byte[64]);
      var other = new Item(Arrays.copyOf(bytes(0, 1), 32), "m".repeat(500), new byte[64]);
      boolean[] verdicts = verifier.verifyMany(List.of(half, item(), half, other, item()));
      assertEquals(List.of(3, 2), counts);
      assertArrayEquals(new boolean[] {false, false, false, false, true}, verdicts);
    }
  }

  @Test
  void lengthsAreCheckedBeforeAnythingIsVerified() {
    var shortKey = new Item(new byte[31], "", new byte[64]);
    var longMessage = new Item(PUBLIC_KEY, new byte[1001], new byte[64]);
    var module = new Watched(load(fake(Map.of())), guest -> {});
    try (var verifier = new Verifier(module)) {
      module.atCall(export -> fail(export));
      for (var call :
          List.<Consumer<List<Item>>>of(verifier::verifyMany, verifier::verifyManyStrict)) {
        var error =
            assertThrows(SignerException.class, () -> call.accept(List.of(HELLO, shortKey)));
        assertEquals(
            "PUBLIC_KEY_LENGTH: a public key must be 32 bytes long (item 1)", error.getMessage());
        error =
            assertThrows(
                SignerException.class, () -> call.accept(List.of(HELLO, HOLA, longMessage)));
        assertEquals(Code.MESSAGE_TOO_LARGE, error.code());
        assertTrue(error.getMessage().endsWith(" (item 2)"), error.getMessage());
      }
      assertCode(Code.PUBLIC_KEY_LENGTH, () -> verifier.hold(new byte[33]));
      assertThrows(NullPointerException.class, () -> verifier.hold(null));
      assertThrows(NullPointerException.class, () -> verifier.verifyMany(null));
      assertThrows(
          NullPointerException.class, () -> verifier.verifyMany(Collections.singletonList(null)));
      assertEquals(1, module.made());
    }
    assertThrows(NullPointerException.class, () -> new Item(null, "", new byte[64]));
    assertThrows(
        NullPointerException.class, () -> new Item(PUBLIC_KEY, (byte[]) null, new byte[0]));
    assertThrows(NullPointerException.class, () -> new Item(PUBLIC_KEY, "", null));
    assertThrows(
        IllegalArgumentException.class, () -> new Item(PUBLIC_KEY, "\ud800", new byte[64]));
  }

  @Test
  void aKeyIsHeldIfItIsAPointAndTheModuleHoldsAny() {
    byte[] noPoint = Arrays.copyOf(bytes(2), 32);
    try (var verifier = newVerifier();
        var raw = new Verifier(built("signer-raw"));
        var full = verifierOf(fake(Map.of("hold_key", i32(0))))) {
      assertEquals(isGraalWasm(), verifier.hold(PUBLIC_KEY));
      assertFalse(verifier.hold(noPoint));
      assertVerifies(verifier, isGraalWasm() ? 1 : 2);
      assertFalse(raw.hold(PUBLIC_KEY));
      assertFalse(full.hold(PUBLIC_KEY));
    }
    try (var verifier = verifierOf(fake(Map.of()))) {
      assertTrue(verifier.hold(PUBLIC_KEY));
    }
  }

  @Test
  void afterATrapThereIsANewInstanceOrTheEnd() {
    for (String export : List.of("verify_batch_strict", "hold_key")) {
      WasmModule trapping = load(fake(Map.of(export, unreachable())));
      Consumer<Verifier> trap =
          export.equals("hold_key")
              ? verifier -> verifier.hold(PUBLIC_KEY)
              : verifier -> verifier.verifyManyStrict(List.of(HELLO));
      try (var verifier = new Verifier(trapping)) {
        for (int i = 0; i < 2; i++) {
          var error = assertThrows(SignerException.class, () -> trap.accept(verifier));
          assertEquals(Code.TRAPPED, error.code());
          assertInstanceOf(GuestTrap.class, error.getCause());
          assertArrayEquals(new boolean[] {true}, verifier.verifyMany(List.of(item(1))));
        }
        assertEquals(0, verifier.moduleIndex());
      }
      for (WasmModule then :
          List.of(
              load(fake(Map.of("verify_batch", unreachable()))),
              load(fake(Map.of("verify_batch", i32(8)))),
              load(fake(Map.of("verifier_abi_version", i32(2)))),
              load(new ModuleBuilder().importsMemory().build()))) {
        var module = new Watched(made -> made == 0 ? trapping : then, guest -> {});
        try (var verifier = new Verifier(module, built("signer-raw"))) {
          assertCode(Code.TRAPPED, () -> trap.accept(verifier));
          assertCode(Code.CLOSED, () -> verifier.verifyMany(List.of(HELLO)));
          assertCode(Code.CLOSED, () -> verifier.hold(PUBLIC_KEY));
          assertEquals(-1, verifier.moduleIndex());
        }
      }
    }
    assertCode(Code.TRAPPED, () -> verifierOf(fake(Map.of("max_message_len", unreachable()))));
  }

  @Test
  void anErrorOfTheHostEndsTheInstanceToo() {
    var module = new Watched(load(fake(Map.of())), guest -> {});
    try (var verifier = new Verifier(module)) {
      for (Error thrown : List.of(new StackOverflowError(), new OutOfMemoryError())) {
        module.atCall(
            export -> {
              if (export.equals("verify_batch")) {
                throw thrown;
              }
            });
        assertSame(thrown, assertThrows(Error.class, () -> verifier.verifyMany(List.of(HELLO))));
        module.atCall(export -> {});
        assertArrayEquals(new boolean[] {true}, verifier.verifyMany(List.of(item(1))));
      }
      assertEquals(3, module.made());
    }
  }

  @Test
  void whatTheModuleRefusesIsTold() {
    try (var verifier = verifierOf(fake(Map.of("verify_batch_strict", i32(6))))) {
      assertCode(Code.OUT_OF_MEMORY, () -> verifier.verifyManyStrict(List.of(HELLO)));
    }
    try (var verifier = verifierOf(fake(Map.of("verify_batch_strict", i32(99))))) {
      assertThrows(IllegalStateException.class, () -> verifier.verifyManyStrict(List.of(HELLO)));
    }
    // Without a place for the batch nothing is written, and the status says why.
    byte[] full = fake(Map.of("allocate_verify_batch", i32(0), "verify_batch_strict", i32(5)));
    try (var verifier = verifierOf(full)) {
      assertCode(Code.MESSAGE_TOO_LARGE, () -> verifier.verifyManyStrict(List.of(HELLO)));
    }
  }

  @Test
  void aCallWithinACallIsToldAndChangesNothing() {
    Map<String, String> ends = new TreeMap<>();
    var module = new Watched(built("signer-raw"), guest -> {});
    try (var verifier = new Verifier(module)) {
      module.atCall(
          export ->
              CALLS.forEach((name, call) -> ends.put(name, endOf(() -> call.accept(verifier)))));
      assertVerifiesOnce(verifier);
      module.atCall(export -> {});
      assertVerifiesOnce(verifier);
    }
    Map<String, String> expected = new TreeMap<>();
    CALLS.keySet().forEach(name -> expected.put(name, "IN_USE"));
    assertEquals(expected, ends);
  }

  private static void assertVerifiesOnce(Verifier verifier) {
    assertArrayEquals(new boolean[] {true, false}, verifier.verifyMany(List.of(HELLO, HOLA)));
  }

  @Test
  void aClosedVerifierIsClosed() {
    List<Guest> ended = new ArrayList<>();
    var verifier = new Verifier(new Watched(built("signer-raw"), ended::add));
    verifier.close();
    assertEquals(1, ended.size());
    Map<String, String> ends = new TreeMap<>();
    CALLS.forEach((name, call) -> ends.put(name, endOf(() -> call.accept(verifier))));
    Map<String, String> expected = new TreeMap<>();
    CALLS.keySet().forEach(name -> expected.put(name, "CLOSED"));
    expected.put("close", "OK");
    expected.put("moduleIndex", "OK");
    assertEquals(expected, ends);
    assertEquals(-1, verifier.moduleIndex());
  }
}
