package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.Jdk;
import everyhost.ModuleBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the vectors leave to be shown of the wrapper: they ask for signatures and refusals. */
class SignerTest extends SignerFixture {
  private static final int MIB = 1024 * 1024;
  private static final byte[] TOO_LONG = new byte[16 * MIB + 1];

  @Test
  void signsHelloAsTheBookDoes() {
    assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
    assertArrayEquals(HELLO_SIGNATURE, signer.signWith(KEYPAIR, "hello"));
    assertArrayEquals(HELLO_SIGNATURE, signer.signMany("hello").get(0));
    assertArrayEquals(PUBLIC_KEY, signer.publicKey());
    assertArrayEquals(PUBLIC_KEY, signer.derivePublicKey(SEED));
  }

  @Test
  void signersOfOneModuleAreApart() {
    byte[] other = Jdk.keypair(new byte[32]);
    byte[] expected = Jdk.sign(new byte[32], utf8("hello"));
    try (var two = new Signer(built("signer-raw"), other)) {
      assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
      assertArrayEquals(expected, two.sign("hello"));
      signer.wipe();
      assertArrayEquals(expected, two.sign("hello"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "grüß dich", "שלום", "\uD83D\uDE00\0"})
  void textIsSignedAsUtf8(String text) {
    byte[] expected = Jdk.sign(SEED, utf8(text));
    assertArrayEquals(expected, signer.sign(text));
    assertArrayEquals(expected, signer.signWith(KEYPAIR, text));
    assertArrayEquals(expected, signer.signMany(text).get(0));
    assertTrue(signer.verify(PUBLIC_KEY, text, expected));
    assertTrue(signer.verifyStrict(PUBLIC_KEY, text, expected));
  }

  @Test
  void halfOfASurrogatePairIsNotSignedAsAQuestionMark() {
    assertThrows(IllegalArgumentException.class, () -> signer.sign("\uD83D"));
    assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
  }

  @Test
  void theKeyIsLookedAtFirstThenTheMessageThenTheSignature() {
    assertCode(Code.KEY_LENGTH, () -> signer.signWith(new byte[1], TOO_LONG));
    assertCode(Code.MESSAGE_TOO_LARGE, () -> signer.signWith(MISMATCHED, TOO_LONG));
    assertCode(Code.PUBLIC_KEY_LENGTH, () -> signer.verify(new byte[1], TOO_LONG, new byte[0]));
    assertCode(Code.MESSAGE_TOO_LARGE, () -> signer.verify(PUBLIC_KEY, TOO_LONG, new byte[0]));
    assertCode(Code.MESSAGE_TOO_LARGE, () -> signer.sign(TOO_LONG));
    assertCode(Code.MESSAGE_TOO_LARGE, () -> signer.signMany(List.of(new byte[1], TOO_LONG)));
    signer.wipe();
    assertCode(Code.NO_KEY, () -> signer.sign(TOO_LONG));
    assertCode(Code.NO_KEY, () -> signer.signMany(List.of(TOO_LONG)));
  }

  @Test
  void withoutAKeyItVerifiesAndDerives() {
    try (var keyless = new Signer(built("signer-raw"))) {
      assertTrue(keyless.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE));
      assertArrayEquals(PUBLIC_KEY, keyless.derivePublicKey(SEED));
      assertArrayEquals(HELLO_SIGNATURE, keyless.signWith(KEYPAIR, "hello"));
      assertCode(Code.NO_KEY, () -> keyless.sign("hello"));
      assertCode(Code.NO_KEY, () -> keyless.signMany(List.of()));
      assertCode(Code.NO_KEY, keyless::publicKey);
      keyless.loadKey(KEYPAIR);
      assertArrayEquals(HELLO_SIGNATURE, keyless.sign("hello"));
    }
  }

  @Test
  void afterARefusedKeyNoneIsHeld() throws GuestTrap {
    for (byte[] refused : List.of(new byte[0], Arrays.copyOf(KEYPAIR, 63), MISMATCHED)) {
      signer.loadKey(KEYPAIR);
      assertCode(
          refused.length == 64 ? Code.KEY_PAIR_MISMATCH : Code.KEY_LENGTH,
          () -> signer.loadKey(refused));
      assertCode(Code.NO_KEY, () -> signer.sign("hello"));
      assertCode(Code.NO_KEY, signer::publicKey);
      signer.guest().call("allocate_message", 0);
      assertEquals(2, signer.guest().call("sign_loaded"), "the module itself holds no key either");
    }
  }

  @Test
  void aKeyOfNullIsAFailureToo() throws GuestTrap {
    assertThrows(NullPointerException.class, () -> signer.loadKey(null));
    assertCode(Code.NO_KEY, () -> signer.sign("hello"));
    signer.guest().call("allocate_message", 0);
    assertEquals(2, signer.guest().call("sign_loaded"), "the module itself holds no key either");
    signer.loadKey(KEYPAIR);
    assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
  }

  @Test
  void nullIsRefusedBeforeAnythingIsDone() {
    byte[] none = null;
    Guest before = signer.guest();
    for (Executable call :
        List.<Executable>of(
            () -> signer.sign(none),
            () -> signer.sign((String) null),
            () -> signer.signMany((List<byte[]>) null),
            () -> signer.signMany(Arrays.asList(new byte[1], none)),
            () -> signer.signWith(none, "hello"),
            () -> signer.signWith(KEYPAIR, none),
            () -> signer.derivePublicKey(none),
            () -> signer.verify(none, "hello", HELLO_SIGNATURE),
            () -> signer.verify(PUBLIC_KEY, none, HELLO_SIGNATURE),
            () -> signer.verify(PUBLIC_KEY, "hello", none))) {
      assertThrows(NullPointerException.class, call);
    }
    assertSame(before, signer.guest());
    assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
  }

  @Test
  void whatTheModuleDoesNotExportIsToldAndNoTrap() {
    try (var lanes =
        new Signer(load(fakeSigner(Map.of(), "verify", "verify_strict", "sign_batch")), KEYPAIR)) {
      Guest before = lanes.guest();
      assertCode(Code.NO_EXPORT, () -> lanes.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE));
      assertCode(Code.NO_EXPORT, () -> lanes.verifyStrict(PUBLIC_KEY, "hello", HELLO_SIGNATURE));
      assertCode(Code.NO_EXPORT, () -> lanes.signMany("hello"));
      assertEquals(List.of(), lanes.signMany(List.of()));
      assertSame(before, lanes.guest());
      lanes.wipe();
      assertCode(Code.NO_KEY, () -> lanes.signMany(List.of()));
    }
  }

