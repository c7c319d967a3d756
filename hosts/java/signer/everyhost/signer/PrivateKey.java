package everyhost.signer;

import java.lang.ref.Reference;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * A secret key: its seed, and its public key if that is known. {@link Keys} reads and writes it,
 * {@link Signer#fromPrivateKey} signs with it. Nothing shows it but {@link #seed}.
 *
 * <p>{@link #close} clears it, and so does the garbage collector, some time after you dropped it.
 */
public final class PrivateKey implements AutoCloseable {
  private final byte[] seed;
  private final Optional<byte[]> publicKey;
  private volatile boolean isClosed;

  /**
   * The key of a seed; its public key is derived when it is first needed.
   *
   * @param seed 32 bytes, which are copied
   * @throws SignerException {@code KEY_LENGTH}
   */
  public PrivateKey(byte[] seed) {
    this(seed, Optional.empty());
  }

  /**
   * The key of a seed, and the public key that stood beside it. Whether they belong together is
   * checked when it signs.
   *
   * @param seed 32 bytes, which are copied
   * @param publicKey 32 bytes
   * @throws SignerException {@code KEY_LENGTH}, {@code PUBLIC_KEY_LENGTH}
   */
  public PrivateKey(byte[] seed, byte[] publicKey) {
    this(seed, Optional.of(publicKey.clone()));
  }

  private PrivateKey(byte[] seed, Optional<byte[]> publicKey) {
    Signer.requireLength(seed, Signer.SEED_LENGTH, Code.KEY_LENGTH);
    publicKey.ifPresent(
        it -> Signer.requireLength(it, Signer.PUBLIC_KEY_LENGTH, Code.PUBLIC_KEY_LENGTH));
    byte[] copy = seed.clone();
    this.seed = copy;
    this.publicKey = publicKey;
    Owned.CLEANER.register(this, () -> Arrays.fill(copy, (byte) 0));
  }

  /** A new key, from the platform's own randomness. */
  public static PrivateKey generate() {
    byte[] seed = new byte[Signer.SEED_LENGTH];
    new SecureRandom().nextBytes(seed);
    try {
      return new PrivateKey(seed);
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  /**
   * A copy of the seed, 32 bytes. It is yours to clear.
   *
   * @throws SignerException {@code CLOSED}
   */
  public byte[] seed() {
    try {
      byte[] copy = seed.clone();
      if (isClosed) {
        throw new SignerException(Code.CLOSED);
      }
      return copy;
    } finally {
      Reference.reachabilityFence(this); // or the cleaner might come first
    }
  }

  /** The public key that stood beside the seed, if one did. */
  public Optional<byte[]> publicKey() {
    return publicKey.map(byte[]::clone);
  }

  /** Clears the seed. */
  @Override
  public void close() {
    isClosed = true;
    Arrays.fill(seed, (byte) 0);
  }

  /** That it is one, and nothing of it. */
  @Override
  public String toString() {
    return "PrivateKey[hidden]";
  }
}
