package everyhost.signer;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;

/**
 * A module on GraalWasm, with SIMD. Needs Java 21 or later. It compiles on GraalVM, and on a JDK
 * with Graal's compiler on its upgrade module path; elsewhere it interprets. {@link #isCompiling}
 * says which.
 */
public final class GraalWasmModule implements WasmModule {
  /** One for all modules, as it holds compiled code. */
  private static final class TheEngine {
    // Interpreting is no news to whoever asks isCompiling.
    static final Engine ENGINE =
        Engine.newBuilder("wasm").option("engine.WarnInterpreterOnly", "false").build();
  }

  private final String sha256;
  private final Source source;
  private final List<String> imports;
  private final Set<String> exports;
  private final Optional<String> exportedMemory;
  private final Map<String, Guest.Type> functions = new LinkedHashMap<>();
  private final Map<String, String> globals = new LinkedHashMap<>();

  private GraalWasmModule(byte[] wasm) {
    this.sha256 = Checks.sha256(wasm);
    this.source = Source.newBuilder("wasm", ByteSequence.create(wasm), sha256).buildLiteral();
    // What GraalWasm tells JavaScript about a module it tells any host, by way of the polyglot
    // bindings.
    try (Context context = newContext(Context.newBuilder("wasm"))) {
      Value module = context.eval(source);
      Value api = api(context);
      this.imports =
          elements(api.getMember("module_imports").execute(module)).stream()
              .map(
                  item ->
                      item.getMember("module").asString() + "." + item.getMember("name").asString())
              .toList();
      List<Value> exported = elements(api.getMember("module_exports").execute(module));
      this.exports =
          Set.copyOf(exported.stream().map(item -> item.getMember("name").asString()).toList());
      for (Value item : exported) {
        if (isOfKind(item, "function")) {
          functions.put(
              item.getMember("name").asString(), parseType(item.getMember("type").asString()));
        } else if (isOfKind(item, "global")) { // such as "i32 mut"
          globals.put(
              item.getMember("name").asString(),
              item.getMember("type").asString().replaceFirst(" .*", ""));
        }
      }
      this.exportedMemory =
          exported.stream()
              .filter(item -> isOfKind(item, "memory"))
              .map(item -> item.getMember("name").asString())
              .min(Comparator.comparing(name -> !name.equals("memory"))); // the first of several
    }
  }

  /**
   * Loads a module. Its functions are compiled as they turn out to be hot, where {@link
   * #isCompiling}.
   *
   * @throws IllegalArgumentException those bytes are no module, or one that GraalWasm cannot load
   */
  public static GraalWasmModule load(byte[] wasm) {
    try {
      return new GraalWasmModule(wasm);
    } catch (PolyglotException error) {
      throw new IllegalArgumentException(
          "GraalWasm cannot load this module: " + error.getMessage(), error);
    }
  }