  @Test
  void anArrayThatIsKeyAndMessageIsReadTwice() {
    assertArrayEquals(Jdk.sign(SEED, KEYPAIR), signer.signWith(KEYPAIR, KEYPAIR));
  }

  @Test
  void otherCallsLeaveTheHeldKey() {
    byte[] other = Jdk.keypair(new byte[32]);
    signer.signWith(other, "hello");
    signer.derivePublicKey(new byte[32]);
    signer.verify(Jdk.publicKey(new byte[32]), "hello", HELLO_SIGNATURE);
    assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
    assertArrayEquals(PUBLIC_KEY, signer.publicKey());
  }

  @Test
  void aClosedSignerRefusesEverythingButClosing() {
    signer.close();
    signer.close();
    METHODS.forEach(
        (name, method) -> {
          boolean answers = Set.of("batchModule", "toString", "close").contains(name);
          assertEquals(answers ? "OK" : "CLOSED", endOf(() -> method.accept(signer)), name);
        });
  }

  @Test
  void itsTextShowsNoSecret() {
    assertEquals("Signer[publicKey=" + hex(PUBLIC_KEY) + "]", signer.toString());
    signer.wipe();
    assertEquals("Signer[publicKey=none]", signer.toString());
    signer.close();
    assertEquals("Signer[closed]", signer.toString());
  }

