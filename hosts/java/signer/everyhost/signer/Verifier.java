package everyhost.signer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Ed25519 verifying of many signatures at once, by the first of some modules that works here:
 * {@code verifier-lanes-relaxed}, {@code verifier-lanes} or {@code signer-raw}.
 *
 * <pre>{@code
 * try (var verifier = new Verifier(modules)) {
 *   boolean[] verdicts = verifier.verifyMany(List.of(new Item(publicKey, "hello", signature)));
 * }
 * }</pre>
 *
 * <p>The first two build a table for a public key that comes often, and keep those of the last 16;
 * the verdicts are the same with and without. {@code signer-raw} verifies one by one.
 *
 * <p>Every refusal is a {@link SignerException} whose {@link SignerException#code code} is stable.
 * After {@link Code#TRAPPED} the verifier can be used on, with a new instance; if none comes up, it
 * is closed. A call that comes while another is running is {@link Code#IN_USE} and changes nothing:
 * give each thread a verifier of its own. Nothing in it is secret.
 */
public final class Verifier implements AutoCloseable {
  private static final int HEAD_LENGTH =
      Signer.PUBLIC_KEY_LENGTH + Signer.SIGNATURE_LENGTH + Integer.BYTES;
  private static final byte[] NO_SIGNATURE = new byte[Signer.SIGNATURE_LENGTH];
  private static final Set<String> BATCH_EXPORTS =
      Set.of(
          "verifier_abi_version",
          "max_message_len",
          "get_public_key_ptr",
          "hold_key",
          "allocate_verify_batch",
          "verify_batch",
          "verify_batch_strict",
          "get_verdicts_ptr",
          "memory");
  private static final Set<String> EXPORTS =
      Set.of(
          "abi_version",
          "max_message_len",
          "get_public_key_ptr",
          "get_signature_ptr",
          "allocate_message",
          "verify",
          "verify_strict",
          "memory");

  private final AtomicBoolean inUse = new AtomicBoolean();
  private final BatchModules.Pick<Instance> pick;

  /** A signature of a message, and the public key to verify it with. The arrays aren't copied. */
  public static final class Item {
    private final byte[] publicKey;
    private final byte[] message;
    private final byte[] signature;

    public Item(byte[] publicKey, byte[] message, byte[] signature) {
      this.publicKey = Objects.requireNonNull(publicKey, "publicKey");
      this.message = Objects.requireNonNull(message, "message");
      this.signature = Objects.requireNonNull(signature, "signature");
    }

    /** A signature of text, as UTF-8. */
    public Item(byte[] publicKey, String message, byte[] signature) {
      this(publicKey, Signer.utf8(message), signature);
    }

    private boolean hasSignature() {
      return signature.length == Signer.SIGNATURE_LENGTH;
    }
  }

  /**
   * A verifier on the first module that was loaded, and whose self-test passes here.
   *
   * @throws SignerException {@code NO_EXPORT} for a module that does not verify, {@code TRAPPED},
   *     and {@code SELF_TEST_FAILED} of the last module if none can be used
   * @throws IllegalArgumentException there is no module, or the last was refused and none before it
   *     can be used
   */
  public Verifier(BatchModules modules) {
    if (modules.isEmpty()) {
      throw new IllegalArgumentException("a verifier needs at least one module");
    }
    pick = new BatchModules.Pick<>(modules, Instance::new, Instance::isClosed, Instance::close);
    if (pick.use(Instance::isBatch).isEmpty()) {
      throw pick.why();
    }
  }

  /** A verifier on modules that are loaded already, in order of preference. */
  public Verifier(WasmModule... modules) {
    this(BatchModules.of(modules));
  }

  /**
   * The place in the list of the module that is used; -1 if the verifier is closed.
   *
   * @throws SignerException {@code IN_USE}
   */
  public int moduleIndex() {
    enter();
    try {
      return pick.index();
    } finally {
      inUse.set(false);
    }
  }

  /**
   * Verifies any number of signatures, as {@link Signer#verify(byte[], byte[], byte[])} does: for
   * each whether it is right. One that is not 64 bytes long is not right.
   *
   * @throws SignerException {@code PUBLIC_KEY_LENGTH} and {@code MESSAGE_TOO_LARGE}, before
   *     anything is verified, with the index of the item in its message; {@code OUT_OF_MEMORY},
   *     {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public boolean[] verifyMany(List<Item> items) {
    List<Item> all = List.copyOf(items); // none of them is null either
    return running(instance -> instance.verify(all, ""));
  }

  /** As {@link #verifyMany}, by {@link Signer#verifyStrict(byte[], byte[], byte[])}. */
  public boolean[] verifyManyStrict(List<Item> items) {
    List<Item> all = List.copyOf(items);
    return running(instance -> instance.verify(all, "_strict"));
  }

  /**
   * Has the table of a public key built now. Never needed: a key that comes often is held without
   * being asked for.
   *
   * @return false if the key is no point, or the module holds none, such as {@code signer-raw}
   * @throws SignerException {@code PUBLIC_KEY_LENGTH}, {@code TRAPPED}, {@code CLOSED}, {@code
   *     IN_USE}
   */
  public boolean hold(byte[] publicKey) {
    Objects.requireNonNull(publicKey, "publicKey");
    return running(instance -> instance.hold(publicKey));
  }

  /**
   * Ends the verifier. Every later call is {@code CLOSED}; closing again does nothing.
   *
   * @throws SignerException {@code IN_USE}: nothing is closed
   */
  @Override
  public void close() {
    enter();
    try {
      pick.close();
    } finally {
      inUse.set(false);
    }
  }

  private <R> R running(Function<Instance, R> use) {
    enter();
    try {
      return pick.use(use).orElseThrow(pick::why);
    } finally {
      inUse.set(false);
    }
  }

  private void enter() {
    Owned.room();
    if (!inUse.compareAndSet(false, true)) {
      throw new SignerException(Code.IN_USE);
    }
  }

  private interface GuestUse<R> {
    R of(Guest guest) throws GuestTrap;
  }

  /** An instance of one of the modules. After a trap the next call makes a new one. */
  private static final class Instance {
    private final WasmModule module;
    private final boolean isBatch;
    private Guest guest; // null: it trapped, or is closed
    private boolean isClosed;
    private int maxMessageLength;

    Instance(WasmModule module) {
      this.module = module;
      this.isBatch = module.exports().contains("verify_batch");
      if (!isBatch && !module.exports().contains("verify")) {
        throw new SignerException(Code.NO_EXPORT);
      }
      module.require(isBatch ? BATCH_EXPORTS : EXPORTS, "a verifier");
      renew();
    }

    boolean isBatch() {
      return isBatch;
    }

    boolean isClosed() {
      return isClosed;
    }

    void close() {
      isClosed = true;
      drop();
    }

    boolean hold(byte[] publicKey) {
      return running(
          guest -> {
            requireLength(publicKey, "the key to hold");
            if (!isBatch) {
              return false;
            }
            guest.write(guest.call("get_public_key_ptr"), publicKey);
            return guest.call("hold_key") != 0;
          });
    }

    boolean[] verify(List<Item> items, String strictly) {
      return running(
          guest -> {
            for (int i = 0; i < items.size(); i++) {
              requireLength(items.get(i).publicKey, "item " + i);
              if (items.get(i).message.length > maxMessageLength) {
                throw new SignerException(Code.MESSAGE_TOO_LARGE, "item " + i);
              }
            }
            boolean[] verdicts = new boolean[items.size()];
            if (isBatch) {
              int from = 0;
              for (var batch : Signer.batches(items, it -> it.message.length, maxMessageLength)) {
                verifyBatch(guest, "verify_batch" + strictly, batch, verdicts, from);
                from += batch.size();
              }
            } else {
              for (int i = 0; i < verdicts.length; i++) {
                Item it = items.get(i);
                verdicts[i] =
                    it.hasSignature()
                        && Signer.verify(
                            guest, "verify" + strictly, it.publicKey, it.message, it.signature);
              }
            }
            return verdicts;
          });
    }

    private <R> R running(GuestUse<R> use) {
      if (guest == null) {
        try {
          renew();
        } catch (RuntimeException cannot) {
          isClosed = true;
          throw new SignerException(Code.CLOSED, cannot);
        }
      }
      return guarded(use);
    }

    /** An instance whose calls end in anything but a refusal is not used again. */
    private <R> R guarded(GuestUse<R> use) {
      try {
        return use.of(guest);
      } catch (SignerException refused) {
        throw refused;
      } catch (GuestTrap trap) {
        drop();
        throw new SignerException(Code.TRAPPED, trap);
      } catch (RuntimeException | Error error) {
        drop();
        throw error;
      }
    }

    /** Makes an instance. One for batches verifies one of none, for its self-test. */
    private void renew() {
      try {
        guest = module.instantiate();
      } catch (GuestTrap trap) {
        throw new SignerException(Code.TRAPPED, trap);
      }
      try {
        guarded(
            guest -> {
              Signer.requireVersion(guest.call(isBatch ? "verifier_abi_version" : "abi_version"));
              maxMessageLength = guest.call("max_message_len");
              if (isBatch) {
                verifyBatch(guest, "verify_batch", List.of(), new boolean[0], 0);
              }
              return guest;
            });
      } catch (SignerException refused) {
        drop();
        throw refused;
      }
    }

    private void drop() {
      Guest dropped = guest;
      guest = null;
      if (dropped != null) {
        dropped.close();
      }
    }
  }

  private static void verifyBatch(
      Guest guest, String export, List<Item> items, boolean[] verdicts, int from) throws GuestTrap {
    int total = items.stream().mapToInt(item -> item.message.length).sum();
    int ptr = guest.call("allocate_verify_batch", items.size(), total);
    if (ptr != 0) { // otherwise verifying says why
      var batch =
          ByteBuffer.allocate(HEAD_LENGTH * items.size() + total).order(ByteOrder.LITTLE_ENDIAN);
      for (Item item : items) {
        // One that is too short or too long is left zero: its verdict is known.
        batch.put(item.publicKey).put(item.hasSignature() ? item.signature : NO_SIGNATURE);
        batch.putInt(item.message.length);
      }
      items.forEach(item -> batch.put(item.message));
      guest.write(ptr, batch.array());
    }
    Signer.check(guest.call(export));
    byte[] verified = guest.read(guest.call("get_verdicts_ptr"), items.size());
    for (int i = 0; i < verified.length; i++) {
      verdicts[from + i] = verified[i] == 1 && items.get(i).hasSignature();
    }
  }

  private static void requireLength(byte[] publicKey, String whose) {
    if (publicKey.length != Signer.PUBLIC_KEY_LENGTH) {
      throw new SignerException(Code.PUBLIC_KEY_LENGTH, whose);
    }
  }
}
