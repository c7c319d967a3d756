package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.WasmModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The adapter: the runner asks it, it asks the wrapper. See {@code hosts/CONTRACT.md}. */
public final class Adapter implements Wire.Answerer {
  /** What may bring a module of its own. */
  private static final Set<String> PERHAPS_WITH_MODULE = Set.of("raw_imports", "wasi");

  private final WasmRuntime runtime;
  private final Map<String, WasmModule> modules = new LinkedHashMap<>();

  Adapter(WasmRuntime runtime) {
    this.runtime = runtime;
  }

  /** Answers stdin on stdout, on the runtime that the one argument names. */
  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("usage: Adapter " + WasmRuntime.names());
      System.exit(2);
    }
    try {
      var adapter = new Adapter(WasmRuntime.of(args[0]));
      System.exit(Wire.serve("java adapter", request -> Wire.answer(adapter, request)));
    } catch (IllegalArgumentException error) {
      System.err.println("java adapter: " + error.getMessage());
      System.exit(2);
    }
  }

  @Override
  public JsonObject hello(JsonObject given) throws IOException {
    modules.clear();
    var loaded = new JsonObject();
    for (Map.Entry<String, JsonElement> file : given.entrySet()) {
      if (!(file.getValue() instanceof JsonObject where)) {
        throw new RequestException("modules." + file.getKey() + " is not an object");
      }
      loaded.add(file.getKey(), load(file.getKey(), where));
    }
    runtime.warmUp();
    JsonObject reply = describe("java", runtime.description());
    reply.add("modules", loaded);
    return reply;
  }

  private JsonObject load(String name, JsonObject where) throws IOException {
    String path = Wire.text(where, "path");
    byte[] wasm;
    try {
      wasm = Files.readAllBytes(Path.of(path));
    } catch (NoSuchFileException missing) {
      throw new IOException(path + " is not there", missing);
    }
    JsonObject entry = Wire.of("sha256", sha256(wasm));
    var ops = new JsonArray();
    entry.add("ops", ops);
    try {
      if (where.has("glue")) {
        throw new IllegalArgumentException("it needs its glue, which is JavaScript");
      }
      WasmModule module = load(wasm);
      modules.put(name, module);
      opsOf(module).forEach(ops::add);
    } catch (IllegalArgumentException refused) {
      entry.addProperty("refused", refused.getMessage());
    }
    return entry;
  }

  private WasmModule load(byte[] wasm) {
    try {
      return runtime.load(wasm);
    } catch (IllegalArgumentException refused) {
      throw refused;
    } catch (RuntimeException | Error failed) { // the runtime's own, and for this module alone
      throw new IllegalArgumentException("it cannot be loaded: " + failed, failed);
    }
  }

  @Override
  public JsonObject run(String name, String op, JsonObject given) {
    WasmModule module = modules.get(name);
    if (module == null) {
      throw new RequestException("hello gave no module %s that could be loaded".formatted(name));
    }
    if (!opsOf(module).contains(op)) {
      throw new RequestException("%s is not an operation of %s".formatted(op, name));
    }
    if (op.equals("raw_module") || (PERHAPS_WITH_MODULE.contains(op) && given.has("wasm"))) {
      try {
        module = load(Wire.bytes(given, "wasm"));
      } catch (IllegalArgumentException refused) {
        return Wire.error("MODULE_REFUSED", refused);
      }
    }
    return switch (op) {
      case "raw", "raw_module" -> RawSteps.run(module, given);
      case "raw_imports" -> RawSteps.runWith(runtime, module, given);
      case "wasi" -> Wasi.run(runtime, module, given);
      case "raw_memory_limit" ->
          RawSteps.runWithin(runtime, module, Wire.integer(given, "max_pages"), given);
      case "raw_deadline" -> RawSteps.runUntil(module, Wire.integer(given, "deadline_ms"), given);
      case "kept_view" -> KeptView.look(module, given);
      default ->
          Canonical.has(module, op)
              ? Canonical.run(module, op, given)
              : Operations.run(module, op, given);
    };
  }

  private List<String> opsOf(WasmModule module) {
    // The wrappers give no imports.
    Set<String> exports = module.imports().isEmpty() ? module.exports() : Set.of();
    List<String> ops = new ArrayList<>();
    if (exports.contains("sign_loaded")) {
      ops.addAll(List.of("public_key", "sign"));
      // The small modules have no batches, and signer-lanes does not verify.
      if (exports.contains("sign_batch")) {
        ops.add("sign_many");
      }
      ops.add("session");
    }
    if (exports.contains("verify") || exports.contains("verify_batch")) {
      ops.addAll(List.of("verify", "verify_strict", "verify_many", "verify_many_strict"));
    }
    if (exports.contains("read_private_key")) {
      ops.addAll(List.of("read_key", "write_key"));
    }
    if (exports.contains("add_numbers")) {
      ops.addAll(List.of("add", "divide"));
    }
    if (module.imports().isEmpty()) {
      ops.addAll(Canonical.opsOf(module));
    }
    ops.addAll(List.of("raw", "raw_deadline", "raw_module", "raw_imports", "wasi"));
    if (runtime.limitsMemory()) {
      ops.add("raw_memory_limit");
    }
    if (runtime.showsMemory() && exports.containsAll(KeptView.EXPORTS)) {
      ops.add("kept_view");
    }
    return ops;
  }

  /** What a hello says of this process. */
  static JsonObject describe(String host, String runtime) {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    JsonObject reply = Wire.of("host", host, "runtime", runtime);
    reply.addProperty("version", System.getProperty("java.version"));
    reply.addProperty("os", system + "/" + System.getProperty("os.arch"));
    return reply;
  }

  static String sha256(byte[] bytes) {
    try {
      return Wire.hex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