  @Test
  void errorsSayWhatToDo() {
    signer.close();
    var error = assertThrows(CodedException.class, signer::wipe);
    assertEquals("CLOSED: this object was closed; make a new one", error.getMessage());
    assertEquals(24, Code.values().length);
  }

  @Test
  void whatIsNoSignerIsRefusedWithTheReason() {
    assertMessage("(not a Wasm module|cannot load this module)", () -> load(utf8("(module)")));
    assertMessage("cannot (read|load) this module", () -> load(utf8("\0asmgarbage")));
    assertMessage("does not export .*load_key", () -> new Signer(built("add-raw")).close());
    byte[] importing = new ModuleBuilder().importsMemory().build();
    assertMessage("needs imports.*env\\.memory", () -> load(importing).instantiate());
    assertMessage(
        "ABI has version 2, this wrapper is for version 1",
        () -> new Signer(fake("abi_version", i32(2))).close());
  }

  @Test
  void aModuleThatBreaksItsContractIsNotBelieved() {
    try (var odd = new Signer(fake("sign_loaded", i32(99)), KEYPAIR)) {
      var error = assertThrows(IllegalStateException.class, () -> odd.sign("hello"));
      assertEquals("the module returned the unknown status 99", error.getMessage());
    }
    try (var odd = new Signer(fake("get_signature_ptr", i32(65500)), KEYPAIR)) {
      assertThrows(IndexOutOfBoundsException.class, () -> odd.sign("hello"));
    }
    // allocate_message says that there is no room: nothing is written, and the status says why.
    byte[] noRoom = fakeSigner(Map.of("allocate_message", i32(0), "sign_loaded", i32(6)));
    try (var odd = new Signer(load(noRoom), KEYPAIR)) {
      assertCode(Code.OUT_OF_MEMORY, () -> odd.sign("hello"));
      assertCode(Code.OUT_OF_MEMORY, () -> odd.signWith(KEYPAIR, "hello"));
    }
  }

  @Test
  void aModuleHasTheHashOfItsBytes() throws Exception {
    var digest = java.security.MessageDigest.getInstance("SHA-256");
    assertEquals(hex(digest.digest(bytes("signer-raw"))), built("signer-raw").sha256());
  }

  @Test
  void theSimdBuildSignsTheSameOrIsRefused() {
    if (isGraalWasm()) {
      try (var simd = new Signer(built("signer-raw-simd"), KEYPAIR)) {
        assertArrayEquals(HELLO_SIGNATURE, simd.sign("hello"));
        assertArrayEquals(HELLO_SIGNATURE, simd.signMany("hello", "hello").get(1));
      }
    } else {
      byte[] wasm = bytes("signer-raw-simd");
      assertMessage("Endive cannot compile this module: .*V128", () -> EndiveModule.compile(wasm));
      assertMessage("Endive has no SIMD here: V128", () -> EndiveModule.interpret(wasm));
    }
  }

  @Test
  void theInterpreterSignsTheSame() {
    try (var slow = new Signer(EndiveModule.interpret(bytes("signer-raw")), KEYPAIR)) {
      assertArrayEquals(HELLO_SIGNATURE, slow.sign("hello"));
      assertCode(Code.TRAPPED, () -> slow.signWith(MISMATCHED, "hello"));
      assertArrayEquals(HELLO_SIGNATURE, slow.signMany("hello").get(0));
      assertTrue(slow.verifyStrict(PUBLIC_KEY, "hello", HELLO_SIGNATURE));
    }
  }

  private static void assertMessage(String pattern, Executable call) {
    var error = assertThrows(IllegalArgumentException.class, call);
    assertTrue(error.getMessage().matches("(?s).*" + pattern + ".*"), error.getMessage());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
