package everyhost.signer;

import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.Jdk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random keys and messages against the JDK's own Ed25519. */
class PropertiesTest {
  /** The seeds of the random numbers: a failure names the one that repeats it. */
  static List<Long> seeds() {
    long first = Long.getLong("random", System.nanoTime());
    return java.util.stream.LongStream.range(first, first + (isGraalWasm() ? 10 : 50))
        .boxed()
        .toList();
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] flip(byte[] bytes, int bit) {
    byte[] flipped = bytes.clone();
    flipped[bit / 8] ^= (byte) (1 << bit % 8);
    return flipped;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void signaturesAreTheJdks(long number) {
    var random = new Random(number);
    byte[] seed = bytes(random, 32);
    byte[] keypair = Jdk.keypair(seed);
    byte[] publicKey = Jdk.publicKey(seed);
    byte[] message = bytes(random, random.nextInt(2000));
    byte[] expected = Jdk.sign(seed, message);
    try (var signer = new Signer(built("signer-raw"), keypair)) {
      assertArrayEquals(publicKey, signer.derivePublicKey(seed));
      assertArrayEquals(expected, signer.sign(message));
      assertArrayEquals(expected, signer.signWith(keypair, message));
      assertTrue(signer.verify(publicKey, message, expected));
      assertTrue(signer.verifyStrict(publicKey, message, expected));

      byte[] flipped = flip(expected, random.nextInt(512));
      assertFalse(signer.verify(publicKey, message, flipped));
      assertFalse(signer.verifyStrict(publicKey, message, flipped));
      if (message.length > 0) {
        assertFalse(
            signer.verify(publicKey, flip(message, random.nextInt(8 * message.length)), expected));
      }
      byte[] notIts = flip(keypair, 256 + random.nextInt(256));
      assertCode(Code.KEY_PAIR_MISMATCH, () -> signer.loadKey(notIts));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void batchesAreTheJdks(long number) {
    var random = new Random(number);
    byte[] seed = bytes(random, 32);
    List<byte[]> messages = new ArrayList<>();
    for (int count = random.nextInt(20); count > 0; count--) {
      messages.add(bytes(random, random.nextInt(500)));
    }
    try (var signer = new Signer(built("signer-raw"), Jdk.keypair(seed))) {
      List<byte[]> signatures = signer.signMany(messages);
      assertEquals(messages.size(), signatures.size());
      for (int i = 0; i < messages.size(); i++) {
        assertArrayEquals(Jdk.sign(seed, messages.get(i)), signatures.get(i));
      }
    }
  }
}
