package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A signer that fails at its n-th call: what is documented holds, and no secret is left. */
class FaultySignerTest {
  private static final String TRAP = "TRAP-AT:";
  private static final String FAIL = "FAIL-AT:";
  private static final int NEVER = 1_000_000;
  private static final int MOST_CALLS = 40;
  // Of an instance and its key.
  private static final int CALLS_TO_START = 4;

  private static final int KEY_BUFFER = 0x100;
  private static final int HELD = 0x200;
  private static final int STACK = 0x240;

  private static final Map<String, WasmModule> PATCHED = new HashMap<>();

  private static WasmModule patched(String marker, int n) {
    return PATCHED.computeIfAbsent(
        marker + n,
        any -> {
          byte[] wasm = fixture("signer-faulty");
          int at = new String(wasm, StandardCharsets.ISO_8859_1).indexOf(marker);
          ByteBuffer.wrap(wasm).order(ByteOrder.LITTLE_ENDIAN).putInt(at + marker.length(), n);
          return load(wasm);
        });
  }

  /** Counts the instances that end, and those that end with a secret as a thousand. */
  private static Watched watched(IntFunction<WasmModule> modules, int[] ended) {
    return new Watched(
        modules,
        guest -> {
          byte[] memory = guest.read(0, (int) guest.memoryLength());
          boolean clean =
              Stream.of(SEED, OTHER_SEED).noneMatch(seed -> SecretsTest.hasPartOf(memory, seed));
          ended[0] += clean ? 1 : 1000;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {TRAP, FAIL})
  void whateverACallEndsInTheStateIsTheDocumentedOne(String marker) {
    Set<String> failures =
        marker.equals(TRAP)
            ? Set.of("TRAPPED")
            : Set.of("SELF_TEST_FAILED", "OUT_OF_MEMORY", "TRAPPED"); // sign() has no status
    for (int n = 1; n <= MOST_CALLS; n++) {
      for (var method : METHODS.entrySet()) {
        String what = marker + n + ", " + method.getKey();
        int[] ended = new int[1];
        int at = n;
        var module = watched(any -> patched(marker, at), ended);
        boolean starts = n > CALLS_TO_START;
        String made = endOf(() -> new Signer(module, KEYPAIR).close());
        assertEquals(starts, made.equals("OK"), what);
        assertTrue(starts || failures.contains(made), what);
        if (starts) {
          var signer = new Signer(module, KEYPAIR);
          String end = endOf(() -> method.getValue().accept(signer));
          assertState(what, method.getKey(), end, signer, failures);
          byte[] held = signer.held();
          signer.close();
          assertArrayEquals(new byte[64], held, what);
        }
        assertEquals(module.made(), ended[0], what);
      }
    }
  }

  private static void assertState(
      String what, String method, String end, Signer signer, Set<String> failures) {
    if (method.equals("close")) {
      assertEquals("OK", end, what);
      assertTrue(signer.isClosed(), what);
      return;
    }
    assertFalse(signer.isClosed(), what);
    boolean refused =
        method.equals("loadKey of the wrong length") || method.equals("loadKey of null");
    boolean loaded = method.equals("loadKey") && end.equals("OK");
    assertTrue(
        end.equals(refused ? method.endsWith("null") ? "null" : "KEY_LENGTH" : "OK")
            || failures.contains(end),
        what + " ended in " + end);
    boolean holds = loaded || !(method.startsWith("loadKey") || method.equals("wipe"));
    assertEquals(holds, signer.holdsKey(), what);
    byte[] expected = !holds ? new byte[64] : loaded ? OTHER_KEYPAIR : KEYPAIR;
    assertArrayEquals(expected, signer.held(), what);

    Guest guest = signer.guest();
    assertArrayEquals(expected, guest.read(HELD, 64), what);
    assertArrayEquals(new byte[64], guest.read(KEY_BUFFER, 64), what);
    assertArrayEquals(new byte[64], guest.read(STACK, 64), what);
  }

  @ParameterizedTest
  @CsvSource({TRAP + ", 1", TRAP + ", 2", TRAP + ", 3", TRAP + ", 4", FAIL + ", 3", FAIL + ", 4"})
  void aSignerThatCannotBeRestoredIsClosedForGood(String second, int failsAt) {
    int closed = 0;
    for (String first : List.of(TRAP, FAIL)) {
      for (int n = CALLS_TO_START + 1; n <= 10; n++) {
        for (var method : METHODS.entrySet()) {
          String what = first + n + ", then " + second + failsAt + ", " + method.getKey();
          int[] ended = new int[1];
          int at = n;
          var module =
              watched(made -> made == 0 ? patched(first, at) : patched(second, failsAt), ended);
          var signer =
              new Signer(
                  module,
                  KEYPAIR,
                  BatchModules.load(any -> patched(TRAP, NEVER), List.of(new byte[0])));
          signer.signMany("a", "b");
          byte[] held = signer.held();
          Signer batch = signer.batchSigner();
          String end = endOf(() -> method.getValue().accept(signer));
          if (signer.isClosed() && !method.getKey().equals("close")) {
            closed++;
            assertTrue(
                first.equals(FAIL) || Set.of("TRAPPED", "null").contains(end), what + " " + end);
            assertEquals("CLOSED", endOf(() -> signer.sign("hello")), what);
            assertEquals("CLOSED", endOf(() -> signer.loadKey(KEYPAIR)), what);
            assertTrue(batch.isClosed(), what);
            assertNull(signer.batchSigner(), what);
            assertArrayEquals(new byte[64], held, what);
            assertArrayEquals(new byte[64], batch.held(), what);
            assertEquals(module.made(), ended[0], what + ": before anybody closed it");
          }
          signer.close();
          assertEquals(module.made(), ended[0], what);
        }
      }
    }
    assertTrue(closed > 20, "most calls failed, and not " + closed);
  }

  @ParameterizedTest
  @ValueSource(strings = {TRAP, FAIL})
  void aBatchSignerThatFailsLeavesNothingAndTheMainModuleGoesOn(String marker) {
    for (int n = 1; n <= MOST_CALLS; n++) {
      for (boolean restorable : new boolean[] {true, false}) {
        String what = marker + n + (restorable ? "" : ", not to be restored");
        int at = n;
        int[] ended = new int[1];
        var module =
            watched(
                made -> made == 0 || restorable ? patched(marker, at) : patched(TRAP, 1), ended);
        var signer =
            new Signer(
                patched(TRAP, NEVER),
                KEYPAIR,
                BatchModules.load(any -> module, List.of(new byte[0])));
        for (int round = 0; round < 8; round++) {
          Signer before = signer.batchSigner();
          String end = endOf(() -> signer.signMany("hello", "hello"));
          assertTrue(
              Set.of("OK", "TRAPPED", "SELF_TEST_FAILED", "OUT_OF_MEMORY").contains(end), what);
          assertEquals("OK", endOf(() -> signer.sign("hello")), what);
          if (!restorable && end.equals("TRAPPED") && before != null) {
            assertTrue(before.isClosed(), what);
            assertNull(signer.batchSigner(), what + ": a closed one is dropped");
            assertEquals("OK", endOf(() -> signer.signMany("hello", "hello")), what);
          }
        }
        for (var last : List.<Consumer<Signer>>of(s -> s.loadKey(OTHER_SEED), Signer::wipe)) {
          String end = endOf(() -> last.accept(signer));
          assertTrue(Set.of("OK", "KEY_LENGTH", "TRAPPED").contains(end), what + end);
          assertFalse(signer.holdsKey(), what);
          assertFalse(SecretsTest.hasPartOf(signer.guest().read(0, 65536), SEED), what);
          Signer batch = signer.batchSigner();
          assertTrue(batch == null || Arrays.equals(new byte[64], batch.held()), what);
        }
        signer.close();
        assertEquals(module.made(), ended[0], what);
      }
    }
  }

  @Test
  void anErrorOfTheHostInTheMiddleOfACallIsAsATrap() {
    for (var error :
        List.of(
            new IllegalStateException("odd"), new StackOverflowError(), new OutOfMemoryError())) {
      for (String method : List.of("derivePublicKey", "signWith", "loadKey")) {
        boolean loads = method.equals("loadKey");
        String export =
            loads ? "load_key" : method.equals("signWith") ? "sign" : "derive_public_key";
        int[] ended = new int[1];
        var module = watched(any -> patched(TRAP, NEVER), ended);
        var signer = new Signer(module, KEYPAIR);
        boolean[] armed = {true};
        module.atCall(
            name -> {
              if (name.equals(export) && armed[0]) {
                armed[0] = false;
                FaultySignerTest.<RuntimeException>raise(error);
              }
            });
        Throwable thrown = null;
        try {
          METHODS.get(method).accept(signer);
        } catch (RuntimeException | Error seen) {
          thrown = seen;
        }
        assertEquals(error, thrown);
        assertEquals(1, ended[0], "the instance was cleared and ended");
        assertEquals(!loads, signer.holdsKey());
        assertArrayEquals(loads ? new byte[64] : KEYPAIR, signer.held());
        assertFalse(
            SecretsTest.hasPartOf(signer.guest().read(0, 65536), OTHER_SEED), "in the new one");
        signer.close();
      }
    }
  }

  @Test
  void atTheEndOfTheStackNothingIsLeftEither() throws Exception {
    int[] ended = new int[1];
    var module = watched(any -> patched(TRAP, NEVER), ended);
    var signer = new Signer(module, KEYPAIR);
    byte[] message = new byte[5];
    Runnable[] calls = {
      () -> signer.signWith(OTHER_KEYPAIR, message),
      () -> signer.derivePublicKey(OTHER_SEED),
      () -> signer.loadKey(KEYPAIR),
      () -> signer.sign(message)
    };
    for (Runnable call : calls) { // at the end of a stack the JVM cannot link what was not before
      call.run();
    }
    int[] endings = new int[2];
    var diver = new Thread(null, () -> dive(calls, new int[1], endings), "diver", 1 << 20);
    diver.start();
    diver.join();
    assertTrue(endings[0] > 0 && endings[1] > 0, "well, and not: " + Arrays.toString(endings));
    if (!signer.isClosed()) {
      signer.loadKey(KEYPAIR);
      assertEquals("OK", endOf(() -> signer.sign("hello")));
    }
    signer.close();
    assertArrayEquals(new byte[64], signer.held());
    assertEquals(module.made(), ended[0]);
  }

  /** Calls from the very end of the stack, and then from ever farther before it. */
  private static void dive(Runnable[] calls, int[] count, int[] endings) {
    try {
      if (count[0] == 0) {
        dive(calls, count, endings);
      }
    } catch (StackOverflowError end) {
      // Here it begins.
    }
    if (count[0] < 400) {
      try {
        calls[count[0]++ % calls.length].run();
        endings[0]++;
      } catch (SignerException | StackOverflowError refused) {
        endings[1]++;
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void raise(Throwable error) throws T {
    throw (T) error;
  }
}
