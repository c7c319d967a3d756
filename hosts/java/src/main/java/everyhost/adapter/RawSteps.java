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

/**
 * The {@code raw} operations: primitive steps on one fresh instance, by the ABI itself and not
 * through a wrapper.
 */
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
    } catch (GuestTrap trap) {
      return trap();
    } catch (IllegalArgumentException cannot) {
      throw new RequestException(
          "the module cannot be instantiated: " + cannot.getMessage(), cannot);
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
        answers.add(trap.isCutOff() ? Wire.of("error", "CUT_OFF") : trap());
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
        case "write" -> {
          guest.write(pointer(step), Wire.bytes(step, "bytes"));
          yield Wire.ok(new JsonObject());
        }
        case "read" -> {
          byte[] bytes = guest.read(pointer(step), Wire.integer(step, "len"));
          yield Wire.ok(Wire.of("bytes", Wire.hex(bytes)));
        }
        case "pages" -> {
          var pages = new JsonObject();
          pages.addProperty("pages", guest.memoryLength() / PAGE_LENGTH);
          yield Wire.ok(pages);
        }
        default -> throw new RequestException("no such step: " + what);
      };
    } catch (IndexOutOfBoundsException outside) {
      return Wire.of("error", "OUT_OF_BOUNDS");
    }
  }

  private JsonObject call(JsonObject step) throws GuestTrap {
    String export = Wire.text(step, "export");
    var type = guest.type(export);
    if (type.isEmpty()) {
      return Wire.of("error", "NO_EXPORT");
    }
    List<String> results = type.get().results();
    for (String kind : results) {
      if (!Value.KINDS.contains(kind)) {
        throw new RequestException("integers and floats are returned here, not " + kind);
      }
    }
    List<Value> args = new ArrayList<>();
    if (step.has("args")) {
      Wire.array(step, "args").forEach(arg -> args.add(Value.decode(arg, named)));
    }
    if (!args.stream().map(Value::kind).toList().equals(type.get().params())) {
      throw new RequestException(
          "%s takes (%s)".formatted(export, String.join(", ", type.get().params())));
    }

    long[] returned = invoke(export, args.stream().mapToLong(Value::bits).toArray());
    if (step.has("as")) {
      if (results.isEmpty() || !results.get(0).equals("i32")) {
        throw new RequestException("%s returns no i32 that could be named".formatted(export));
      }
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
      throw new RequestException("a pointer is an i32, not " + value.kind());
    }
    return (int) value.bits();
  }

  private static JsonObject trap() {
    var answer = new JsonObject();
    answer.addProperty("trap", true);
    return answer;
  }
}
