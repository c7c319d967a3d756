package everyhost.adapter;

import everyhost.signer.EndiveModule;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import java.nio.file.Path;
import java.util.OptionalInt;
import run.endive.runtime.ImportValues;
import run.endive.wasi.WasiExitException;
import run.endive.wasi.WasiOptions;
import run.endive.wasi.WasiPreview1;

/** A program on Endive's WASI. */
final class EndiveProgram implements WasiProgram {
  private final EndiveModule.EndiveGuest guest;
  private final WasiPreview1 wasi;

  EndiveProgram(EndiveModule module, Settings settings) {
    var options =
        WasiOptions.builder()
            .withArguments(settings.args())
            .withStdin(settings.stdin(), false)
            .withStdout(settings.stdout(), false)
            .withStderr(settings.stderr(), false);
    settings.env().forEach(options::withEnvironment);
    settings.dirs().forEach((guest, host) -> options.withDirectory(guest, Path.of(host)));
    this.guest = module.prepare();
    this.wasi = WasiPreview1.builder().withOptions(options.build()).build();
  }

  @Override
  public Guest start() throws GuestTrap {
    guest.start(ImportValues.builder().addFunction(wasi.toHostFunctions()).build());
    return guest;
  }

  @Override
  public OptionalInt exitCode(GuestTrap trap) {
    return trap.getCause() instanceof WasiExitException exit
        ? OptionalInt.of(exit.exitCode())
        : OptionalInt.empty();
  }

  @Override
  public void close() {
    wasi.close();
    guest.close();
  }
}
