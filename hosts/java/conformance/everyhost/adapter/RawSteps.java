package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import everyhost.signer.WasmModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The {@code raw} operations: primitive steps on one fresh instance, without a wrapper. */
final class RawSteps {
  private static final long PAGE_LENGTH = 65536;
  private static final int NO_DEADLINE = -1;

  /** Ends calls that take too long. A daemon, so that it does not keep the process. */
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "deadline");
            thread.setDaemon(true);
            return thread;
          });

  private final Guest guest;
  private final int deadlineMillis;
  private final Map<String, Integer> named = new HashMap<>();

  private RawSteps(Guest guest, int deadlineMillis) {
    this.guest = guest;
    this.deadlineMillis = deadlineMillis;
  }

  static JsonObject run(WasmModule module, JsonObject given) {
    return run(module::instantiate, NO_DEADLINE, given);
  }

  static JsonObject runWithin(
      WasmRuntime runtime, WasmModule module, int maxPages, JsonObject given) {
    return run(() -> runtime.instantiateWithin(module, maxPages), NO_DEADLINE, given);
  }

  static JsonObject runUntil(WasmModule module, int deadlineMillis, JsonObject given) {
    if (deadlineMillis < 0) {
      throw new RequestException("deadline_ms is negative");
    }
    return run(module::instantiate, deadlineMillis, given);
  }

  private interface Instantiation {
    Guest make() throws GuestTrap;
  }

  private static JsonObject run(Instantiation instantiation, int deadlineMillis, JsonObject given) {
    JsonArray steps = Wire.array(given, "steps");
    Guest guest;
    try {
      guest = instantiation.make();
    } catch (GuestTrap | RuntimeException | Error cannot) { // such as that there is no more memory
      return Wire.error("NO_INSTANCE", cannot);
    }
    try {
      return Wire.ok(Wire.of("steps", new RawSteps(guest, deadlineMillis).all(steps)));
    } finally {
      guest.close();
    }
  }

  private JsonArray all(JsonArray steps) {
    var answers = new JsonArray();
    for (JsonElement step : steps) {
      if (!(step instanceof JsonObject object)) {
        throw new RequestException("a step is an object");
      }
      try {
        answers.add(step(object));
      } catch (GuestTrap trap) {
        answers.add(trap.isCutOff() ? Wire.of("error", "CUT_OFF") : Wire.trap(trap));
        break;
      }
    }
    return answers;
  }

  private JsonObject step(JsonObject step) throws GuestTrap {
    String what = Wire.text(step, "do");
    try {
      return switch (what) {
        case "call" -> call(step);
        case "write" ->
            inBounds(
                () -> {
                  guest.write(pointer(step), Wire.bytes(step, "bytes"));
                  return new JsonObject();
                });
        case "read" ->
            inBounds(() -> Wire.of("bytes", Wire.hex(read(pointer(step), Wire.length(step)))));
        case "pages" -> Wire.ok(Wire.of("pages", guest.memoryLength() / PAGE_LENGTH));
        default -> throw new RequestException("no such step: " + what);
      };
    } catch (TypeMismatch mismatch) {
      return Wire.error("TYPE_MISMATCH", mismatch);
    }
  }

  private static JsonObject inBounds(Supplier<JsonObject> access) {
    try {
      return Wire.ok(access.get());
    } catch (IndexOutOfBoundsException outside) {
      return Wire.of("error", "OUT_OF_BOUNDS");
    }
  }

  private byte[] read(int ptr, long length) {
    Guest.checkBounds(ptr, length, guest.memoryLength());
    return guest.read(ptr, (int) length); // no memory here has 2 GiB
  }

  private JsonObject call(JsonObject step) throws GuestTrap {
    String export = Wire.text(step, "export");
    var type = guest.type(export);
    if (type.isEmpty()) {
      return Wire.of("error", "NO_EXPORT");
    }
    List<String> results = type.get().results();
    List<Value> args = new ArrayList<>();
    if (step.has("args")) {
      Wire.array(step, "args").forEach(arg -> args.add(Value.decode(arg, named)));
    }
    if (!args.stream().map(Value::kind).toList().equals(type.get().params())
        || !Value.KINDS.containsAll(results)) {
      throw new TypeMismatch(
          "%s takes (%s) and returns (%s)"
              .formatted(
                  export, String.join(", ", type.get().params()), String.join(", ", results)));
    }
    if (step.has("as") && (results.isEmpty() || !results.get(0).equals("i32"))) {
      throw new TypeMismatch("%s returns no i32 that could be named".formatted(export));
    }

    long[] returned = invoke(export, args.stream().mapToLong(Value::bits).toArray());
    if (step.has("as")) {
      named.put(Wire.text(step, "as"), (int) returned[0]);
    }
    var shown = new JsonArray();
    for (int i = 0; i < returned.length; i++) {
      shown.add(new Value(results.get(i), returned[i]).encode());
    }
    return Wire.ok(Wire.of("results", shown));
  }

  private long[] invoke(String export, long[] args) throws GuestTrap {
    if (deadlineMillis == NO_DEADLINE) {
      return guest.invoke(export, args);
    }
    var alarm = interruptAfter(guest, deadlineMillis);
    try {
      return guest.invoke(export, args);
    } finally {
      alarm.cancel(false);
    }
  }

  /** Again and again, until it is cancelled: the first may come before the call has begun. */
  static Future<?> interruptAfter(Guest guest, int millis) {
    return WATCH.scheduleWithFixedDelay(guest::interrupt, millis, 10, TimeUnit.MILLISECONDS);
  }

  private int pointer(JsonObject step) {
    if (!step.has("ptr")) {
      throw new RequestException("ptr is missing");
    }
    Value value = Value.decode(step.get("ptr"), named);
    if (!value.kind().equals("i32")) {
      throw new TypeMismatch("a pointer is an i32, not " + value.kind());
    }
    return (int) value.bits();
  }

  /** What a step gives is not of the types that the module has: nothing is done then. */
  private static final class TypeMismatch extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TypeMismatch(String message) {
      super(message);
    }
  }
}
