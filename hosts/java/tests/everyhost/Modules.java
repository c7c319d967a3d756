package everyhost;

import everyhost.signer.EndiveModule;
import everyhost.signer.GraalWasmModule;
import everyhost.signer.WasmModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The built modules, the published test key, and signers that are bad on purpose. */
public final class Modules {
  // Published in a book: good for tests, never for anything else.
  public static final byte[] SEED =
      hex("fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf");
  public static final byte[] PUBLIC_KEY =
      hex("3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f");
  public static final byte[] KEYPAIR = ModuleBuilder.join(SEED, PUBLIC_KEY);
  public static final byte[] MISMATCHED = ModuleBuilder.join(SEED, new byte[32]);
  public static final byte[] HELLO_SIGNATURE =
      hex(
          "5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3"
              + "d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303");

  /** hosts/java: Maven runs the tests in it. */
  public static final Path HOST = Path.of("").toAbsolutePath();

  /** Which runtime the tests are for: check.sh runs them once for each. */
  public static final String RUNTIME = System.getProperty("runtime", "endive");

  private static final Map<String, WasmModule> BUILT = new ConcurrentHashMap<>();

  private Modules() {}

  public static Path path(String name) {
    return path("modules", name);
  }

  private static Path path(String folder, String name) {
    Path path = HOST.resolve("../../target").resolve(folder).resolve(name + ".wasm").normalize();
    if (!Files.exists(path)) {
      throw new AssertionError(path + " is not there; run make modules");
    }
    return path;
  }

  public static byte[] bytes(String name) {
    return read(path(name));
  }

  /** A module that is made for tests: hosts/fixtures has its text. */
  public static byte[] fixture(String name) {
    return read(path("fixtures", name));
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** A built module on the runtime of this test run, loaded once. */
  public static WasmModule built(String name) {
    return BUILT.computeIfAbsent(name, any -> load(bytes(name)));
  }

  public static WasmModule load(byte[] wasm) {
    return isGraalWasm() ? GraalWasmModule.load(wasm) : EndiveModule.compile(wasm);
  }

  public static boolean isGraalWasm() {
    return switch (RUNTIME) {
      case "graalwasm" -> true;
      case "endive" -> false;
      default -> throw new AssertionError("no runtime is called " + RUNTIME);
    };
  }

  /** A signer that lacks these exports; its functions do nothing, except those with bodies here. */
  public static byte[] fakeSigner(Map<String, byte[]> bodies, String... lacking) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("abi_version", ModuleBuilder.i32(1));
    all.put("max_message_len", ModuleBuilder.i32(4096));
    all.put("get_signing_key_ptr", ModuleBuilder.i32(0));
    all.put("get_signature_ptr", ModuleBuilder.i32(64));
    all.put("get_public_key_ptr", ModuleBuilder.i32(128));
    all.put("allocate_message", ModuleBuilder.i32(1024));
    all.put("sign", new byte[0]);
    all.put("derive_public_key", ModuleBuilder.i32(0));
    all.put("load_key", ModuleBuilder.i32(0));
    all.put("sign_loaded", ModuleBuilder.i32(0));
    all.put("verify", ModuleBuilder.i32(0));
    all.put("verify_strict", ModuleBuilder.i32(0));
    all.put("allocate_batch", ModuleBuilder.i32(1024));
    all.put("sign_batch", ModuleBuilder.i32(0));
    all.put("get_batch_signatures_ptr", ModuleBuilder.i32(2048));
    all.put("wipe", new byte[0]);
    all.putAll(bodies);
    all.keySet().removeAll(List.of(lacking));
    var module = new ModuleBuilder().memory(1, -1);
    var params = Map.of("allocate_message", "i", "allocate_batch", "ii");
    var withoutResult = Set.of("sign", "wipe");
    all.forEach(
        (name, body) ->
            module.function(
                name,
                params.getOrDefault(name, ""),
                withoutResult.contains(name) ? "" : "i",
                body));
    return module.build();
  }

  public static WasmModule fake(String export, byte[] body) {
    return load(fakeSigner(Map.of(export, body)));
  }

  public static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  public static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
