package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.Jdk;
import everyhost.Modules;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which batch module is picked, that its signatures are the same, and what becomes of its key. */
class BatchModulesTest {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
  private static final List<byte[]> MESSAGES = List.of(new byte[0], HELLO, new byte[300]);
  private static final byte[] GARBAGE = bytes(0, 'a', 's', 'm', 1, 0, 0, 0, 0xFF);
  private static final byte[] SELF_TEST_FAILS = fake("load_key", i32(8));

  /** What signs batches rightly here. On Endive, which has no SIMD, it is the main module again. */
  private static byte[] fast() {
    return bytes(isGraalWasm() ? "signer-raw-simd" : "signer-raw");
  }

  private static byte[] fake(String export, byte[] body) {
    return fakeSigner(Map.of("max_message_len", i32(1 << 24), export, body));
  }

  private static Signer signerWith(byte[]... modules) {
    return new Signer(
        built("signer-raw"), KEYPAIR, BatchModules.load(Modules::load, List.of(modules)));
  }

  private static void assertSigns(Signer signer, byte[] seed, int place) {
    List<byte[]> signatures = signer.signMany(MESSAGES);
    for (int n = 0; n < MESSAGES.size(); n++) {
      assertArrayEquals(Jdk.sign(seed, MESSAGES.get(n)), signatures.get(n), "message " + n);
    }
    assertEquals(place, signer.batchModule());
  }

  @Test
  void theFirstModuleThatCanBeUsedSigns() {
    for (byte[][] passedOver :
        List.of(
            new byte[][] {},
            new byte[][] {GARBAGE, new byte[0]},
            new byte[][] {SELF_TEST_FAILS},
            new byte[][] {GARBAGE, SELF_TEST_FAILS})) {
      byte[] wrong = fake("load_key", i32(0));
      byte[][] modules =
          Stream.concat(Arrays.stream(passedOver), Stream.of(fast(), wrong)).toArray(byte[][]::new);
      try (var signer = signerWith(modules)) {
        assertEquals(-1, signer.batchModule(), "nothing is made before it is needed");
        assertSigns(signer, SEED, passedOver.length);
      }
    }
  }

  @Test
  void aModuleWithAFeatureThatTheHostLacksIsPassedOver() {
    // Endive has no SIMD, and says so early or late. GraalWasm has it.
    try (var signer = signerWith(bytes("signer-raw-simd"), bytes("signer-raw"))) {
      assertSigns(signer, SEED, isGraalWasm() ? 0 : 1);
    }
    if (!isGraalWasm()) {
      var late =
          BatchModules.load(
              EndiveModule::interpret, List.of(bytes("signer-raw-simd"), bytes("signer-raw")));
      try (var signer = new Signer(built("signer-raw"), KEYPAIR, late)) {
        assertSigns(signer, SEED, 1);
      }
    }
  }

  @Test
  void ofTheModulesMadeForBatchesOneSignsWhereThereIsSimd() {
    // GraalWasm's relaxed SIMD is off, and Endive has no SIMD at all.
    try (var signer = signerWith(bytes("signer-lanes-relaxed"), bytes("signer-lanes"))) {
      assertSigns(signer, SEED, isGraalWasm() ? 1 : -1);
    }
  }

  @Test
  void whereNoneCanBeUsedTheMainModuleSigns() {
    try (var signer = signerWith(GARBAGE, SELF_TEST_FAILS)) {
      assertSigns(signer, SEED, -1);
      assertSigns(signer, SEED, -1);
    }
  }

  @Test
  void twoMessagesGoToTheBatchModuleAndAllElseToTheMainOne() {
    try (var signer = signerWith(fake("load_key", i32(0)))) {
      assertArrayEquals(HELLO_SIGNATURE, signer.signMany("hello").get(0));
      assertTrue(signer.signMany(List.of()).isEmpty());
      assertEquals(-1, signer.batchModule());
      assertFalse(Arrays.equals(HELLO_SIGNATURE, signer.signMany("hello", "hello").get(0)));
      assertEquals(0, signer.batchModule());
      assertArrayEquals(HELLO_SIGNATURE, signer.signMany("hello").get(0));
      assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
    }
  }

  @Test
  void aSelfTestThatFailsIsToldWhereItIsTheMainModule() {
    WasmModule module = load(SELF_TEST_FAILS);
    assertCode(Code.SELF_TEST_FAILED, () -> new Signer(module, KEYPAIR));
  }

  @Test
  void aModuleWithoutBatchesIsNoBatchModule() {
    byte[] adder = bytes("add-raw");
    assertThrows(IllegalArgumentException.class, () -> signerWith(adder));
  }

  @Test
  void aWipeAnotherKeyAndTheEndClearBoth() throws Exception {
    byte[] other = Jdk.keypair(new byte[32]);
    Map<String, Consumer<Signer>> ends =
        Map.of(
            "wipe", Signer::wipe,
            "loadKey", signer -> signer.loadKey(other),
            "a key that is too short",
                signer -> assertCode(Code.KEY_LENGTH, () -> signer.loadKey(new byte[1])));
    for (var end : ends.entrySet()) {
      try (var signer = signerWith(fast())) {
        assertSigns(signer, SEED, 0);
        List<Guest> guests = List.of(signer.guest(), signer.batchSigner().guest());
        for (Guest guest : guests) {
          assertFalse(SecretsTest.foundIn(guest, SEED).isEmpty(), "the scan finds the key");
        }
        end.getValue().accept(signer);
        for (Guest guest : guests) {
          assertTrue(SecretsTest.foundIn(guest, SEED).isEmpty(), end.getKey());
        }
      }
    }
    var signer = signerWith(fast());
    assertSigns(signer, SEED, 0);
    assertCode(Code.KEY_PAIR_MISMATCH, () -> signer.loadKey(MISMATCHED));
    assertTrue(SecretsTest.foundIn(signer.batchSigner().guest(), SEED).isEmpty());
    assertCode(Code.NO_KEY, () -> signer.signMany(MESSAGES));
    signer.loadKey(other);
    assertSigns(signer, new byte[32], 0);
    byte[] held = signer.batchSigner().held();
    signer.close();
    assertArrayEquals(new byte[64], held, "of the array too");
    assertCode(Code.CLOSED, () -> signer.signMany(MESSAGES));
  }

  @Test
  void aTrapInOneInstanceIsToldAndTheOtherGoesOn() {
    // Signs zeros, and traps where the first message has 7 bytes.
    byte[] picky = join(i32(1024), load(), i32(7), bytes(0x46, 0x04, 0x40, 0x00, 0x0B), i32(0));
    try (var signer = signerWith(fake("sign_batch", picky))) {
      byte[] zeros = signer.signMany("hello", "hello").get(0);
      for (int round = 0; round < 2; round++) {
        Guest before = signer.batchSigner().guest();
        assertCode(Code.TRAPPED, () -> signer.signMany("7 bytes", "hello"));
        assertTrue(before != signer.batchSigner().guest(), "a new instance took its place");
        assertArrayEquals(zeros, signer.signMany("hello", "hello").get(0));
        assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
        assertCode(Code.TRAPPED, () -> signer.signWith(MISMATCHED, "hello"));
        assertArrayEquals(zeros, signer.signMany("hello", "hello").get(0));
      }
    }
  }
}
