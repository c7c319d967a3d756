// Gives a guest the function log. java -cp ENDIVE Host.java GREETER.wasm

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.util.List;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasm.Parser;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

class Host {
  // ANCHOR: log
  static long[] log(Instance guest, long... args) {
    long text = Integer.toUnsignedLong((int) args[0]);
    long length = Integer.toUnsignedLong((int) args[1]);
    if (text + length > (long) guest.memory().pages() * Memory.PAGE_SIZE) {
      throw new IndexOutOfBoundsException(length + " bytes at " + text + " are not all in memory");
    }
    System.out.println("guest: " + new String(guest.memory().readBytes((int) text, (int) length), UTF_8));
    return null;
  }

  static final HostFunction LOG =
      new HostFunction("env", "log", FunctionType.of(List.of(ValType.I32, ValType.I32), List.of()), Host::log);

  static Instance instantiate(File wasm) {
    var imports = ImportValues.builder().addFunction(LOG).build();
    return Instance.builder(Parser.parse(wasm)).withImportValues(imports).build();
  }
  // ANCHOR_END: log

  public static void main(String[] args) {
    var guest = instantiate(new File(args[0]));
    guest.export("greet").apply();
    try {
      guest.export("stray").apply();
    } catch (IndexOutOfBoundsException refusal) {
      System.out.println("refused: " + refusal.getMessage());
    }
  }
}
