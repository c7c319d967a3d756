package everyhost.adapter;

import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A program of WASI preview 1, on the runtime's own WASI. */
interface WasiProgram extends AutoCloseable {
  /** What the program is given: folders are those of the host by their names in the guest. */
  record Settings(
      List<String> args,
      Map<String, String> env,
      InputStream stdin,
      OutputStream stdout,
      OutputStream stderr,
      Map<String, String> dirs) {}

  /** Makes the instance, and calls nothing. */
  Guest start() throws GuestTrap;

  /** What the program gave to {@code proc_exit}, if the trap is the end of it. */
  OptionalInt exitCode(GuestTrap trap);

  @Override
  void close();
}
