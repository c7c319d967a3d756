package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import everyhost.signer.WasmModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The {@code raw} operations: primitive steps on one fresh instance, without a wrapper. */
final class RawSteps {
  private static final long PAGE_LENGTH = 65536;
  private static final int NO_DEADLINE = -1;
  private static final JsonPrimitive NUL = new JsonPrimitive("nul");

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
  private final RawImports imports;
  private final Map<String, Value> named;

  private RawSteps(Guest guest, int deadlineMillis, RawImports imports, Map<String, Value> named) {
    this.guest = guest;
    this.deadlineMillis = deadlineMillis;
    this.imports = imports;
    this.named = named;
  }

  static JsonObject run(WasmModule module, JsonObject given) {
    return run(module::instantiate, NO_DEADLINE, new RawImports(), given);
  }

  static JsonObject runWithin(
      WasmRuntime runtime, WasmModule module, int maxPages, JsonObject given) {
    return run(
        () -> runtime.instantiateWithin(module, maxPages), NO_DEADLINE, new RawImports(), given);
  }

  static JsonObject runWith(WasmRuntime runtime, WasmModule module, JsonObject given) {
    var imports = new RawImports();
    JsonArray listed = Wire.array(given, "imports");
    return run(() -> imports.link(listed, runtime.linker(module)), NO_DEADLINE, imports, given);
  }

  /** Does steps on an instance that there is already, as {@link #all}. */
  static boolean of(
      Guest guest,
      Map<String, Value> named,
      JsonArray steps,
      Predicate<GuestTrap> goesOn,
      JsonArray answers) {
    return new RawSteps(guest, NO_DEADLINE, new RawImports(), named).all(steps, goesOn, answers);
  }

  static JsonObject runUntil(WasmModule module, int deadlineMillis, JsonObject given) {
    if (deadlineMillis < 0) {
      throw new RequestException("deadline_ms is negative");
    }
    return run(module::instantiate, deadlineMillis, new RawImports(), given);
  }

  private interface Instantiation {
    Guest make() throws GuestTrap;
  }

  private static JsonObject run(
      Instantiation instantiation, int deadlineMillis, RawImports imports, JsonObject given) {
    JsonArray steps = Wire.array(given, "steps");
    boolean afterTrap = Wire.flag(given, "after_trap");
    Guest guest;
    try {
      guest = instantiation.make();
    } catch (GuestTrap | RuntimeException | Error cannot) { // such as that there is no more memory
      refuseMalformed(cannot);
      return Wire.error("NO_INSTANCE", cannot);
    }
    try {
      var answers = new JsonArray();
      JsonObject answer = Wire.of("steps", answers);
      imports.tell(answer);
      new RawSteps(guest, deadlineMillis, imports, new HashMap<>())
          .all(steps, trap -> afterTrap, answers);
      return Wire.ok(answer);
    } finally {
      guest.close();
    }
  }

