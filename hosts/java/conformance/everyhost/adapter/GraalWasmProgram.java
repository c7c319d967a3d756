package everyhost.adapter;

import everyhost.signer.GraalWasmModule;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyObject;

/** A program on GraalWasm's WASI. */
final class GraalWasmProgram implements WasiProgram {
  private final GraalWasmModule.GraalWasmGuest guest;

  GraalWasmProgram(GraalWasmModule module, Settings settings) {
    settings.dirs().forEach(GraalWasmProgram::checkNames);
    String dirs =
        settings.dirs().entrySet().stream()
            .map(dir -> dir.getKey() + "::" + dir.getValue())
            .collect(Collectors.joining(","));
    var context =
        Context.newBuilder("wasm")
            .option("wasm.Builtins", "wasi_snapshot_preview1")
            .option("wasm.WasiMapDirs", dirs)
            .allowIO(IOAccess.ALL)
            .arguments("wasm", settings.args().toArray(String[]::new))
            .environment(settings.env())
            .in(settings.stdin())
            .out(settings.stdout())
            .err(settings.stderr());
    this.guest = module.prepare(context);
  }

  /** The option has no way to write these, and what is between them would be a folder too. */
  private static void checkNames(String guest, String host) {
    if (guest.contains("::") || (guest + host).contains(",")) {
      throw new RequestException("GraalWasm can't open %s as %s".formatted(host, guest));
    }
  }

  @Override
  public Guest start() throws GuestTrap {
    guest.start(ProxyObject.fromMap(Map.of()), null);
    return guest;
  }

  @Override
  public OptionalInt exitCode(GuestTrap trap) {
    return trap.getCause() instanceof PolyglotException exit && exit.isExit()
        ? OptionalInt.of(exit.getExitStatus())
        : OptionalInt.empty();
  }

  @Override
  public void close() {
    guest.close();
  }
}
