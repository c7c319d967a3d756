package everyhost.adapter;

import everyhost.signer.EndiveModule;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.GlobalInstance;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportGlobal;
import run.endive.runtime.ImportMemory;
import run.endive.runtime.ImportTable;
import run.endive.runtime.ImportValues;
import run.endive.runtime.TableInstance;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.MutabilityType;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;
import run.endive.wasm.types.ValType;

/** What the host gives a module on Endive. */
final class EndiveLinker implements Linker {
  private final EndiveModule.EndiveGuest guest;
  private final ImportValues.Builder values = ImportValues.builder();

  EndiveLinker(EndiveModule module) {
    this.guest = module.prepare();
  }

  @Override
  public Guest guest() {
    return guest;
  }

  @Override
  public void function(String module, String name, Guest.Type type, UnaryOperator<long[]> body) {
    var types = FunctionType.of(types(type.params()), types(type.results()));
    values.addFunction(new HostFunction(module, name, types, (instance, args) -> body.apply(args)));
  }

  @Override
  public void memory(String module, String name, long min, OptionalLong max) {
    var limits = new MemoryLimits((int) min, (int) max.orElse(MemoryLimits.MAX_PAGES));
    values.addMemory(new ImportMemory(module, name, new ByteArrayMemory(limits)));
  }

  @Override
  public void table(String module, String name, long min, OptionalLong max) {
    var limits = max.isPresent() ? new TableLimits(min, max.getAsLong()) : new TableLimits(min);
    var table = new Table(ValType.FuncRef, limits);
    values.addTable(
        new ImportTable(
            module, name, new TableInstance(table, run.endive.wasm.types.Value.REF_NULL_VALUE)));
  }

  @Override
  public void global(String module, String name, Value value, boolean isMutable) {
    var global =
        GlobalInstance.builder()
            .valType(type(value.kind()))
            .valueLow(value.bits())
            .mutabilityType(isMutable ? MutabilityType.Var : MutabilityType.Const)
            .build();
    values.addGlobal(new ImportGlobal(module, name, global));
  }

  @Override
  public void start() throws GuestTrap {
    guest.start(values.build());
  }

  private static List<ValType> types(List<String> names) {
    return names.stream().map(EndiveLinker::type).toList();
  }

  private static ValType type(String name) {
    return switch (name) {
      case "i32" -> ValType.I32;
      case "i64" -> ValType.I64;
      case "f32" -> ValType.F32;
      default -> ValType.F64;
    };
  }
}
