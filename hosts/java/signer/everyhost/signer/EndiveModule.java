package everyhost.signer;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.Memory;
import run.endive.runtime.WasmException;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.InvalidException;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.Export;
import run.endive.wasm.types.ExternalType;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.ValType;

/** A module on Endive, which is plain Java: the same on every machine. It has no SIMD. */
public final class EndiveModule implements WasmModule {
  private final String sha256;
  private final run.endive.wasm.WasmModule module;
  private final Function<Instance, Machine> machineFactory; // null: interpret
  private final Set<String> exports;
  private final List<String> imports;
  private final Map<String, Guest.Type> functions;
  private final OptionalInt exported; // the memory

  private EndiveModule(
      byte[] wasm, run.endive.wasm.WasmModule module, Function<Instance, Machine> machineFactory) {
    this.sha256 = Checks.sha256(wasm);
    this.module = module;
    this.machineFactory = machineFactory;
    var section = module.exportSection();
    var all = IntStream.range(0, section.exportCount()).mapToObj(section::getExport).toList();
    this.exports = all.stream().map(Export::name).collect(Collectors.toUnmodifiableSet());
    this.imports =
        module.importSection().stream().map(item -> item.module() + "." + item.name()).toList();
    this.functions =
        all.stream()
            .filter(export -> export.exportType() == ExternalType.FUNCTION)
            .collect(
                Collectors.toUnmodifiableMap(
                    Export::name, export -> functionType(module, export.index())));
    this.exported =
        all.stream()
            .filter(export -> export.exportType() == ExternalType.MEMORY)
            .sorted(Comparator.comparing(export -> !export.name().equals("memory")))
            .mapToInt(Export::index)
            .findFirst();
  }

  private static Guest.Type functionType(run.endive.wasm.WasmModule module, int index) {
    int[] imported =
        module.importSection().stream()
            .filter(FunctionImport.class::isInstance)
            .mapToInt(item -> ((FunctionImport) item).typeIndex())
            .toArray();
    int typeIndex =
        index < imported.length
            ? imported[index]
            : module.functionSection().getFunctionType(index - imported.length);
    var type = module.typeSection().getType(typeIndex);
    return new Guest.Type(names(type.params()), names(type.returns()));
  }

  /**
   * Compiles a module to Java bytecode, now. That takes a second or two for a signer.
   *
   * @throws IllegalArgumentException those bytes are no module, or one that Endive cannot compile
   */
  public static EndiveModule compile(byte[] wasm) {
    var module = parse(wasm);
    try {
      // A function too large for the JVM is interpreted, with a warning on stderr.
      var factory =
          MachineFactoryCompiler.builder(module)
              .withInterpreterFallback(InterpreterFallback.WARN)
              .compile();
      return new EndiveModule(wasm, module, factory);
    } catch (RuntimeException | StackOverflowError | LinkageError error) {
      throw new IllegalArgumentException(
          "Endive cannot compile this module: " + error.getMessage(), error);
    }
  }

  /**
   * Takes a module that Endive's Maven plugin has compiled when your project was built: the fastest
   * start.
   *
   * @param wasm the module that was compiled; its code may be left out
   * @param machineFactory the {@code create} of the class that the plugin wrote
   */
  public static EndiveModule compiled(byte[] wasm, Function<Instance, Machine> machineFactory) {
    return new EndiveModule(wasm, parse(wasm), machineFactory);
  }

  /**
   * Interprets a module: ready at once, and some forty times slower than compiled.
   *
   * @throws IllegalArgumentException those bytes are no module, or one that Endive cannot run
   */
  public static EndiveModule interpret(byte[] wasm) {
    var module = parse(wasm);
    // The interpreter would fail only at the first such instruction.
    for (var body : module.codeSection().functionBodies()) {
      for (var instruction : body.instructions()) {
        if (instruction.opcode().opcode() >>> 8 == 0xFD) {
          throw new IllegalArgumentException("Endive has no SIMD here: " + instruction.opcode());
        }
      }
    }
    return new EndiveModule(wasm, module, null);
  }

