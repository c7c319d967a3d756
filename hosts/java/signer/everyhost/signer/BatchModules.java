package everyhost.signer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Further modules of a {@link Signer}, faster at many messages than the main one: {@code
 * signer-lanes-relaxed} and {@code signer-lanes}, in order of preference.
 *
 * <p>One that the runtime cannot load, or that fails its self-test here, is passed over; where none
 * is left, the main module signs. Loading takes far longer than everything else, so keep this. May
 * be shared by several threads.
 */
public final class BatchModules {
  private static final Set<String> EXPORTS =
      Set.of("allocate_batch", "sign_batch", "get_batch_signatures_ptr");

  /** None at all: the main module signs every batch. */
  public static final BatchModules NONE = new BatchModules(List.of());

  private final List<Optional<WasmModule>> modules;

  private BatchModules(List<Optional<WasmModule>> modules) {
    this.modules = modules;
  }

  /**
   * Loads modules.
   *
   * @param load how, such as {@code EndiveModule::compile}; what it refuses with an {@link
   *     IllegalArgumentException} is passed over
   * @param wasm the bytes of .wasm files, in order of preference
   * @throws IllegalArgumentException a module is loaded, but cannot sign batches
   */
  public static BatchModules load(Function<byte[], WasmModule> load, List<byte[]> wasm) {
    List<Optional<WasmModule>> modules = new ArrayList<>();
    for (byte[] bytes : wasm) {
      Optional<WasmModule> module = loaded(load, bytes);
      module.ifPresent(there -> there.require(EXPORTS, "a batch"));
      modules.add(module);
    }
    return new BatchModules(List.copyOf(modules));
  }

  private static Optional<WasmModule> loaded(Function<byte[], WasmModule> load, byte[] bytes) {
    try {
      return Optional.of(load.apply(bytes));
    } catch (IllegalArgumentException refused) {
      return Optional.empty();
    }
  }

  /**
   * Finds the first module that signs rightly here, and holds a signer of it. Nothing is made
   * before a key is first asked for: the table of such a module takes some milliseconds and 250 KB.
   */
  static final class Pick {
    private final List<Optional<WasmModule>> modules;
    private int at; // the place in the list of the module that is used, or tried next
    private Signer signer; // null: none yet

    Pick(BatchModules batchModules) {
      this.modules = batchModules.modules;
    }

    /** The place in the list of the module that is used; -1 while there is none. */
    int index() {
      return signer == null ? -1 : at;
    }

    /** The signer, for tests; null while there is none. */
    Signer signer() {
      return signer;
    }

    /** Signs with the first module that can be used, or not at all where none can be. */
    Optional<List<byte[]>> signMany(byte[] keypair, List<byte[]> messages) {
      try {
        for (; at < modules.size(); at++) {
          if (modules.get(at).isPresent() && isReady(modules.get(at).get(), keypair)) {
            return Optional.of(signer.signMany(messages));
          }
          close();
        }
        return Optional.empty();
      } finally {
        dropIfClosed();
      }
    }

    /** Clears every secret. */
    void wipe() {
      try {
        if (signer != null) {
          signer.wipe();
        }
      } finally {
        dropIfClosed();
      }
    }

    /** Clears every secret and drops the instance. */
    void close() {
      if (signer != null) {
        signer.close();
        signer = null;
      }
    }

    /** After a trap no new instance came up, or it refused the key: the main module signs now. */
    private void dropIfClosed() {
      if (signer != null && signer.isClosed()) {
        signer = null;
        at = modules.size();
      }
    }

    /** Whether the signer could be made and given the key, as far as it had to be. */
    private boolean isReady(WasmModule module, byte[] keypair) {
      if (signer == null) {
        signer = new Signer(module);
      }
      if (!signer.holdsKey()) {
        try {
          signer.loadKey(keypair);
        } catch (SignerException error) {
          if (error.code() == Code.SELF_TEST_FAILED) {
            return false;
          }
          throw error;
        }
      }
      return true;
    }
  }
}
