package everyhost.signer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Ed25519 signing and verifying by the Wasm module {@code signer-raw}: a signer that holds one key
 * inside an instance of its own.
 *
 * <pre>{@code
 * try (var signer = new Signer(module, keypair)) {
 *   byte[] signature = signer.sign("hello");
 * }
 * }</pre>
 *
 * <p>Every refusal is a {@link SignerException} whose {@link SignerException#code code} is stable.
 * After {@link Code#TRAPPED} the signer can be used on: its instance was replaced by a new one and
 * the held key was loaded again. Text is signed as UTF-8, bytes are signed as they are; all lengths
 * are bytes.
 *
 * <p>A signer has one owner: it must not be used by several threads at once. Give each thread its
 * own and share the {@link WasmModule}.
 *
 * <p>It keeps the keypair twice, in linear memory (expanded) and in an array of its own (to load it
 * again after a trap). {@link #wipe} and {@link #close} clear both; the array that you passed is
 * yours to clear.
 */
public final class Signer implements AutoCloseable {
  public static final int SEED_LENGTH = 32;
  public static final int PUBLIC_KEY_LENGTH = 32;
  public static final int KEYPAIR_LENGTH = 64;
  public static final int SIGNATURE_LENGTH = 64;

  /** The most messages that the module takes at once. {@link #signMany} splits what is more. */
  public static final int MAX_BATCH_COUNT = 4096;

  private static final int ABI_VERSION = 1;
  private static final int OK = 0;

  // What every signer has. Those made for batches do not verify, and the small ones have no
  // batches.
  private static final Set<String> EXPORTS =
      Set.of(
          "abi_version",
          "max_message_len",
          "get_signing_key_ptr",
          "get_signature_ptr",
          "get_public_key_ptr",
          "allocate_message",
          "sign",
          "derive_public_key",
          "load_key",
          "sign_loaded",
          "wipe",
          "memory");

  private final WasmModule module;
  private Guest guest; // null: closed
  private byte[] held = new byte[0];
  private int maxMessageLength;
  private final BatchModules.Pick batch;

  /**
   * A signer without a key: it verifies and derives, and signs after {@link #loadKey}.
   *
   * @throws IllegalArgumentException that module is no signer
   */
  public Signer(WasmModule module) {
    this(module, BatchModules.NONE);
  }

  private Signer(WasmModule module, BatchModules batchModules) {
    module.require(EXPORTS, "a signer");
    this.module = module;
    this.batch = new BatchModules.Pick(batchModules);
    this.guest = newGuest();
  }

  /**
   * A signer that holds a key.
   *
   * @param keypair 64 bytes: the secret seed of 32, then its public key of 32
   * @throws SignerException {@code KEY_LENGTH}, {@code KEY_PAIR_MISMATCH}, {@code SELF_TEST_FAILED}
   * @throws IllegalArgumentException that module is no signer
   */
  public Signer(WasmModule module, byte[] keypair) {
    this(module, keypair, BatchModules.NONE);
  }

  /**
   * A signer that holds a key, and has faster modules for {@link #signMany} of two messages or
   * more.
   *
   * @param keypair 64 bytes: the secret seed of 32, then its public key of 32
   * @throws SignerException {@code KEY_LENGTH}, {@code KEY_PAIR_MISMATCH}, {@code SELF_TEST_FAILED}
   * @throws IllegalArgumentException that module is no signer
   */
  public Signer(WasmModule module, byte[] keypair, BatchModules batchModules) {
    this(module, batchModules);
    try {
      loadKey(keypair);
    } catch (RuntimeException error) {
      close();
      throw error;
    }
  }

  /**
   * The public key of the held key, 32 bytes.
   *
   * @throws SignerException {@code NO_KEY}, {@code CLOSED}
   */
  public byte[] publicKey() {
    requireOpen();
    requireKey();
    return Arrays.copyOfRange(held, SEED_LENGTH, KEYPAIR_LENGTH);
  }

  /**
   * The place in the list of the batch module that {@link #signMany} uses. -1 where that is the
   * main module, and before the first batch of two messages or more, for which the choice is made.
   */
  public int batchModule() {
    return batch.index();
  }

  /**
   * Signs a message with the held key: 64 bytes, the same for the same message every time.
   *
   * @throws SignerException {@code NO_KEY}, {@code MESSAGE_TOO_LARGE}, {@code OUT_OF_MEMORY},
   *     {@code TRAPPED}, {@code CLOSED}
   */
  public byte[] sign(byte[] message) {
    return running(
        guest -> {
          requireKey();
          checkLength(message);
          putMessage(guest, message); // where there is no room, sign_loaded says so
          check(guest.call("sign_loaded"));
          return guest.read(guest.call("get_signature_ptr"), SIGNATURE_LENGTH);
        });
  }

  /** Signs text, as UTF-8. See {@link #sign(byte[])}. */
  public byte[] sign(String message) {
    return sign(utf8(message));
  }

  /**
   * Signs any number of messages with the held key, faster than one by one; the signatures are the
   * same. Two messages or more go to the first batch module that can be used here, if there is one.
   *
   * @throws SignerException as {@link #sign(byte[])}; nothing is returned then, even if only one
   *     message was at fault
   */
  public List<byte[]> signMany(List<byte[]> messages) {
    List<byte[]> all = List.copyOf(messages);
    return running(
        guest -> {
          requireKey();
          all.forEach(this::checkLength);
          var batchSigner = all.size() > 1 ? batch.signerOf(held) : Optional.<Signer>empty();
          if (batchSigner.isPresent()) {
            return batchSigner.get().signMany(all);
          }
          List<byte[]> signatures = new ArrayList<>(all.size());
          for (List<byte[]> batch : batches(all, maxMessageLength)) {
            signBatch(guest, batch, signatures);
          }
          return signatures;
        });
  }

  /** Signs texts, as UTF-8. See {@link #signMany(List)}. */
  public List<byte[]> signMany(String... messages) {
    return signMany(Arrays.stream(messages).map(Signer::utf8).toList());
  }

  /**
   * Signs once with a key that is passed for this call alone, through the module's four oldest
   * exports. The held key stays as it is. A keypair whose halves do not belong together makes the
   * module trap; use {@link #loadKey} for an answer without a trap.
   *
   * @throws SignerException {@code KEY_LENGTH}, {@code MESSAGE_TOO_LARGE}, {@code OUT_OF_MEMORY},
   *     {@code TRAPPED}, {@code CLOSED}
   */
  public byte[] signWith(byte[] keypair, byte[] message) {
    return running(
        guest -> {
          requireLength(keypair, KEYPAIR_LENGTH, Code.KEY_LENGTH);
          checkLength(message);
          if (!putMessage(guest, message)) {
            throw new SignerException(Code.OUT_OF_MEMORY);
          }
          callWithKey(guest, "sign", keypair);
          return guest.read(guest.call("get_signature_ptr"), SIGNATURE_LENGTH);
        });
  }

  /** Signs text, as UTF-8. See {@link #signWith(byte[], byte[])}. */
  public byte[] signWith(byte[] keypair, String message) {
    return signWith(keypair, utf8(message));
  }

  /**
   * Whether the signature is right, as most libraries see it. Needs no key. A signature that is not
   * 64 bytes long is not right, nor is any under a public key that is no point.
   *
   * @throws SignerException {@code PUBLIC_KEY_LENGTH}, {@code MESSAGE_TOO_LARGE}, {@code
   *     OUT_OF_MEMORY}, {@code TRAPPED}, {@code CLOSED}
   */
  public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
    return verifyBy("verify", publicKey, message, signature);
  }

  /** Verifies text, as UTF-8. See {@link #verify(byte[], byte[], byte[])}. */
  public boolean verify(byte[] publicKey, String message, byte[] signature) {
    return verify(publicKey, utf8(message), signature);
  }

  /**
   * As {@link #verify(byte[], byte[], byte[])}, but refuses an R that is no point, and an R or a
   * public key of small order.
   */
  public boolean verifyStrict(byte[] publicKey, byte[] message, byte[] signature) {
    return verifyBy("verify_strict", publicKey, message, signature);
  }

  /** Verifies text, as UTF-8. See {@link #verifyStrict(byte[], byte[], byte[])}. */
  public boolean verifyStrict(byte[] publicKey, String message, byte[] signature) {
    return verifyStrict(publicKey, utf8(message), signature);
  }

  /**
   * The public key of a seed of 32 bytes. The held key is not concerned.
   *
   * @throws SignerException {@code KEY_LENGTH}, {@code TRAPPED}, {@code CLOSED}
   */
  public byte[] derivePublicKey(byte[] seed) {
    return running(
        guest -> {
          requireLength(seed, SEED_LENGTH, Code.KEY_LENGTH);
          callWithKey(guest, "derive_public_key", seed);
          return guest.read(guest.call("get_public_key_ptr"), PUBLIC_KEY_LENGTH);
        });
  }

  /**
   * Replaces the held key. After a failure, whatever it was, no key is held.
   *
   * @throws SignerException {@code KEY_LENGTH}, {@code KEY_PAIR_MISMATCH}, {@code
   *     SELF_TEST_FAILED}, {@code TRAPPED}, {@code CLOSED}
   */
  public void loadKey(byte[] keypair) {
    run(
        guest -> {
          forget();
          try {
            batch.wipe();
          } catch (SignerException trapped) { // and was cleared
            guest.call("wipe");
            throw trapped;
          }
          if (keypair.length != KEYPAIR_LENGTH) {
            guest.call("wipe");
            throw new SignerException(Code.KEY_LENGTH);
          }
          load(guest, keypair);
          held = keypair.clone();
        });
  }

  /**
   * Clears every secret, in linear memory and in this object. No key is held afterwards.
   *
   * @throws SignerException {@code TRAPPED}, {@code CLOSED}
   */
  public void wipe() {
    run(
        guest -> {
          forget();
          try {
            batch.wipe();
          } finally {
            guest.call("wipe");
          }
        });
  }

  /**
   * Clears every secret and ends the signer. Every later call is {@code CLOSED}; closing again does
   * nothing.
   */
  @Override
  public void close() {
    forget();
    batch.close();
    Guest last = guest;
    guest = null;
    if (last == null) {
      return;
    }
    try {
      last.call("wipe");
      last.close();
    } catch (GuestTrap trap) {
      last.discard();
    }
  }

  /** Whose signer it is; no secret. */
  @Override
  public String toString() {
    if (guest == null) {
      return "Signer[closed]";
    }
    return "Signer[publicKey=%s]"
        .formatted(
            held.length == 0
                ? "none"
                : HexFormat.of().formatHex(held, SEED_LENGTH, KEYPAIR_LENGTH));
  }

  /** The instance, for tests. */
  Guest guest() {
    return guest;
  }

  /** The copy of the key, for tests: the array itself. */
  byte[] held() {
    return held;
  }

  /** The batch module's signer, for tests; null while there is none. */
  Signer batchSigner() {
    return batch.signer();
  }

  private boolean verifyBy(String export, byte[] publicKey, byte[] message, byte[] signature) {
    return running(
        guest -> {
          requireLength(publicKey, PUBLIC_KEY_LENGTH, Code.PUBLIC_KEY_LENGTH);
          checkLength(message);
          if (signature.length != SIGNATURE_LENGTH) {
            return false;
          }
          putMessage(guest, message); // where there is no room, the status says so
          guest.write(guest.call("get_public_key_ptr"), publicKey);
          guest.write(guest.call("get_signature_ptr"), signature);
          int status = guest.call(export);
          if (Code.of(status) == Code.SIGNATURE_INVALID) {
            return false;
          }
          check(status);
          return true;
        });
  }

  private interface Use<T> {
    T with(Guest guest) throws GuestTrap;
  }

  private interface Step {
    void with(Guest guest) throws GuestTrap;
  }

  /** Lends the instance for some calls, and replaces it if one of them traps. */
  private <T> T running(Use<T> use) {
    requireOpen();
    try {
      return use.with(guest);
    } catch (GuestTrap trap) {
      replace();
      throw new SignerException(Code.TRAPPED, trap);
    }
  }

  private void run(Step step) {
    running(
        guest -> {
          step.with(guest);
          return true;
        });
  }

  private void replace() {
    guest.discard();
    guest = null;
    try {
      guest = newGuest();
    } catch (RuntimeException error) { // no new instance comes up: the signer stays closed
      forget();
      batch.close();
      throw error;
    }
    if (held.length > 0) {
      try {
        load(guest, held);
      } catch (GuestTrap
          | SignerException error) { // the module is at fault: it took this very key before
        forget();
        guest.discard();
        guest = null;
        guest = newGuest();
      }
    }
  }

  private Guest newGuest() {
    Guest fresh = null;
    try {
      fresh = module.instantiate();
      int version = fresh.call("abi_version");
      if (version != ABI_VERSION) {
        fresh.close();
        throw new IllegalArgumentException(
            "the module's ABI has version %d, this wrapper is for version %d"
                .formatted(version, ABI_VERSION));
      }
      maxMessageLength = fresh.call("max_message_len");
      return fresh;
    } catch (GuestTrap trap) {
      if (fresh != null) {
        fresh.discard();
      }
      throw new SignerException(Code.TRAPPED, trap);
    }
  }

  private void requireOpen() {
    if (guest == null) {
      throw new SignerException(Code.CLOSED);
    }
  }

  private void requireKey() {
    if (held.length == 0) {
      throw new SignerException(Code.NO_KEY);
    }
  }

  private void checkLength(byte[] message) {
    if (message.length > maxMessageLength) {
      throw new SignerException(Code.MESSAGE_TOO_LARGE);
    }
  }

  /** Clears this object's copy of the key, in place. */
  private void forget() {
    Arrays.fill(held, (byte) 0);
    held = new byte[0];
  }

  private static void load(Guest guest, byte[] keypair) throws GuestTrap {
    guest.write(guest.call("get_signing_key_ptr"), keypair);
    check(guest.call("load_key"));
  }

  /** Calls an export that takes a key from the key buffer, and clears the buffer after it. */
  private static void callWithKey(Guest guest, String export, byte[] key) throws GuestTrap {
    int ptr = guest.call("get_signing_key_ptr");
    guest.write(ptr, key);
    int status = guest.call(export); // if it traps, the instance is cleared as a whole
    guest.write(ptr, new byte[key.length]);
    check(status);
  }

  /** Copies a message to linear memory; false where there is no room for it. */
  private static boolean putMessage(Guest guest, byte[] message) throws GuestTrap {
    int ptr = guest.call("allocate_message", message.length);
    if (ptr != 0) {
      guest.write(ptr, message);
    }
    return ptr != 0;
  }

  private static void signBatch(Guest guest, List<byte[]> messages, List<byte[]> signatures)
      throws GuestTrap {
    int total = messages.stream().mapToInt(message -> message.length).sum();
    int ptr = guest.call("allocate_batch", messages.size(), total);
    if (ptr != 0) { // otherwise sign_batch says why
      var batch =
          ByteBuffer.allocate(Integer.BYTES * messages.size() + total)
              .order(ByteOrder.LITTLE_ENDIAN);
      messages.forEach(message -> batch.putInt(message.length));
      messages.forEach(batch::put);
      guest.write(ptr, batch.array());
    }
    check(guest.call("sign_batch"));
    byte[] joined =
        guest.read(guest.call("get_batch_signatures_ptr"), SIGNATURE_LENGTH * messages.size());
    for (int at = 0; at < joined.length; at += SIGNATURE_LENGTH) {
      signatures.add(Arrays.copyOfRange(joined, at, at + SIGNATURE_LENGTH));
    }
  }

  /**
   * Splits messages, in order, into batches that the module takes: so many of them, and so many
   * bytes together.
   */
  private static List<List<byte[]>> batches(List<byte[]> messages, int maxLength) {
    List<List<byte[]>> batches = new ArrayList<>();
    int from = 0;
    long total = 0;
    for (int i = 0; i < messages.size(); i++) {
      int length = messages.get(i).length;
      if (i - from == MAX_BATCH_COUNT || total + length > maxLength) {
        batches.add(messages.subList(from, i));
        from = i;
        total = 0;
      }
      total += length;
    }
    if (from < messages.size()) {
      batches.add(messages.subList(from, messages.size()));
    }
    return batches;
  }

  /** Not {@code getBytes}: it would sign a question mark in place of half a character. */
  private static byte[] utf8(String text) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException error) {
      throw new IllegalArgumentException(
          "the text is not Unicode: it has half of a surrogate pair", error);
    }
  }

  private static void requireLength(byte[] bytes, int length, Code otherwise) {
    if (bytes.length != length) { // a fixed buffer can't refuse
      throw new SignerException(otherwise);
    }
  }

  private static void check(int status) {
    if (status == OK) {
      return;
    }
    Code code = Code.of(status);
    if (code == null) {
      throw new IllegalStateException(
          "the module returned the unknown status " + Integer.toUnsignedString(status));
    }
    throw new SignerException(code);
  }
}
