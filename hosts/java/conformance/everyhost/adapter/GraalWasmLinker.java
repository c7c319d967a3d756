package everyhost.adapter;

import everyhost.signer.GraalWasmModule;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;

/** What the host gives a module on GraalWasm. */
final class GraalWasmLinker implements Linker {
  private final GraalWasmModule.GraalWasmGuest guest;
  private final Map<String, Map<String, Object>> values = new HashMap<>();
  private final Map<List<String>, String> types = new HashMap<>();
  private org.graalvm.polyglot.Value memory; // the first; null: none

  GraalWasmLinker(GraalWasmModule module) {
    this.guest = module.prepare(Context.newBuilder("wasm"));
  }

  @Override
  public Guest guest() {
    return guest;
  }

  @Override
  public void function(String module, String name, Guest.Type type, UnaryOperator<long[]> body) {
    List<String> results = type.results();
    ProxyExecutable function =
        args -> {
          long[] bits = new long[args.length];
          Arrays.setAll(bits, i -> GraalWasmModule.bitsOf(type.params().get(i), args[i]));
          long[] returned = body.apply(bits);
          Object[] shown = new Object[returned.length];
          Arrays.setAll(shown, i -> GraalWasmModule.valueOf(results.get(i), returned[i]));
          return shown.length == 1 ? shown[0] : ProxyArray.fromArray(shown);
        };
    add(module, name, function);
    types.put(
        List.of(module, name),
        "(%s)%s".formatted(String.join(" ", type.params()), String.join(" ", results)));
  }

  @Override
  public void memory(String module, String name, long min, OptionalLong max) {
    // Without a maximum it would be larger than a module may ask for.
    var made = make("mem_alloc", (int) min, (int) max.orElse(65536));
    if (memory == null) {
      memory = made;
    }
    add(module, name, made);
  }

  @Override
  public void table(String module, String name, long min, OptionalLong max) {
    add(module, name, make("table_alloc", (int) min, (int) max.orElse(-1)));
  }

  @Override
  public void global(String module, String name, Value value, boolean isMutable) {
    var number = GraalWasmModule.valueOf(value.kind(), value.bits());
    add(module, name, make("global_alloc", value.kind(), isMutable, number));
  }

  private org.graalvm.polyglot.Value make(String what, Object... args) {
    return guest.api().getMember(what).execute(args);
  }

  private void add(String module, String name, Object value) {
    values.computeIfAbsent(module, any -> new HashMap<>()).put(name, value);
  }

  @Override
  public void start() throws GuestTrap {
    checkTypes();
    var imports = new HashMap<String, Object>();
    values.forEach((module, its) -> imports.put(module, ProxyObject.fromMap(its)));
    guest.start(ProxyObject.fromMap(imports), memory);
  }

  /** GraalWasm takes any function of the host for what the module asks for. */
  private void checkTypes() {
    var items = make("module_imports", guest.module());
    for (long i = 0; i < items.getArraySize(); i++) {
      var item = items.getArrayElement(i);
      var names = List.of(item.getMember("module").asString(), item.getMember("name").asString());
      var type = item.getMember("type");
      // Its number comes first.
      if (types.containsKey(names)
          && !type.asString().replaceFirst("^[0-9]+", "").equals(types.get(names))) {
        throw new IllegalArgumentException(
            "%s is %s, and the module needs %s"
                .formatted(String.join(".", names), types.get(names), type));
      }
    }
  }
}