  /** What makes no sense in a function of the host is no failure of the guest. */
  private static void refuseMalformed(Throwable failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof RequestException malformed) {
        throw malformed;
      }
    }
  }

  /** Does steps in order, each with its answer. False: a trap ended them. */
  private boolean all(JsonArray steps, Predicate<GuestTrap> goesOn, JsonArray answers) {
    for (JsonElement step : steps) {
      if (!(step instanceof JsonObject object)) {
        throw new RequestException("a step is an object");
      }
      boolean isEnd = false;
      JsonObject answer;
      try {
        answer = step(object);
      } catch (GuestTrap trap) {
        refuseMalformed(trap);
        isEnd = !goesOn.test(trap);
        answer = trap.isCutOff() ? Wire.of("error", "CUT_OFF") : Wire.trap(trap);
      }
      imports.tell(answer.get("ok") instanceof JsonObject ok ? ok : answer);
      answers.add(answer);
      if (isEnd) {
        return false;
      }
    }
    return true;
  }

  private JsonObject step(JsonObject step) throws GuestTrap {
    String what = Wire.text(step, "do");
    try {
      return switch (what) {
        case "call" -> call(step);
        case "write" ->
            inBounds(
                () -> {
                  byte[] bytes = Wire.bytes(step, "bytes");
                  guest.write(pointer(step, bytes.length), bytes);
                  return new JsonObject();
                });
        case "read" -> inBounds(() -> Wire.of("bytes", Wire.hex(read(step, length(step)))));
        case "load" -> inBounds(() -> Wire.of("value", load(step)));
        case "pages" -> Wire.ok(Wire.of("pages", guest.memoryLength() / PAGE_LENGTH));
        case "grow" -> {
          long before = guest.grow(Wire.length(step, "pages"));
          yield before < 0 ? Wire.of("error", "REFUSED") : Wire.ok(Wire.of("pages", before));
        }
        case "global" -> global(step);
        default -> throw new RequestException("no such step: " + what);
      };
    } catch (Value.TypeMismatch mismatch) {
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

  private byte[] read(JsonObject step, long length) {
    return guest.read(pointer(step, length), (int) length); // no memory here has 2 GiB
  }

  private int load(JsonObject step) {
    byte[] bytes = read(step, Integer.BYTES);
    int value = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    named.put(Wire.text(step, "as"), new Value("i32", value));
    return value;
  }

  /** Where a step points to, if so many bytes are there. */
  private int pointer(JsonObject step, long length) {
    long start = value(step, "ptr").unsigned();
    long size = guest.memoryLength();
    if (Long.compareUnsigned(start, size) > 0 || Long.compareUnsigned(length, size - start) > 0) {
      throw new IndexOutOfBoundsException();
    }
    return (int) start;
  }

  private long length(JsonObject step) {
    if (step.get("len") instanceof JsonObject) {
      return value(step, "len").unsigned();
    }
    return step.has("len") && step.get("len").equals(NUL)
        ? lengthToZero(step)
        : Wire.length(step, "len");
  }

  private long lengthToZero(JsonObject step) {
    int start = pointer(step, 0);
    long end = guest.memoryLength();
    for (long at = start; at < end; at += PAGE_LENGTH) {
      byte[] bytes = guest.read((int) at, (int) Math.min(PAGE_LENGTH, end - at));
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == 0) {
          return at + i - start;
        }
      }
    }
    throw new IndexOutOfBoundsException();
  }

  private Value value(JsonObject step, String name) {
    if (!step.has(name)) {
      throw new RequestException(name + " is missing");
    }
    return Value.decode(step.get(name), named);
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
      throw new Value.TypeMismatch(
          "%s takes (%s) and returns (%s)"
              .formatted(
                  export, String.join(", ", type.get().params()), String.join(", ", results)));
    }
    checkNames(step, results);
    return results(step, results, invoke(export, args.stream().mapToLong(Value::bits).toArray()));
  }

  private JsonObject global(JsonObject step) {
    String export = Wire.text(step, "export");
    var global = guest.global(export);
    if (global.isEmpty()) {
      return Wire.of("error", "NO_EXPORT");
    }
    List<String> types = List.of(global.get().type());
    if (!Value.KINDS.containsAll(types)) {
      throw new Value.TypeMismatch("%s is a %s".formatted(export, types.get(0)));
    }
    checkNames(step, types);
    return results(step, types, global.get().bits());
  }

  /** What the results are called, from the first on. */
  private static List<String> names(JsonObject step) {
    if (step.get("as") instanceof JsonArray names) {
      return names.asList().stream().map(JsonElement::getAsString).toList();
    }
    return step.has("as") ? List.of(Wire.text(step, "as")) : List.of();
  }

  private static void checkNames(JsonObject step, List<String> types) {
    if (names(step).size() > types.size()) {
      throw new Value.TypeMismatch("there are more names than results");
    }
  }

  private JsonObject results(JsonObject step, List<String> types, long... bits) {
    List<String> names = names(step);
    for (int i = 0; i < names.size(); i++) {
      named.put(names.get(i), new Value(types.get(i), bits[i]));
    }
    var shown = new JsonArray();
    for (int i = 0; i < bits.length; i++) {
      shown.add(new Value(types.get(i), bits[i]).encode());
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
}
