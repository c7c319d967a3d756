package everyhost.adapter;

import everyhost.example.Versions;
import everyhost.signer.EndiveModule;
import everyhost.signer.GraalWasmModule;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import everyhost.signer.WasmModule;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;

/** The runtimes that a row can name, and what each of them has the means for. */
enum WasmRuntime {
  ENDIVE,
  ENDIVE_INTERPRETER,
  GRAALWASM;

  /** A module that exports {@code count}: it adds up to its argument, in memory, one at a time. */
  private static final String COUNTER =
      "0061736d0100000001060160017f017f03020100050301000107090105636f756e7400000a230121"
          + "01017f0340200141016a21014100200136020041002802002000490d000b20010b";

  static WasmRuntime of(String name) {
    return Arrays.stream(values())
        .filter(runtime -> runtime.argument().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no runtime is called %s; there are: %s".formatted(name, names())));
  }

  static String names() {
    return Arrays.stream(values()).map(WasmRuntime::argument).collect(Collectors.joining(", "));
  }

  private String argument() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  WasmModule load(byte[] wasm) {
    return switch (this) {
      case ENDIVE -> EndiveModule.compile(wasm);
      case ENDIVE_INTERPRETER -> EndiveModule.interpret(wasm);
      case GRAALWASM -> GraalWasmModule.load(wasm);
    };
  }

  /** Runs a little: on a cold JVM the first calls take far longer than a deadline may be. */
  void warmUp() {
    WasmModule counter = load(HexFormat.of().parseHex(COUNTER));
    for (int i = 0; i < 3; i++) {
      try (Guest guest = counter.instantiate()) {
        var cut = RawSteps.interruptAfter(guest, i == 0 ? 0 : 1000);
        guest.call("count", 1000);
        cut.cancel(false);
      } catch (GuestTrap cutOff) {
        // As it should be, where it was not done already.
      }
    }
  }

  /** Its name and version, and how it runs a module. */
  String description() {
    return switch (this) {
      case ENDIVE -> "Endive %s, compiled".formatted(Versions.of("endive"));
      case ENDIVE_INTERPRETER -> "Endive %s, interpreted".formatted(Versions.of("endive"));
      case GRAALWASM ->
          "GraalWasm %s, %s"
              .formatted(
                  Versions.of("graalwasm"),
                  GraalWasmModule.isCompiling() ? "compiled" : "interpreted");
    };
  }

  /** Whether a host can set a limit to an instance's memory. */
  boolean limitsMemory() {
    return this != GRAALWASM;
  }

  /** Whether a host can look into an instance's memory without copying. */
  boolean showsMemory() {
    return this == GRAALWASM;
  }

  /** What gives a module its imports. */
  Linker linker(WasmModule module) {
    return this == GRAALWASM
        ? new GraalWasmLinker((GraalWasmModule) module)
        : new EndiveLinker((EndiveModule) module);
  }

  /** A program on the runtime's own WASI. */
  WasiProgram program(WasmModule module, WasiProgram.Settings settings) {
    return this == GRAALWASM
        ? new GraalWasmProgram((GraalWasmModule) module, settings)
        : new EndiveProgram((EndiveModule) module, settings);
  }

  /** An instance whose memory cannot grow beyond so many pages. */
  Guest instantiateWithin(WasmModule module, int maxPages) throws GuestTrap {
    return ((EndiveModule) module).instantiate(maxPages);
  }
}
