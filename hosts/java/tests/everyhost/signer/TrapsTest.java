package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.ModuleBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Traps, seen from the host: on Wasm no test inside the module can catch one. */
class TrapsTest {
  private static final ModuleBuilder TRAPS_AT_START =
      new ModuleBuilder().function("boom", "", "", unreachable()).start();

  private static void assertTraps(Executable call) {
    var error = assertThrows(SignerException.class, call);
    assertEquals(Code.TRAPPED, error.code());
    assertInstanceOf(GuestTrap.class, error.getCause(), "what the runtime said is kept for people");
  }

  @Test
  void afterATrapTheSignerHasANewInstanceAndItsKey() {
    try (var signer = newSigner()) {
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
    try (var signer = new Signer(built("signer-raw"))) {
      assertTraps(() -> signer.signWith(MISMATCHED, "hello"));
      assertCode(Code.NO_KEY, () -> signer.sign("hello"));
      assertArrayEquals(HELLO_SIGNATURE, signer.signWith(KEYPAIR, "hello"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sign_loaded, sign",
    "sign_batch, signMany of one",
    "verify, verify",
    "derive_public_key, derivePublicKey",
    "wipe, wipe"
  })
  void aTrapAnywhereIsReportedAndSurvived(String export, String method) {
    try (var signer = new Signer(fake(export, unreachable()), KEYPAIR)) {
      assertTraps(() -> METHODS.get(method).accept(signer));
      if (export.equals("wipe")) {
        assertCode(Code.NO_KEY, signer::publicKey);
      } else {
        assertArrayEquals(PUBLIC_KEY, signer.publicKey());
      }
    }
  }

  @Test
  void closingSucceedsEvenWhereTheWipeTraps() {
    var signer = new Signer(fake("wipe", unreachable()), KEYPAIR);
    byte[] held = signer.held();
    signer.close();
    assertArrayEquals(new byte[64], held);
    assertCode(Code.CLOSED, () -> signer.sign("hello"));
  }

  @Test
  void aLoadKeyThatTrapsLeavesNoKey() {
    WasmModule module = fake("load_key", unreachable());
    assertTraps(() -> new Signer(module, KEYPAIR).close());
    try (var signer = new Signer(module)) {
      assertTraps(() -> signer.loadKey(KEYPAIR));
      assertCode(Code.NO_KEY, () -> signer.sign("hello"));
    }
  }

  @Test
  void whereNoNewInstanceTakesTheKeyTheSignerIsClosed() {
    WasmModule trapping = fake("sign_loaded", unreachable());
    for (WasmModule then :
        List.of(
            fake("load_key", unreachable()),
            fake("load_key", i32(3)),
            fake("abi_version", unreachable()),
            fake("abi_version", i32(2)),
            load(TRAPS_AT_START.build()))) {
      var module = new Watched(made -> made == 0 ? trapping : then, guest -> {});
      try (var signer = new Signer(module, KEYPAIR)) {
        byte[] held = signer.held();
        assertTraps(() -> signer.sign("hello"));
        assertCode(Code.CLOSED, () -> signer.sign("hello"));
        assertCode(Code.CLOSED, () -> signer.loadKey(KEYPAIR));
        assertArrayEquals(new byte[64], held);
      }
    }
  }

  @Test
  void anAdderThatCannotBeReplacedIsClosed() {
    WasmModule broken = load(TRAPS_AT_START.build());
    WasmModule good = built("add-raw");
    try (var adder = new Adder(new Watched(made -> made == 0 ? good : broken, guest -> {}))) {
      for (Code code : List.of(Code.TRAPPED, Code.CLOSED)) {
        assertCode(code, () -> adder.divide(1, 0));
      }
    }
  }

  @Test
  void anInterruptedThreadCanStillSign() {
    try (var signer = newSigner()) {
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
    try (var adder = new Adder(built("add-raw"))) {
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
    try (var adder = new Adder(built("add-raw"))) {
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
      assertCode(Code.CLOSED, () -> adder.add(1, 1));
      assertCode(Code.CLOSED, () -> adder.divide(1, 1));
    }
    var error =
        assertThrows(IllegalArgumentException.class, () -> new Adder(built("signer-raw")).close());
    assertEquals(
        "not an adder module: it does not export add_numbers, divide_numbers", error.getMessage());
  }
}
