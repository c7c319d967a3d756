package everyhost.signer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The modules that this package has inside. Each is loaded when it is first asked for, and then
 * kept, so keep this:
 *
 * <pre>{@code
 * static final Modules MODULES = new Modules(EndiveModule::compile);
 * }</pre>
 *
 * <p>May be shared by several threads.
 */
public final class Modules {
  /** Their names. */
  public static final List<String> NAMES =
      List.of(
          "signer-raw",
          "signer-lanes",
          "signer-lanes-relaxed",
          "verifier-lanes",
          "verifier-lanes-relaxed",
          "keys");

  private final Function<byte[], WasmModule> load;
  private final Map<String, WasmModule> loaded = new ConcurrentHashMap<>();
  private final Map<List<String>, BatchModules> batches = new ConcurrentHashMap<>();

  /**
   * The modules, on one of the runtimes.
   *
   * @param load how they are loaded, such as {@code EndiveModule::compile}
   */
  public Modules(Function<byte[], WasmModule> load) {
    this.load = load;
  }

  /** {@code signer-raw}, for a {@link Signer}: it does everything, on every runtime. */
  public WasmModule signer() {
    return module("signer-raw");
  }

  /** What signs many messages faster, for a {@link Signer}, if the runtime has SIMD. */
  public BatchModules signerBatches() {
    return batches("signer-lanes-relaxed", "signer-lanes");
  }

  /** For a {@link Verifier}: what verifies many signatures faster, then {@code signer-raw}. */
  public BatchModules verifier() {
    return batches("verifier-lanes-relaxed", "verifier-lanes", "signer-raw");
  }

  /** For {@link Keys}. */
  public WasmModule keys() {
    return module("keys");
  }

  /**
   * A module by its name.
   *
   * @throws IllegalArgumentException there is none of that name, or the runtime cannot load it
   */
  public WasmModule module(String name) {
    return loaded.computeIfAbsent(name, absent -> load.apply(bytes(absent)));
  }

  /**
   * The bytes of a module's .wasm file.
   *
   * @throws IllegalArgumentException there is none of that name
   */
  public static byte[] bytes(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "no module is called %s; there are: %s".formatted(name, String.join(", ", NAMES)));
    }
    String file = "modules/" + name + ".wasm";
    try (InputStream in = Modules.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(
            file + " is not beside the classes of everyhost.signer; the package has it there");
      }
      return in.readAllBytes();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private BatchModules batches(String... names) {
    return batches.computeIfAbsent(List.of(names), all -> BatchModules.load(this::module, all));
  }
}
