package everyhost.signer;

import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.Jdk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A signer does one thing at a time: any other call is refused at once, and changes nothing. */
class InUseTest {
  /** Calls everything in the middle of a call, and says what each ended in. */
  private static Map<String, String> callsWithinACall(boolean onAnotherThread) {
    Map<String, String> ends = Collections.synchronizedMap(new TreeMap<>());
    var module = new Watched(built("signer-raw"), guest -> {});
    try (var signer = new Signer(module, KEYPAIR)) {
      module.atCall(
          export -> {
            if (export.equals("sign_loaded")) {
              Runnable calls =
                  () ->
                      METHODS.forEach(
                          (name, method) -> ends.put(name, endOf(() -> method.accept(signer))));
              if (onAnotherThread) {
                var thread = new Thread(calls);
                thread.start();
                join(thread);
              } else {
                calls.run();
              }
              ends.put("text", signer.toString());
            }
          });
      assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"), "the call itself is not disturbed");
      module.atCall(export -> {});
      assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"), "and the key is still held");
      assertArrayEquals(PUBLIC_KEY, signer.publicKey());
      assertEquals(1, module.made());
    }
    return ends;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException error) {
      throw new AssertionError(error);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallWithinACallIsToldAndChangesNothing(boolean onAnotherThread) {
    Map<String, String> expected = new TreeMap<>();
    METHODS.keySet().forEach(name -> expected.put(name, "IN_USE"));
    expected.put("toString", "OK");
    expected.put("text", "Signer[in use]");
    assertEquals(expected, callsWithinACall(onAnotherThread));
  }

  @Test
  void anAdderIsGuardedToo() {
    List<String> ends = new ArrayList<>();
    var module = new Watched(built("add-raw"), guest -> {});
    try (var adder = new Adder(module)) {
      module.atCall(
          export -> {
            ends.add(endOf(() -> adder.divide(1, 1)));
            ends.add(endOf(adder::close));
          });
      assertEquals(5, adder.add(2, 3));
      assertEquals(List.of("IN_USE", "IN_USE"), ends);
    }
  }

  /** For a second; EVERYHOST_THREADS_SECONDS says for how long. */
  @Test
  void twoThreadsOnOneSignerGetTheirOwnSignaturesOrAreTold() {
    String seconds = System.getenv("EVERYHOST_THREADS_SECONDS");
    long nanos = TimeUnit.SECONDS.toNanos(seconds == null ? 1 : Long.parseLong(seconds));
    var ends = new ConcurrentHashMap<String, Integer>();
    try (var signer = newSigner()) {
      long end = System.nanoTime() + nanos;
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        byte[] message = new byte[50 * (i + 1)];
        byte[] expected = Jdk.sign(SEED, message);
        Runnable signing =
            () -> {
              for (int n = 0; n < 20 || System.nanoTime() < end; n++) {
                String what;
                try {
                  byte[] signature =
                      n % 2 == 0
                          ? signer.sign(message)
                          : signer.signMany(List.of(message, message)).get(1);
                  what = java.util.Arrays.equals(expected, signature) ? "right" : "WRONG";
                } catch (SignerException error) {
                  what = error.code().name();
                }
                ends.merge(what, 1, Integer::sum);
              }
            };
        threads.add(new Thread(signing));
      }
      threads.forEach(Thread::start);
      threads.forEach(InUseTest::join);
      assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
    }
    if (seconds != null) {
      System.out.printf("two threads for %s s on %s: %s%n", seconds, RUNTIME, ends);
    }
    assertTrue(ends.getOrDefault("right", 0) > 0, ends::toString);
    assertTrue(java.util.Set.of("right", "IN_USE").containsAll(ends.keySet()), ends::toString);
  }
}
