package everyhost.signer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

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
 * the held key was loaded again. If no new instance comes up, or it refuses the key, the signer is
 * closed. Text is signed as UTF-8, bytes are signed as they are; all lengths are bytes.
 *
 * <p>A signer does one thing at a time: a call that comes while another is running, from another
 * thread or from within, is {@link Code#IN_USE} and changes nothing. Give each thread a signer of
 * its own and share the {@link WasmModule}.
 *
 * <p>It keeps the keypair twice, in linear memory (expanded) and in an array of its own (to load it
 * again after a trap). {@link #wipe} and {@link #close} clear both, and so does the garbage
 * collector, some time after you dropped a signer that was not closed. The array that you passed is
 * yours to clear.
 */
public final class Signer extends Owned {
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
  private static final Set<String> BATCH_EXPORTS =
      Set.of("allocate_batch", "sign_batch", "get_batch_signatures_ptr");

  private final BatchModules.Pick<Signer> batch;
  private final byte[] held = new byte[KEYPAIR_LENGTH]; // zeros while no key is held
  private boolean holdsKey;
  private int maxMessageLength;

  /**
   * A signer without a key: it verifies and derives, and signs after {@link #loadKey}.
   *
   * @throws IllegalArgumentException that module is no signer
   */
  public Signer(WasmModule module) {
    this(module, BatchModules.NONE);
  }

  private Signer(WasmModule module, BatchModules batchModules) {
    super(module, EXPORTS, "a signer");
    batchModules.require(BATCH_EXPORTS, "a batch");
    this.batch =
        new BatchModules.Pick<>(batchModules, Signer::new, Signer::isClosed, Signer::close);
    byte[] key = held;
    CLEANER.register(this, () -> Arrays.fill(key, (byte) 0));
    renew();
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
   * @throws IllegalArgumentException that module is no signer, or one of the others can't sign
   *     batches
   */
  public Signer(WasmModule module, byte[] keypair, BatchModules batchModules) {
    this(module, batchModules);
    try {
      loadKey(keypair);
    } catch (RuntimeException | Error error) {
      close();
      throw error;
    }
  }

  /** As {@link #fromPrivateKey(WasmModule, PrivateKey, BatchModules)}, with no batch modules. */
  public static Signer fromPrivateKey(WasmModule module, PrivateKey key) {
    return fromPrivateKey(module, key, BatchModules.NONE);
  }

  /**
   * A signer that holds a key from a file, or a new one. It derives the public key if none stands
   * beside the seed.
   *
   * @throws SignerException {@code KEY_PAIR_MISMATCH} if the public key beside the seed is not its
   *     own, {@code SELF_TEST_FAILED}, {@code CLOSED} if the key is closed
   * @throws IllegalArgumentException that module is no signer, or one of the others can't sign
   *     batches
   */
  public static Signer fromPrivateKey(
      WasmModule module, PrivateKey key, BatchModules batchModules) {
    byte[] seed = key.seed();
    byte[] keypair = Arrays.copyOf(seed, KEYPAIR_LENGTH);
    try {
      var signer = new Signer(module, batchModules);
      try {
        byte[] publicKey = key.publicKey().orElseGet(() -> signer.derivePublicKey(seed));
        System.arraycopy(publicKey, 0, keypair, SEED_LENGTH, PUBLIC_KEY_LENGTH);
        signer.loadKey(keypair);
        return signer;
      } catch (RuntimeException | Error error) {
        signer.close();
        throw error;
      }
    } finally {
      Arrays.fill(seed, (byte) 0);
      Arrays.fill(keypair, (byte) 0);
    }
  }

  /**
   * The public key of the held key, 32 bytes.
   *
   * @throws SignerException {@code NO_KEY}, {@code CLOSED}, {@code IN_USE}
   */
  public byte[] publicKey() {
    return running(
        guest -> {
          requireKey();
          return Arrays.copyOfRange(held, SEED_LENGTH, KEYPAIR_LENGTH);
        });
  }

  /**
   * The place in the list of the batch module that {@link #signMany} uses. -1 where that is the
   * main module, and before the first batch of two messages or more, for which the choice is made.
   *
   * @throws SignerException {@code IN_USE}
   */
  public int batchModule() {
    enter();
    try {
      return batch.index();
    } finally {
      leave();
    }
  }

  /**
   * Signs a message with the held key: 64 bytes, the same for the same message every time.
   *
   * @throws SignerException {@code NO_KEY}, {@code MESSAGE_TOO_LARGE}, {@code OUT_OF_MEMORY},
   *     {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public byte[] sign(byte[] message) {
    Objects.requireNonNull(message, "message");
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

  /** A signed JSON Web Token whose header has {@code "alg":"EdDSA"} and no {@code kid}. */
  public String signToken(String claims) {
    return signToken(claims, TokenAlgorithm.EDDSA, null);
  }

  /**
   * A signed JSON Web Token in compact form.
   *
   * @param claims an object in JSON, such as {@code {"sub":"alice"}}, which is signed as it stands
   * @param kid which key it is, for whoever verifies by a set of keys; or null
   * @throws IllegalArgumentException the claims are not in braces
   * @throws SignerException as {@link #sign(byte[])}
   */
  public String signToken(String claims, TokenAlgorithm algorithm, String kid) {
    // JSON's white space, which is less than Java's: with any other it would be no JSON.
    if (!claims.matches("(?s)[ \\t\\r\\n]*\\{.*\\}[ \\t\\r\\n]*")) {
      throw new IllegalArgumentException(
          "the claims of a token are a JSON object, such as {\"sub\":\"alice\"}");
    }
    String signed = base64url(utf8(algorithm.header(kid))) + "." + base64url(utf8(claims));
    return signed + "." + base64url(sign(signed));
  }

  /**
   * Signs any number of messages with the held key, faster than one by one; the signatures are the
   * same. Two messages or more go to the first batch module that can be used here, if there is one.
   *
   * @throws SignerException as {@link #sign(byte[])}, and {@code NO_EXPORT} for a module without
   *     batches; nothing is returned then, even if only one message was at fault
   */
  public List<byte[]> signMany(List<byte[]> messages) {
    List<byte[]> all = List.copyOf(messages); // of no message either
    return running(
        guest -> {
          requireKey();
          all.forEach(this::checkLength);
          var signed =
              all.size() > 1
                  ? batch.use(signer -> signer.signManyWith(held, all))
                  : Optional.<List<byte[]>>empty();
          if (signed.isPresent()) {
            return signed.get();
          }
          List<byte[]> signatures = new ArrayList<>(all.size());
          for (var batch : batches(all, message -> message.length, maxMessageLength)) {
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
   *     {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public byte[] signWith(byte[] keypair, byte[] message) {
    Objects.requireNonNull(keypair, "keypair");
    Objects.requireNonNull(message, "message");
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
   *     OUT_OF_MEMORY}, {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}, {@code NO_EXPORT} for a
   *     module that does not verify
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
   * @throws SignerException {@code KEY_LENGTH}, {@code SELF_TEST_FAILED}, {@code TRAPPED}, {@code
   *     CLOSED}, {@code IN_USE}
   */
  public byte[] derivePublicKey(byte[] seed) {
    Objects.requireNonNull(seed, "seed");
    return running(
        guest -> {
          requireLength(seed, SEED_LENGTH, Code.KEY_LENGTH);
          callWithKey(guest, "derive_public_key", seed);
          return guest.read(guest.call("get_public_key_ptr"), PUBLIC_KEY_LENGTH);
        });
  }

  /**
   * Replaces the held key. After a failure, whatever it was ({@code null} too), no key is held; but
   * after {@code IN_USE} nothing has changed.
   *
   * @throws SignerException {@code KEY_LENGTH}, {@code KEY_PAIR_MISMATCH}, {@code
   *     SELF_TEST_FAILED}, {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public void loadKey(byte[] keypair) {
    running(
        guest -> {
          forget();
          try {
            batch.useMade(Signer::wipe);
            Objects.requireNonNull(keypair, "keypair");
            requireLength(keypair, KEYPAIR_LENGTH, Code.KEY_LENGTH);
            System.arraycopy(keypair, 0, held, 0, KEYPAIR_LENGTH);
            load(guest, held);
            holdsKey = true;
          } catch (SignerException refused) { // the old key is there still, or parts of the new one
            forget();
            guest.call("wipe");
            throw refused;
          }
          return null;
        });
  }

  /**
   * Clears every secret, in linear memory and in this object. No key is held afterwards.
   *
   * @throws SignerException {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public void wipe() {
    running(
        guest -> {
          forget();
          try {
            batch.useMade(Signer::wipe);
          } finally {
            guest.call("wipe");
          }
          return null;
        });
  }

  /** Whose signer it is; no secret. */
  @Override
  public String toString() {
    if (!tryEnter()) {
      return "Signer[in use]";
    }
    try {
      if (isClosed()) {
        return "Signer[closed]";
      }
      return "Signer[publicKey=%s]"
          .formatted(
              holdsKey ? HexFormat.of().formatHex(held, SEED_LENGTH, KEYPAIR_LENGTH) : "none");
    } finally {
      leave();
    }
  }

  /** The copy of the key, for tests: the array itself. Zeros while no key is held. */
  byte[] held() {
    return held;
  }

  /** As the batch module's signer: with the main one's key, which this may not hold yet. */
  private List<byte[]> signManyWith(byte[] keypair, List<byte[]> messages) {
    if (!holdsKey) {
      loadKey(keypair);
    }
    return signMany(messages);
  }

  /** For tests. */
  boolean holdsKey() {
    return holdsKey;
  }

  /** The batch module's signer, for tests; null while there is none. */
  Signer batchSigner() {
    return batch.made();
  }

  private boolean verifyBy(String export, byte[] publicKey, byte[] message, byte[] signature) {
    Objects.requireNonNull(publicKey, "publicKey");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(signature, "signature");
    return running(
        guest -> {
          requireExport(guest, export);
          requireLength(publicKey, PUBLIC_KEY_LENGTH, Code.PUBLIC_KEY_LENGTH);
          checkLength(message);
          if (signature.length != SIGNATURE_LENGTH) {
            return false;
          }
          return verify(guest, export, publicKey, message, signature);
        });
  }

  /** Verifies what has the right lengths. */
  static boolean verify(
      Guest guest, String export, byte[] publicKey, byte[] message, byte[] signature)
      throws GuestTrap {
    putMessage(guest, message); // where there is no room, the status says so
    guest.write(guest.call("get_public_key_ptr"), publicKey);
    guest.write(guest.call("get_signature_ptr"), signature);
    int status = guest.call(export);
    if (Code.of(status) == Code.SIGNATURE_INVALID) {
      return false;
    }
    check(status);
    return true;
  }

  @Override
  void begin(Guest fresh) throws GuestTrap {
    requireVersion(fresh.call("abi_version"));
    maxMessageLength = fresh.call("max_message_len");
  }

  @Override
  void reload(Guest fresh) throws GuestTrap {
    if (holdsKey) {
      load(fresh, held);
    } else {
      forget(); // it may have been on its way
    }
  }

  @Override
  void drop() {
    forget();
    batch.close();
  }

  static void requireVersion(int version) {
    if (version != ABI_VERSION) {
      throw new IllegalArgumentException(
          "the module's ABI has version %d, this wrapper is for version %d"
              .formatted(version, ABI_VERSION));
    }
  }

  private void requireKey() {
    if (!holdsKey) {
      throw new SignerException(Code.NO_KEY);
    }
  }

  private void checkLength(byte[] message) {
    if (message.length > maxMessageLength) {
      throw new SignerException(Code.MESSAGE_TOO_LARGE);
    }
  }

  /** Those made for batches do not verify, and the small ones have no batches. */
  private static void requireExport(Guest guest, String export) {
    if (guest.type(export).isEmpty()) {
      throw new SignerException(Code.NO_EXPORT);
    }
  }

  /** Clears this object's copy of the key, in place. */
  private void forget() {
    holdsKey = false;
    Arrays.fill(held, (byte) 0);
  }

  private static void load(Guest guest, byte[] keypair) throws GuestTrap {
    guest.write(guest.call("get_signing_key_ptr"), keypair);
    check(guest.call("load_key"));
  }

  /** Calls an export that takes a key from the key buffer, and clears the buffer after it. */
  private void callWithKey(Guest guest, String export, byte[] key) throws GuestTrap {
    int ptr = guest.call("get_signing_key_ptr");
    guest.write(ptr, key);
    int status = guest.call(export); // if it traps, the instance is cleared as a whole
    guest.write(ptr, new byte[key.length]);
    try {
      check(status);
    } catch (SignerException refused) {
      guest.call("wipe"); // a module may leave a key that it refuses on its stack
      loadAgain(guest, refused);
      throw refused;
    }
  }

  /** Loads the held key again, if there is one; an instance that refuses it is replaced. */
  private void loadAgain(Guest guest, SignerException because) throws GuestTrap {
    try {
      if (holdsKey) {
        load(guest, held);
      }
    } catch (SignerException changed) {
      replace(because);
    }
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
    requireExport(guest, "sign_batch");
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
   * Splits what is signed or verified, in order, into batches that a module takes: so many, and so
   * many bytes of messages together.
   */
  static <T> List<List<T>> batches(List<T> all, ToIntFunction<T> messageLength, int maxLength) {
    List<List<T>> batches = new ArrayList<>();
    int from = 0;
    long total = 0;
    for (int i = 0; i < all.size(); i++) {
      int length = messageLength.applyAsInt(all.get(i));
      if (i - from == MAX_BATCH_COUNT || total + length > maxLength) {
        batches.add(all.subList(from, i));
        from = i;
        total = 0;
      }
      total += length;
    }
    if (from < all.size()) {
      batches.add(all.subList(from, all.size()));
    }
    return batches;
  }

  /** Not {@code getBytes}: it would sign a question mark in place of half a character. */
  static byte[] utf8(String text) {
    Objects.requireNonNull(text, "message");
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

  private static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static void requireLength(byte[] bytes, int length, Code otherwise) {
    if (bytes.length != length) { // a fixed buffer can't refuse
      throw new SignerException(otherwise);
    }
  }

  static void check(int status) {
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
