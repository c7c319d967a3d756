package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What the host gives a module in {@code raw_imports}, and how it was called. */
final class RawImports {
  private static final int MOST_TOLD = 64;

  /** So much of the stack that a call of the host does not end halfway, in frames. */
  private static final int ROOM = 1000;

  private JsonArray calls = new JsonArray(); // since the outermost call began
  private int told;

  /** Gives a module what is listed, and makes the instance. */
  Guest link(JsonArray imports, Linker linker) throws GuestTrap {
    try {
      give(imports, linker);
      linker.start();
      return linker.guest();
    } catch (GuestTrap | RuntimeException | Error failed) {
      linker.guest().close();
      throw failed;
    }
  }

  private void give(JsonArray imports, Linker linker) {
    for (int i = 0; i < imports.size(); i++) {
      if (!(imports.get(i) instanceof JsonObject entry)) {
        throw new RequestException("an import is an object");
      }
      String module = Wire.text(entry, "module");
      String name = Wire.text(entry, "name");
      if (entry.get("func") instanceof JsonObject type) {
        var function = new Function(i, types(type), entry, linker.guest());
        linker.function(module, name, function.type, function::call);
      } else if (entry.get("memory") instanceof JsonObject limits) {
        linker.memory(module, name, Wire.length(limits, "min"), max(limits));
      } else if (entry.get("table") instanceof JsonObject limits) {
        linker.table(module, name, Wire.length(limits, "min"), max(limits));
      } else {
        var value = Value.decode(entry.get("global"), Map.of());
        linker.global(module, name, value, Wire.flag(entry, "mutable"));
      }
    }
  }

  /** Moves the calls that came to an answer. */
  void tell(JsonObject answer) {
    if (!calls.isEmpty()) {
      answer.add("calls", calls);
      calls = new JsonArray();
    }
  }

  /** A function of the host. */
  private final class Function {
    private final int index;
    private final Guest.Type type;
    private final JsonArray entries;
    private final Guest guest;
    private int called;

    Function(int index, Guest.Type type, JsonObject entry, Guest guest) {
      this.index = index;
      this.type = type;
      this.entries = entry.has("calls") ? Wire.array(entry, "calls") : new JsonArray();
      this.guest = guest;
    }

    long[] call(long... args) {
      room(ROOM);
      JsonElement entry =
          entries.isEmpty()
              ? new JsonObject()
              : entries.get(Math.min(called++, entries.size() - 1));
      if (!(entry instanceof JsonObject does)) {
        throw new RequestException("what a call does is an object");
      }
      Map<String, Value> named = new HashMap<>();
      var shown = new JsonArray();
      for (int i = 0; i < args.length; i++) {
        var arg = new Value(type.params().get(i), args[i]);
        shown.add(arg.encode());
        named.put("arg" + i, arg);
      }
      JsonObject call = Wire.of("import", index, "args", shown);
      if (told++ < MOST_TOLD) {
        calls.add(call);
      }
      if (does.has("steps")) {
        var answers = new JsonArray();
        call.add("steps", answers);
        if (!RawSteps.of(guest, named, Wire.array(does, "steps"), trap -> false, answers)) {
          var trap = (JsonObject) answers.get(answers.size() - 1);
          throw new IllegalStateException(Wire.text(trap, "detail"));
        }
      }
      if (does.has("throw")) {
        throw new IllegalStateException(Wire.text(does, "throw"));
      }
      return results(does, named);
    }

    private long[] results(JsonObject does, Map<String, Value> named) {
      if (!does.has("results")) {
        return new long[type.results().size()];
      }
      List<Value> results = new ArrayList<>();
      try {
        Wire.array(does, "results").forEach(value -> results.add(Value.decode(value, named)));
      } catch (Value.TypeMismatch mismatch) {
        throw new RequestException(mismatch.getMessage(), mismatch);
      }
      if (!results.stream().map(Value::kind).toList().equals(type.results())) {
        throw new RequestException("results are of other types than the function's");
      }
      return results.stream().mapToLong(Value::bits).toArray();
    }
  }

  private static void room(int frames) {
    if (frames > 0) {
      room(frames - 1);
    }
  }

  private static Guest.Type types(JsonObject type) {
    return new Guest.Type(kinds(type, "params"), kinds(type, "results"));
  }

  private static List<String> kinds(JsonObject type, String name) {
    List<String> kinds =
        Wire.array(type, name).asList().stream()
            .map(kind -> kind.toString().replace("\"", ""))
            .toList();
    if (!Value.KINDS.containsAll(kinds)) {
      throw new RequestException("types are i32, i64, f32 and f64");
    }
    return kinds;
  }

  private static OptionalLong max(JsonObject limits) {
    return limits.has("max") ? OptionalLong.of(Wire.length(limits, "max")) : OptionalLong.empty();
  }
}
