package everyhost.signer;

import static everyhost.Modules.HELLO_SIGNATURE;
import static everyhost.Modules.KEYPAIR;
import static everyhost.Modules.MISMATCHED;
import static everyhost.Modules.PUBLIC_KEY;
import static everyhost.Modules.SEED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import everyhost.Jdk;
import everyhost.ModuleBuilder;
import everyhost.Modules;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wrapper: what it answers, what it refuses, and in which order it looks. */
class SignerTest {
  private static final int MIB = 1024 * 1024;
  private static final byte[] TOO_LONG = new byte[16 * MIB + 1];

  private Signer signer;

  @BeforeEach
  void open() {
    signer = new Signer(Modules.built("signer-raw"), KEYPAIR);
  }

  @AfterEach
  void close() {
    signer.close();
  }

  static Code codeOf(Executable call) {
    return assertThrows(SignerException.class, call).code();
  }

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
    try (var two = new Signer(Modules.built("signer-raw"), other)) {
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

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32, 63, 65, 128})
  void aKeypairOfTheWrongLengthIsRefused(int length) {
    byte[] wrong = Arrays.copyOf(ModuleBuilder.join(KEYPAIR, KEYPAIR), length);
    assertEquals(
        Code.KEY_LENGTH, codeOf(() -> new Signer(Modules.built("signer-raw"), wrong).close()));
    assertEquals(Code.KEY_LENGTH, codeOf(() -> signer.signWith(wrong, "hello")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 33, 64})
  void seedsAndPublicKeysOfTheWrongLengthAreRefused(int length) {
    byte[] wrong = new byte[length];
    assertEquals(Code.KEY_LENGTH, codeOf(() -> signer.derivePublicKey(wrong)));
    assertEquals(
        Code.PUBLIC_KEY_LENGTH, codeOf(() -> signer.verify(wrong, "hello", HELLO_SIGNATURE)));
    assertEquals(
        Code.PUBLIC_KEY_LENGTH, codeOf(() -> signer.verifyStrict(wrong, "hello", HELLO_SIGNATURE)));
  }

  @Test
  void halvesThatDoNotBelongTogetherAreRefused() {
    assertEquals(
        Code.KEY_PAIR_MISMATCH,
        codeOf(() -> new Signer(Modules.built("signer-raw"), MISMATCHED).close()));
  }

  @Test
  void theKeyIsLookedAtFirstThenTheMessageThenTheSignature() {
    assertEquals(Code.KEY_LENGTH, codeOf(() -> signer.signWith(new byte[1], TOO_LONG)));
    assertEquals(Code.MESSAGE_TOO_LARGE, codeOf(() -> signer.signWith(MISMATCHED, TOO_LONG)));
    assertEquals(
        Code.PUBLIC_KEY_LENGTH, codeOf(() -> signer.verify(new byte[1], TOO_LONG, new byte[0])));
    assertEquals(
        Code.MESSAGE_TOO_LARGE, codeOf(() -> signer.verify(PUBLIC_KEY, TOO_LONG, new byte[0])));
    assertEquals(Code.MESSAGE_TOO_LARGE, codeOf(() -> signer.sign(TOO_LONG)));
    assertEquals(
        Code.MESSAGE_TOO_LARGE, codeOf(() -> signer.signMany(List.of(new byte[1], TOO_LONG))));
    signer.wipe();
    assertEquals(Code.NO_KEY, codeOf(() -> signer.sign(TOO_LONG)));
    assertEquals(Code.NO_KEY, codeOf(() -> signer.signMany(List.of(TOO_LONG))));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 4097})
  void anyNumberOfMessagesIsSigned(int count) {
    List<byte[]> messages = IntStream.range(0, count).mapToObj(i -> utf8("message " + i)).toList();
    List<byte[]> signatures = signer.signMany(messages);
    assertEquals(count, signatures.size());
    for (int i = 0; i < count; i += i == 0 || i > count - 3 ? 1 : Math.min(97, count - 2 - i)) {
      assertArrayEquals(Jdk.sign(SEED, messages.get(i)), signatures.get(i), "message " + i);
    }
  }

  @Test
  void batchesOver16MibAreSplit() {
    List<byte[]> messages = List.of(new byte[9 * MIB], new byte[7 * MIB], new byte[1], new byte[0]);
    List<byte[]> signatures = signer.signMany(messages);
    for (int i = 0; i < messages.size(); i++) {
      assertArrayEquals(Jdk.sign(SEED, messages.get(i)), signatures.get(i));
    }
  }

  @Test
  void verifiesWhatWasSignedAndNothingElse() {
    byte[] flipped = HELLO_SIGNATURE.clone();
    flipped[0] ^= 1;
    byte[] noPoint = new byte[32];
    noPoint[0] = 2;
    for (boolean strict : new boolean[] {false, true}) {
      assertTrue(verify(strict, PUBLIC_KEY, "hello", HELLO_SIGNATURE));
      assertFalse(verify(strict, PUBLIC_KEY, "hellp", HELLO_SIGNATURE));
      assertFalse(verify(strict, PUBLIC_KEY, "hello", flipped));
      assertFalse(verify(strict, noPoint, "hello", HELLO_SIGNATURE));
      for (int length : new int[] {0, 63, 65}) {
        assertFalse(verify(strict, PUBLIC_KEY, "hello", Arrays.copyOf(HELLO_SIGNATURE, length)));
      }
    }
  }

  private boolean verify(boolean strict, byte[] key, String message, byte[] signature) {
    return strict
        ? signer.verifyStrict(key, message, signature)
        : signer.verify(key, message, signature);
  }

  @Test
  void strictRefusesAKeyOfSmallOrderThatVerifyTakes() {
    byte[] identity = new byte[32];
    identity[0] = 1;
    byte[] signature =
        Arrays.copyOf(identity, 64); // R is the identity and S is 0: right for every message
    assertTrue(signer.verify(identity, "anything", signature));
    assertFalse(signer.verifyStrict(identity, "anything", signature));
  }

  @Test
  void withoutAKeyItVerifiesAndDerives() {
    try (var keyless = new Signer(Modules.built("signer-raw"))) {
      assertTrue(keyless.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE));
      assertArrayEquals(PUBLIC_KEY, keyless.derivePublicKey(SEED));
      assertArrayEquals(HELLO_SIGNATURE, keyless.signWith(KEYPAIR, "hello"));
      assertEquals(Code.NO_KEY, codeOf(() -> keyless.sign("hello")));
      assertEquals(Code.NO_KEY, codeOf(() -> keyless.signMany(List.of())));
      assertEquals(Code.NO_KEY, codeOf(keyless::publicKey));
      keyless.loadKey(KEYPAIR);
      assertArrayEquals(HELLO_SIGNATURE, keyless.sign("hello"));
    }
  }

  @Test
  void aLoadedKeyReplacesTheHeldOne() {
    signer.loadKey(Jdk.keypair(new byte[32]));
    assertArrayEquals(Jdk.publicKey(new byte[32]), signer.publicKey());
    assertArrayEquals(Jdk.sign(new byte[32], utf8("hello")), signer.sign("hello"));
  }

  @Test
  void afterARefusedKeyNoneIsHeld() throws GuestTrap {
    for (byte[] refused : List.of(new byte[0], Arrays.copyOf(KEYPAIR, 63), MISMATCHED)) {
      signer.loadKey(KEYPAIR);
      Code code = codeOf(() -> signer.loadKey(refused));
      assertEquals(refused.length == 64 ? Code.KEY_PAIR_MISMATCH : Code.KEY_LENGTH, code);
      assertEquals(Code.NO_KEY, codeOf(() -> signer.sign("hello")));
      assertEquals(Code.NO_KEY, codeOf(signer::publicKey));
      signer.guest().call("allocate_message", 0);
      assertEquals(2, signer.guest().call("sign_loaded"), "the module itself holds no key either");
    }
  }

  @Test
  void aKeyOfNullIsAFailureToo() throws GuestTrap {
    assertThrows(NullPointerException.class, () -> signer.loadKey(null));
    assertEquals(Code.NO_KEY, codeOf(() -> signer.sign("hello")));
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
        new Signer(
            Modules.load(Modules.fakeSigner(Map.of(), "verify", "verify_strict", "sign_batch")),
            KEYPAIR)) {
      Guest before = lanes.guest();
      assertEquals(
          Code.NO_EXPORT, codeOf(() -> lanes.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE)));
      assertEquals(
          Code.NO_EXPORT, codeOf(() -> lanes.verifyStrict(PUBLIC_KEY, "hello", HELLO_SIGNATURE)));
      assertEquals(Code.NO_EXPORT, codeOf(() -> lanes.signMany("hello")));
      assertEquals(List.of(), lanes.signMany(List.of()));
      assertSame(before, lanes.guest());
      lanes.wipe();
      assertEquals(Code.NO_KEY, codeOf(() -> lanes.signMany(List.of())));
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
    List<Executable> calls =
        List.of(
            signer::publicKey,
            () -> signer.sign("hello"),
            () -> signer.signMany(List.of()),
            () -> signer.signWith(KEYPAIR, "hello"),
            () -> signer.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE),
            () -> signer.verifyStrict(PUBLIC_KEY, "hello", HELLO_SIGNATURE),
            () -> signer.derivePublicKey(SEED),
            () -> signer.loadKey(KEYPAIR),
            signer::wipe);
    for (Executable call : calls) {
      assertEquals(Code.CLOSED, codeOf(call));
    }
  }

  @Test
  void itsTextShowsNoSecret() {
    assertEquals("Signer[publicKey=" + Modules.hex(PUBLIC_KEY) + "]", signer.toString());
    signer.wipe();
    assertEquals("Signer[publicKey=none]", signer.toString());
    signer.close();
    assertEquals("Signer[closed]", signer.toString());
  }

  @Test
  void errorsSayWhatToDo() {
    signer.close();
    var error = assertThrows(CodedException.class, signer::wipe);
    assertEquals("CLOSED: the signer was closed; make a new one", error.getMessage());
    assertEquals(15, Code.values().length);
  }

  @Test
  void whatIsNoSignerIsRefusedWithTheReason() {
    assertMessage(
        "(not a Wasm module|cannot load this module)", () -> Modules.load(utf8("(module)")));
    assertMessage("cannot (read|load) this module", () -> Modules.load(utf8("\0asmgarbage")));
    assertMessage("does not export .*load_key", () -> new Signer(Modules.built("add-raw")).close());
    byte[] importing = new ModuleBuilder().importsMemory().build();
    assertMessage("needs imports.*env\\.memory", () -> Modules.load(importing).instantiate());
    assertMessage(
        "ABI has version 2, this wrapper is for version 1",
        () -> new Signer(Modules.fake("abi_version", ModuleBuilder.i32(2))).close());
  }

  @Test
  void aModuleThatBreaksItsContractIsNotBelieved() {
    try (var odd = new Signer(Modules.fake("sign_loaded", ModuleBuilder.i32(99)), KEYPAIR)) {
      var error = assertThrows(IllegalStateException.class, () -> odd.sign("hello"));
      assertEquals("the module returned the unknown status 99", error.getMessage());
    }
    try (var odd =
        new Signer(Modules.fake("get_signature_ptr", ModuleBuilder.i32(65500)), KEYPAIR)) {
      assertThrows(IndexOutOfBoundsException.class, () -> odd.sign("hello"));
    }
    // allocate_message says that there is no room: nothing is written, and the status says why.
    byte[] noRoom =
        Modules.fakeSigner(
            Map.of("allocate_message", ModuleBuilder.i32(0), "sign_loaded", ModuleBuilder.i32(6)));
    try (var odd = new Signer(Modules.load(noRoom), KEYPAIR)) {
      assertEquals(Code.OUT_OF_MEMORY, codeOf(() -> odd.sign("hello")));
      assertEquals(Code.OUT_OF_MEMORY, codeOf(() -> odd.signWith(KEYPAIR, "hello")));
    }
  }

  @Test
  void aModuleHasTheHashOfItsBytes() throws Exception {
    var digest = java.security.MessageDigest.getInstance("SHA-256");
    assertEquals(
        Modules.hex(digest.digest(Modules.bytes("signer-raw"))),
        Modules.built("signer-raw").sha256());
  }

  @Test
  void theSimdBuildSignsTheSameOrIsRefused() {
    if (Modules.isGraalWasm()) {
      try (var simd = new Signer(Modules.built("signer-raw-simd"), KEYPAIR)) {
        assertArrayEquals(HELLO_SIGNATURE, simd.sign("hello"));
        assertArrayEquals(HELLO_SIGNATURE, simd.signMany("hello", "hello").get(1));
      }
    } else {
      byte[] wasm = Modules.bytes("signer-raw-simd");
      assertMessage("Endive cannot compile this module: .*V128", () -> EndiveModule.compile(wasm));
      assertMessage("Endive has no SIMD here: V128", () -> EndiveModule.interpret(wasm));
    }
  }

  @Test
  void theInterpreterSignsTheSame() {
    try (var slow = new Signer(EndiveModule.interpret(Modules.bytes("signer-raw")), KEYPAIR)) {
      assertArrayEquals(HELLO_SIGNATURE, slow.sign("hello"));
      assertEquals(Code.TRAPPED, codeOf(() -> slow.signWith(MISMATCHED, "hello")));
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
