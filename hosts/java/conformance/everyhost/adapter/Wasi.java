package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import everyhost.signer.WasmModule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The operation {@code wasi}: runs a program, or does the steps of a reactor. */
final class Wasi {
  private final WasiProgram program;
  private final JsonObject answer = new JsonObject();

  private Wasi(WasiProgram program) {
    this.program = program;
  }

  static JsonObject run(WasmRuntime runtime, WasmModule module, JsonObject given) {
    var stdout = new Output();
    var stderr = new Output();
    try (WasiProgram program = runtime.program(module, settings(given, stdout, stderr))) {
      Guest guest;
      try {
        guest = program.start();
      } catch (GuestTrap | RuntimeException | Error cannot) {
        return Wire.error("NO_INSTANCE", cannot);
      }
      var wasi = new Wasi(program);
      if (!given.has("steps")) {
        wasi.command(guest);
      } else if (!wasi.reactor(guest, Wire.array(given, "steps"), Wire.flag(given, "after_trap"))) {
        return Wire.of("error", "NO_INSTANCE");
      }
      wasi.answer.addProperty("stdout", stdout.hex());
      wasi.answer.addProperty("stderr", stderr.hex());
      return Wire.ok(wasi.answer);
    }
  }

  private void command(Guest guest) {
    try {
      guest.invoke("_start");
      answer.addProperty("exit_code", 0);
    } catch (GuestTrap trap) {
      isExit(trap);
    } catch (IllegalArgumentException noStart) {
      throw new RequestException(noStart.getMessage(), noStart);
    }
  }

  /** False: it could not be initialized. */
  private boolean reactor(Guest guest, JsonArray steps, boolean afterTrap) {
    var answers = new JsonArray();
    answer.add("steps", answers);
    if (guest.type("_initialize").isPresent()) {
      try {
        guest.invoke("_initialize");
      } catch (GuestTrap trap) {
        return isExit(trap);
      }
    }
    RawSteps.of(guest, new HashMap<>(), steps, trap -> !isExit(trap) && afterTrap, answers);
    return true;
  }

  /** Whether a trap is the end of the program; if so, its exit code is answered. */
  private boolean isExit(GuestTrap trap) {
    OptionalInt code = program.exitCode(trap);
    code.ifPresent(it -> answer.addProperty("exit_code", Integer.toUnsignedLong(it)));
    return code.isPresent();
  }

  private static WasiProgram.Settings settings(JsonObject given, Output stdout, Output stderr) {
    Map<String, String> env = new LinkedHashMap<>();
    for (JsonElement variable : list(given, "env")) {
      String[] parts = text(variable).split("=", 2);
      env.put(parts[0], parts.length == 2 ? parts[1] : "");
    }
    Map<String, String> dirs = new LinkedHashMap<>();
    for (JsonElement dir : list(given, "dirs")) {
      if (!(dir instanceof JsonObject object)) {
        throw new RequestException("a folder is an object");
      }
      dirs.put(Wire.text(object, "guest"), Wire.text(object, "host"));
    }
    return new WasiProgram.Settings(
        list(given, "args").stream().map(Wasi::text).toList(),
        env,
        new ByteArrayInputStream(given.has("stdin") ? Wire.bytes(given, "stdin") : new byte[0]),
        stdout,
        stderr,
        dirs);
  }

  private static List<JsonElement> list(JsonObject given, String name) {
    return given.has(name) ? Wire.array(given, name).asList() : List.of();
  }

  private static String text(JsonElement value) {
    return Wire.text(Wire.of("it", value), "it");
  }

  /** Keeps what is written, as far as an answer can hold it. */
  private static final class Output extends ByteArrayOutputStream {
    private static final int LIMIT = Wire.MAX_LINE_LENGTH / 4 - 1000; // two of them, in hex

    @Override
    public synchronized void write(byte[] bytes, int start, int length) {
      super.write(bytes, start, Math.min(length, LIMIT + 1 - count));
    }

    @Override
    public synchronized void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    String hex() {
      if (count > LIMIT) {
        throw new RequestException("more was written than an answer can hold");
      }
      return Wire.hex(toByteArray());
    }
  }
}
