package everyhost.signer;

import static everyhost.Modules.HELLO_SIGNATURE;
import static everyhost.Modules.KEYPAIR;
import static everyhost.Modules.PUBLIC_KEY;
import static everyhost.Modules.SEED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import everyhost.Jdk;
import everyhost.Modules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A signer does one thing at a time: whoever else comes is told at once, and changes nothing. */
class InUseTest {
  private static final Map<String, Consumer<Signer>> METHODS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("publicKey", Signer::publicKey),
              Map.entry("batchModule", Signer::batchModule),
              Map.entry("sign", signer -> signer.sign("x")),
              Map.entry("signMany", signer -> signer.signMany("x", "y")),
              Map.entry("signMany of none", signer -> signer.signMany(List.of())),
              Map.entry("signWith", signer -> signer.signWith(KEYPAIR, "x")),
              Map.entry("derivePublicKey", signer -> signer.derivePublicKey(SEED)),
              Map.entry("verify", signer -> signer.verify(PUBLIC_KEY, "x", HELLO_SIGNATURE)),
              Map.entry(
                  "verifyStrict", signer -> signer.verifyStrict(PUBLIC_KEY, "x", HELLO_SIGNATURE)),
              Map.entry("loadKey", signer -> signer.loadKey(Jdk.keypair(new byte[32]))),
              Map.entry("loadKey of null", signer -> signer.loadKey(null)),
              Map.entry("wipe", Signer::wipe),
              Map.entry("close", Signer::close)));

  /** Calls everything in the middle of a call, and says what each ended in. */
  private static Map<String, String> callsWithinACall(boolean onAnotherThread) {
    Map<String, String> ends = Collections.synchronizedMap(new TreeMap<>());
    var module = new Watched(Modules.built("signer-raw"), guest -> {});
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
              ends.put("toString", signer.toString());
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

  private static String endOf(Runnable call) {
    try {
      call.run();
      return "OK";
    } catch (SignerException error) {
      return error.code().name();
    }
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
    expected.put("toString", "Signer[in use]");
    assertEquals(expected, callsWithinACall(onAnotherThread));
  }

  @Test
  void anAdderIsGuardedToo() {
    List<String> ends = new ArrayList<>();
    var module = new Watched(Modules.built("add-raw"), guest -> {});
    try (var adder = new Adder(module)) {
      module.atCall(
          export -> {
            for (Runnable call : List.<Runnable>of(() -> adder.divide(1, 1), adder::close)) {
              try {
                call.run();
                ends.add("OK");
              } catch (AdderException error) {
                ends.add(error.code().name());
              }
            }
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
    try (var signer = new Signer(Modules.built("signer-raw"), KEYPAIR)) {
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
      System.out.printf("two threads for %s s on %s: %s%n", seconds, Modules.RUNTIME, ends);
    }
    assertTrue(ends.getOrDefault("right", 0) > 0, ends::toString);
    assertTrue(java.util.Set.of("right", "IN_USE").containsAll(ends.keySet()), ends::toString);
  }
}
