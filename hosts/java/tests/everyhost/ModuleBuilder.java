package everyhost;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes little Wasm modules, so that the tests need no assembler. */
public final class ModuleBuilder {
  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> exports = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final List<byte[]> memories = new ArrayList<>();
  private byte[] imported;
  private int start = -1;

  /** A memory of that many pages, exported; {@code max} may be -1 for none. */
  public ModuleBuilder memory(int min, int max) {
    exports.add(join(name("memory"), bytes(2, memories.size())));
    memories.add(
        max < 0 ? join(bytes(0), unsigned(min)) : join(bytes(1), unsigned(min), unsigned(max)));
    return this;
  }

  /** A function; its types are i, l, f, d, x, v: i32, i64, f32, f64, externref, v128. */
  public ModuleBuilder function(String export, String params, String results, byte[]... body) {
    exports.add(join(name(export), bytes(0), unsigned(types.size())));
    types.add(join(bytes(0x60), valueTypes(params), valueTypes(results)));
    byte[] code = join(bytes(0), join(body), bytes(0x0B)); // no locals; end
    bodies.add(join(unsigned(code.length), code));
    return this;
  }

  /** Makes the last function the start function. */
  public ModuleBuilder start() {
    start = types.size() - 1;
    return this;
  }

  /** Imports a memory, which no host here gives. */
  public ModuleBuilder importsMemory() {
    imported = join(name("env"), name("memory"), bytes(2, 0, 1));
    return this;
  }

  public byte[] build() {
    var functions = new ArrayList<byte[]>();
    for (int i = 0; i < types.size(); i++) {
      functions.add(unsigned(i));
    }
    return join(
        bytes(0, 'a', 's', 'm', 1, 0, 0, 0),
        section(1, types),
        section(2, imported == null ? List.of() : List.of(imported)),
        section(3, functions),
        section(5, memories),
        section(7, exports),
        start < 0 ? bytes() : join(bytes(8), unsigned(unsigned(start).length), unsigned(start)),
        section(10, bodies));
  }

  // Instructions

  public static byte[] i32(int value) {
    var out = new ByteArrayOutputStream();
    out.write(0x41);
    int rest = value;
    for (boolean more = true; more; ) {
      int low = rest & 0x7F;
      rest >>= 7;
      more = !((rest == 0 && (low & 0x40) == 0) || (rest == -1 && (low & 0x40) != 0));
      out.write(more ? low | 0x80 : low);
    }
    return out.toByteArray();
  }

  public static byte[] local(int index) {
    return bytes(0x20, index);
  }

  public static byte[] unreachable() {
    return bytes(0);
  }

  public static byte[] memoryGrow() {
    return bytes(0x40, 0);
  }

  public static byte[] load() {
    return bytes(0x28, 2, 0);
  }

  /** A loop that never ends. */
  public static byte[] spin() {
    return bytes(0x03, 0x40, 0x0C, 0, 0x0B);
  }

  public static byte[] call(int function) {
    return bytes(0x10, function);
  }

  public static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  public static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] section(int id, List<byte[]> items) {
    if (items.isEmpty()) {
      return bytes();
    }
    byte[] content = join(unsigned(items.size()), join(items.toArray(byte[][]::new)));
    return join(bytes(id), unsigned(content.length), content);
  }

  private static byte[] name(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return join(unsigned(utf8.length), utf8);
  }

  private static byte[] valueTypes(String letters) {
    byte[] types = new byte[letters.length()];
    for (int i = 0; i < types.length; i++) {
      types[i] =
          (byte)
              switch (letters.charAt(i)) {
                case 'i' -> 0x7F;
                case 'l' -> 0x7E;
                case 'f' -> 0x7D;
                case 'd' -> 0x7C;
                case 'x' -> 0x6F;
                case 'v' -> 0x7B;
                default -> throw new IllegalArgumentException(letters);
              };
    }
    return join(unsigned(types.length), types);
  }

  private static byte[] unsigned(int value) {
    var out = new ByteArrayOutputStream();
    int rest = value;
    do {
      int low = rest & 0x7F;
      rest >>>= 7;
      out.write(rest == 0 ? low : low | 0x80);
    } while (rest != 0);
    return out.toByteArray();
  }
}