  private static run.endive.wasm.WasmModule parse(byte[] wasm) {
    if (wasm.length < 4 || wasm[0] != 0 || wasm[1] != 'a' || wasm[2] != 's' || wasm[3] != 'm') {
      throw new IllegalArgumentException(
          "not a Wasm module: a module begins with the bytes 00 61 73 6d");
    }
    try {
      return Parser.parse(wasm);
    } catch (RuntimeException | StackOverflowError error) {
      throw new IllegalArgumentException(
          "Endive cannot read this module: " + error.getMessage(), error);
    }
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
  public Guest instantiate() throws GuestTrap {
    return instantiate(OptionalInt.empty());
  }

  /**
   * Makes an instance whose memory cannot grow beyond so many pages of 64 KiB, whatever the module
   * declares.
   *
   * @throws IllegalArgumentException as {@link #instantiate()}, or the module begins with more
   *     pages
   */
  public Guest instantiate(int maxPages) throws GuestTrap {
    return instantiate(OptionalInt.of(maxPages));
  }

  private Guest instantiate(OptionalInt maxPages) throws GuestTrap {
    Checks.noImports(imports);
    var guest = new EndiveGuest(maxPages);
    guest.start(ImportValues.empty());
    return guest;
  }

  /** An instance that {@link EndiveGuest#start} makes, for a module with imports. */
  public EndiveGuest prepare() {
    return new EndiveGuest(OptionalInt.empty());
  }

  private static MemoryLimits within(MemoryLimits declared, OptionalInt maxPages) {
    int most = Math.min(maxPages.orElse(Memory.RUNTIME_MAX_PAGES), Memory.RUNTIME_MAX_PAGES);
    if (declared.initialPages() > most) {
      throw new IllegalArgumentException(
          "the module's memory begins with %d pages, and at most %d are to be had here"
              .formatted(declared.initialPages(), most));
    }
    return new MemoryLimits(
        declared.initialPages(), Math.min(declared.maximumPages(), most), declared.shared());
  }

  private static GuestTrap trap(Throwable thrown) {
    if (thrown instanceof StackOverflowError || thrown.getCause() instanceof StackOverflowError) {
      return GuestTrap.stackOverflow(thrown);
    }
    String what =
        thrown instanceof WasmException ? "an exception is not caught" : thrown.getMessage();
    return new GuestTrap(what, thrown, thrown instanceof WasmInterruptedException);
  }

  /** An instance. */
  public final class EndiveGuest implements Guest {
    private final Object lock = new Object();
    private final OptionalInt maxPages;
    private Memory memory; // null: there is none
    private Instance instance; // null: not yet, or no more
    private Thread caller;
    private boolean interrupted;

    private EndiveGuest(OptionalInt maxPages) {
      this.maxPages = maxPages;
    }

    /**
     * Makes the instance. Until that is done, and if the module exports no memory, the first memory
     * of the imports is this guest's.
     *
     * @throws GuestTrap the start function trapped, or the imports are not what the module needs
     */
    public void start(ImportValues imports) throws GuestTrap {
      memory = imports.memoryCount() > 0 ? imports.memory(0).memory() : null;
      var builder = Instance.builder(module).withImportValues(imports);
      // Memory in pages that never move: where ByteBufferMemory grows, a copy of every secret stays
      // behind.
      builder.withMemoryFactory(limits -> new ByteArrayMemory(within(limits, maxPages)));
      builder.withStart(false); // or Endive would call an export named _start by itself
      if (machineFactory != null) {
        builder.withMachineFactory(machineFactory);
      }
      try {
        instance = builder.build();
      } catch (WasmEngineException | WasmException | StackOverflowError trap) {
        throw trap(trap);
      }
      if (exported.isPresent()) {
        memory = instance.memory(exported.getAsInt());
      }
    }

    @Override
    public Optional<Type> type(String export) {
      return instance == null ? Optional.empty() : Optional.ofNullable(functions.get(export));
    }

    @Override
    public Optional<Global> global(String export) {
      if (instance == null) {
        return Optional.empty();
      }
      try {
        var global = instance.exports().global(export);
        return Optional.of(new Global(nameOf(global.getType()), global.getValue()));
      } catch (InvalidException noGlobal) {
        return Optional.empty();
      }
    }

    @Override
    public long[] invoke(String export, long... args) throws GuestTrap {
      Checks.call(instance == null, functions.get(export), export, args);
      var function = instance.export(export);
      long[] results = guarded(() -> function.apply(args));
      return results == null ? new long[0] : results;
    }

    /**
     * Endive ends a call when its thread is interrupted. So an interrupt that was there before is
     * put off, or no call would ever succeed again; and one that comes from {@link #interrupt} is
     * not left to the caller's next wait.
     */
    private long[] guarded(Supplier<long[]> call) throws GuestTrap {
      boolean before = Thread.interrupted();
      synchronized (lock) {
        caller = Thread.currentThread();
        interrupted = false;
      }
      try {
        return call.get();
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError trap) {
        throw trap(trap);
      } finally {
        synchronized (lock) {
          caller = null;
          if (interrupted) {
            Thread.interrupted();
          }
        }
        if (before) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @Override
    public void interrupt() {
      synchronized (lock) {
        if (caller != null) {
          interrupted = true;
          caller.interrupt();
        }
      }
    }

    @Override
    public long memoryLength() {
      return memory == null ? 0 : (long) memory.pages() * Memory.PAGE_SIZE;
    }

    @Override
    public long grow(long pages) {
      try {
        return memory == null || pages > Memory.RUNTIME_MAX_PAGES ? -1 : memory.grow((int) pages);
      } catch (OutOfMemoryError full) {
        return -1;
      }
    }

    @Override
    public byte[] read(int ptr, int length) {
      int start = (int) Guest.checkBounds(ptr, length, memoryLength());
      return length == 0 ? new byte[0] : memory.readBytes(start, length);
    }

    @Override
    public void write(int ptr, byte[] bytes) {
      int start = (int) Guest.checkBounds(ptr, bytes.length, memoryLength());
      if (bytes.length > 0) {
        memory.write(start, bytes);
      }
    }

    @Override
    public void clear() {
      if (memory != null) {
        memory.zero();
      }
    }

    @Override
    public void close() {
      instance = null; // the garbage collector gives linear memory back
    }
  }

  private static List<String> names(List<ValType> types) {
    return types.stream().map(EndiveModule::nameOf).toList();
  }

  private static String nameOf(ValType type) {
    if (type.equals(ValType.I32)) return "i32";
    if (type.equals(ValType.I64)) return "i64";
    if (type.equals(ValType.F32)) return "f32";
    if (type.equals(ValType.F64)) return "f64";
    return type.toString();
  }
}
