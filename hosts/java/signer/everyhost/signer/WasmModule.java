package everyhost.signer;

import java.util.List;
import java.util.Set;

/**
 * A Wasm module that one of the runtimes has loaded, once. Make as many instances of it as needed:
 * each has a memory of its own. Loading takes far longer than everything else, so keep this.
 *
 * <p>May be shared by several threads.
 *
 * @see EndiveModule
 * @see GraalWasmModule
 */
public interface WasmModule {

  /** The SHA-256 of the bytes that were loaded, in lower-case hex. */
  String sha256();

  /** The names of everything that the module exports. */
  Set<String> exports();

  /** What the module imports, as {@code module.name}. A host like these gives none. */
  List<String> imports();

  /**
   * Makes an instance.
   *
   * @throws GuestTrap its start function trapped
   * @throws IllegalArgumentException the module has imports, or needs more memory than this runtime
   *     has
   */
  Guest instantiate() throws GuestTrap;

  /**
   * Makes sure that the module exports all of these names.
   *
   * @throws IllegalArgumentException it does not; the message calls for such a module
   */
  default void require(Set<String> names, String kind) {
    List<String> missing =
        names.stream().filter(name -> !exports().contains(name)).sorted().toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "not %s module: it does not export %s".formatted(kind, String.join(", ", missing)));
    }
  }
}
