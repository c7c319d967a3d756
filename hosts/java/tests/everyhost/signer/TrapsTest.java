package everyhost.signer;

import static everyhost.Modules.HELLO_SIGNATURE;
import static everyhost.Modules.KEYPAIR;
import static everyhost.Modules.MISMATCHED;
import static everyhost.Modules.PUBLIC_KEY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import everyhost.ModuleBuilder;
import everyhost.Modules;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traps, seen from the host: on Wasm no test inside the module can catch one. */
class TrapsTest {
  private static void assertTraps(Executable call) {
    var error = assertThrows(SignerException.class, call);
    assertEquals(Code.TRAPPED, error.code());
    assertInstanceOf(GuestTrap.class, error.getCause(), "what the runtime said is kept for people");
  }

  @Test
  void afterATrapTheSignerHasANewInstanceAndItsKey() {
    try (var signer = new Signer(Modules.built("signer-raw"), KEYPAIR)) {
      for (int i = 0; i < 3; i++) {
        Guest before = signer.guest();
        assertTraps(() -> signer.signWith(MISMATCHED, "hello"));
        assertNotSame(before, signer.guest());
        assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
        assertArrayEquals(HELLO_SIGNATURE, signer.signMany("hello", "hello").get(1));
        assertArrayEquals(PUBLIC_KEY, signer.publicKey());
      }
    }
  }

  @Test
  void aTrapWithoutAHeldKeyLeavesNone() {
    try (var signer = new Signer(Modules.built("signer-raw"))) {
      assertTraps(() -> signer.signWith(MISMATCHED, "hello"));
      assertEquals(Code.NO_KEY, SignerTest.codeOf(() -> signer.sign("hello")));
      assertArrayEquals(HELLO_SIGNATURE, signer.signWith(KEYPAIR, "hello"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sign_loaded", "sign_batch", "verify", "derive_public_key", "wipe"})
  void aTrapAnywhereIsReportedAndSurvived(String export) {
    Map<String, Consumer<Signer>> calls =
        Map.of(
            "sign_loaded", signer -> signer.sign("hello"),
            "sign_batch", signer -> signer.signMany("hello"),
            "verify", signer -> signer.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE),
            "derive_public_key", signer -> signer.derivePublicKey(new byte[32]),
            "wipe", Signer::wipe);
    try (var signer = new Signer(Modules.fake(export, ModuleBuilder.unreachable()), KEYPAIR)) {
      assertTraps(() -> calls.get(export).accept(signer));
      if (export.equals("wipe")) {
        assertEquals(Code.NO_KEY, SignerTest.codeOf(signer::publicKey));
      } else {
        assertArrayEquals(PUBLIC_KEY, signer.publicKey());
      }
    }
  }

  @Test
  void closingSucceedsEvenWhereTheWipeTraps() {
    var signer = new Signer(Modules.fake("wipe", ModuleBuilder.unreachable()), KEYPAIR);
    byte[] held = signer.held();
    signer.close();
    assertArrayEquals(new byte[64], held);
    assertEquals(Code.CLOSED, SignerTest.codeOf(() -> signer.sign("hello")));
  }

  @Test
  void aLoadKeyThatTrapsLeavesNoKey() {
    WasmModule module = Modules.fake("load_key", ModuleBuilder.unreachable());
    assertTraps(() -> new Signer(module, KEYPAIR).close());
    try (var signer = new Signer(module)) {
      assertTraps(() -> signer.loadKey(KEYPAIR));
      assertEquals(Code.NO_KEY, SignerTest.codeOf(() -> signer.sign("hello")));
    }
  }

  @Test
  void whereNoNewInstanceTakesTheKeyTheSignerIsClosed() {
    WasmModule trapping = Modules.fake("sign_loaded", ModuleBuilder.unreachable());
    for (WasmModule then :
        List.of(
            Modules.fake("load_key", ModuleBuilder.unreachable()),
            Modules.fake("load_key", ModuleBuilder.i32(3)),
            Modules.fake("abi_version", ModuleBuilder.unreachable()),
            Modules.fake("abi_version", ModuleBuilder.i32(2)),
            Modules.load(
                new ModuleBuilder()
                    .function("boom", "", "", ModuleBuilder.unreachable())
                    .start()
                    .build()))) {
      var module = new Watched(made -> made == 0 ? trapping : then, guest -> {});
      try (var signer = new Signer(module, KEYPAIR)) {
        byte[] held = signer.held();
        assertTraps(() -> signer.sign("hello"));
        assertEquals(Code.CLOSED, SignerTest.codeOf(() -> signer.sign("hello")));
        assertEquals(Code.CLOSED, SignerTest.codeOf(() -> signer.loadKey(KEYPAIR)));
        assertArrayEquals(new byte[64], held);
      }
    }
  }

  @Test
  void anAdderThatCannotBeReplacedIsClosed() {
    WasmModule broken =
        Modules.load(
            new ModuleBuilder()
                .function("boom", "", "", ModuleBuilder.unreachable())
                .start()
                .build());
    WasmModule good = Modules.built("add-raw");
    try (var adder = new Adder(new Watched(made -> made == 0 ? good : broken, guest -> {}))) {
      for (Code code : List.of(Code.TRAPPED, Code.CLOSED)) {
        assertEquals(code, assertThrows(AdderException.class, () -> adder.divide(1, 0)).code());
      }
    }
  }

  @Test
  void anInterruptedThreadCanStillSign() {
    try (var signer = new Signer(Modules.built("signer-raw"), KEYPAIR)) {
      Thread.currentThread().interrupt();
      try {
        assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
      } finally {
        assertTrue(Thread.interrupted(), "it is still told of it");
      }
    }
  }

  @Test
  void dividingTrapsWhereCLeavesItUndefined() {
    try (var adder = new Adder(Modules.built("add-raw"))) {
      int min = Integer.MIN_VALUE;
      for (int[] pair : new int[][] {{1, 0}, {0, 0}, {min, 0}, {min, -1}}) {
        var error = assertThrows(AdderException.class, () -> adder.divide(pair[0], pair[1]));
        assertEquals(Code.TRAPPED, error.code());
        assertInstanceOf(GuestTrap.class, error.getCause());
        assertEquals(-3, adder.divide(-7, 2));
        assertEquals(5, adder.add(2, 3));
      }
    }
  }

  @Test
  @SuppressWarnings("try") // closing twice is what is tested
  void addingWrapsDividingTruncatesAndAClosedAdderRefuses() {
    var random = new java.util.Random(1);
    try (var adder = new Adder(Modules.built("add-raw"))) {
      for (int i = 0; i < 1000; i++) {
        int a = random.nextInt() >> random.nextInt(32);
        int b = random.nextInt() >> random.nextInt(32);
        assertEquals(a + b, adder.add(a, b));
        if (b != 0 && (a != Integer.MIN_VALUE || b != -1)) {
          assertEquals(a / b, adder.divide(a, b));
        }
      }
      adder.close();
      adder.close();
      assertEquals(Code.CLOSED, assertThrows(AdderException.class, () -> adder.add(1, 1)).code());
      assertEquals(
          Code.CLOSED, assertThrows(AdderException.class, () -> adder.divide(1, 1)).code());
    }
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> new Adder(Modules.built("signer-raw")).close());
    assertEquals(
        "not an adder module: it does not export add_numbers, divide_numbers", error.getMessage());
  }
}