  /** Whether hot functions are compiled to machine code on this JVM. */
  public static boolean isCompiling() {
    return !TheEngine.ENGINE.getImplementationName().startsWith("Interpreted");
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public Set<String> exports() {
    return exports;
  }

  @Override
  public List<String> imports() {
    return imports;
  }

  @Override
  public GraalWasmGuest instantiate() throws GuestTrap {
    Checks.noImports(imports);
    GraalWasmGuest guest = prepare(Context.newBuilder("wasm"));
    guest.start(ProxyObject.fromMap(Map.of()), null);
    return guest;
  }

  /** An instance that {@link GraalWasmGuest#start} makes, for a module with imports. */
  public GraalWasmGuest prepare(Context.Builder settings) {
    return new GraalWasmGuest(newContext(settings));
  }

  private static Context newContext(Context.Builder settings) {
    // The bindings are where the module's description is; the module itself sees none of them.
    return settings.engine(TheEngine.ENGINE).allowPolyglotAccess(PolyglotAccess.ALL).build();
  }

  private static Value api(Context context) {
    context.initialize("wasm"); // or there is none yet
    return context.getPolyglotBindings().getMember("WebAssembly");
  }

  private static boolean isOfKind(Value item, String kind) {
    return item.getMember("kind").asString().equals(kind);
  }

  private static GuestTrap trap(PolyglotException error) {
    if (error.isHostException()) { // from a function of the host
      Throwable own = error.asHostException();
      return own instanceof StackOverflowError
          ? GuestTrap.stackOverflow(own)
          : new GuestTrap(own.getMessage(), own, false);
    }
    if ("call stack exhausted".equals(error.getMessage())) { // it has no other sign of it
      return GuestTrap.stackOverflow(error);
    }
    if (error.isInternalError()) { // an exception of Java: whose it is, says nothing else
      return new GuestTrap("GraalWasm failed: " + error.getMessage(), error, false);
    }
    return new GuestTrap(error.getMessage(), error, error.isCancelled() || error.isInterrupted());
  }

  /** GraalWasm writes the function's number, its parameters in parentheses, its results. */
  private static Guest.Type parseType(String type) {
    int open = type.indexOf('(');
    int close = type.indexOf(')');
    return new Guest.Type(words(type.substring(open + 1, close)), words(type.substring(close + 1)));
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : Arrays.asList(text.trim().split(" +"));
  }

  private static List<Value> elements(Value array) {
    Value[] elements = new Value[(int) array.getArraySize()];
    Arrays.setAll(elements, array::getArrayElement);
    return Arrays.asList(elements);
  }

  /** An instance in a context of its own, so that ending it gives back all that it had. */
  public final class GraalWasmGuest implements Guest {
    private final Context context;
    private Value instance; // null: not yet
    private Value memory; // null: there is none
    private volatile boolean interrupted;
    private boolean closed;

    private GraalWasmGuest(Context context) {
      this.context = context;
    }

    /** What makes memories, tables and globals, and tells of modules, as JavaScript has it. */
    public Value api() {
      return GraalWasmModule.api(context);
    }

    /** The module, for {@link #api}. */
    public Value module() {
      return context.eval(source);
    }

    /**
     * Makes the instance. Until that is done, and if the module exports no memory, this guest's is
     * the one given, or none.
     *
     * @throws GuestTrap the start function trapped, or the imports are not what the module needs
     */
    public void start(ProxyObject imports, Value importedMemory) throws GuestTrap {
      memory = importedMemory;
      try {
        instance = module().newInstance(imports).getMember("exports");
      } catch (PolyglotException error) {
        close();
        throw trap(error);
      }
      memory = exportedMemory.map(instance::getMember).orElse(importedMemory);
    }

    @Override
    public Optional<Type> type(String export) {
      return instance == null ? Optional.empty() : Optional.ofNullable(functions.get(export));
    }

    @Override
    public Optional<Global> global(String export) {
      String type = globals.get(export);
      if (instance == null || type == null) {
        return Optional.empty();
      }
      Value value = instance.getMember(export).getMember("value");
      return Optional.of(new Global(type, value.isNumber() ? bitsOf(type, value) : 0));
    }

    @Override
    public long[] invoke(String export, long... args) throws GuestTrap {
      Type type = functions.get(export);
      Checks.call(closed, type, export, args);
      Object[] values = new Object[args.length];
      Arrays.setAll(values, i -> valueOf(type.params().get(i), args[i]));
      try {
        Value result = instance.getMember(export).execute(values);
        List<String> kinds = type.results();
        if (kinds.size() < 2) {
          return kinds.isEmpty() ? new long[0] : new long[] {bitsOf(kinds.get(0), result)};
        }
        long[] results = new long[kinds.size()];
        Arrays.setAll(results, i -> bitsOf(kinds.get(i), result.getArrayElement(i)));
        return results;
      } catch (PolyglotException | IllegalStateException error) {
        if (interrupted) { // maybe before the call had begun
          throw new GuestTrap(error.getMessage(), error, true);
        }
        if (error instanceof PolyglotException trap) {
          throw trap(trap);
        }
        throw error;
      }
    }

    /** Ends the instance too: it was in the middle of something. */
    @Override
    public void interrupt() {
      interrupted = true;
      end();
    }

    @Override
    public long memoryLength() {
      return memory == null ? 0 : memory.getBufferSize();
    }

    @Override
    public long grow(long pages) {
      if (memory == null || pages > Integer.MAX_VALUE) {
        return -1;
      }
      try {
        return api().getMember("mem_grow").execute(memory, (int) pages).asLong();
      } catch (PolyglotException cannot) {
        return -1;
      }
    }

    @Override
    public byte[] read(int ptr, int length) {
      long start = Guest.checkBounds(ptr, length, memoryLength());
      byte[] bytes = new byte[length];
      if (length > 0) {
        memory.readBuffer(start, bytes, 0, length);
      }
      return bytes;
    }

    @Override
    public void write(int ptr, byte[] bytes) {
      long start = Guest.checkBounds(ptr, bytes.length, memoryLength());
      // There is no call that writes many bytes, so eight at a time.
      int at = 0;
      for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
        memory.writeBufferLong(ByteOrder.LITTLE_ENDIAN, start + at, littleEndian(bytes, at));
      }
      for (; at < bytes.length; at++) {
        memory.writeBufferByte(start + at, bytes[at]);
      }
    }

    /** A view of {@code length} bytes at {@code ptr}, which shows what is written there later. */
    public ByteSequence view(int ptr, int length) {
      int start = (int) Guest.checkBounds(ptr, length, memoryLength());
      return memory.as(ByteSequence.class).subSequence(start, start + length);
    }

    @Override
    public void clear() {
      try {
        for (long at = 0, end = memoryLength(); at < end; at += Long.BYTES) {
          memory.writeBufferLong(ByteOrder.LITTLE_ENDIAN, at, 0);
        }
      } catch (PolyglotException | IllegalStateException gone) {
        // After an interrupt the context is closed, and nothing in it can be reached any more.
      }
    }

    @Override
    public void close() {
      closed = true;
      end();
    }

    /**
     * Closing a context waits until every thread has left it. If the stack of one ends in the
     * engine itself, the engine may not see it leave, and that thread may be waiting for this one.
     * So a thread of its own closes the context, and after a second nobody waits for it.
     */
    private void end() {
      var closer = new Thread(() -> context.close(true), "GraalWasm closer");
      closer.setDaemon(true);
      closer.start();
      try {
        closer.join(1000);
      } catch (InterruptedException later) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static long littleEndian(byte[] bytes, int at) {
    long value = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xFF);
    }
    return value;
  }

  /** A number, as GraalWasm takes it. */
  public static Object valueOf(String type, long bits) {
    return switch (type) {
      case "i32" -> (int) bits;
      case "i64" -> bits;
      case "f32" -> Float.intBitsToFloat((int) bits);
      case "f64" -> Double.longBitsToDouble(bits);
      default ->
          throw new IllegalArgumentException("integers and floats can be passed, not " + type);
    };
  }

  /** The bits of a number, as GraalWasm gives it. */
  public static long bitsOf(String type, Value value) {
    return switch (type) {
      case "i32" -> value.asInt();
      case "i64" -> value.asLong();
      case "f32" -> Float.floatToRawIntBits(value.asFloat());
      case "f64" -> Double.doubleToRawLongBits(value.asDouble());
      default ->
          throw new IllegalArgumentException("integers and floats are returned, not " + type);
    };
  }
}
