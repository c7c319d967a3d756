package everyhost.signer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Modules for many messages at once, in order of preference: {@code signer-lanes-relaxed} and
 * {@code signer-lanes} for a {@link Signer}; {@code verifier-lanes-relaxed}, {@code verifier-lanes}
 * and {@code signer-raw} for a {@link Verifier}.
 *
 * <p>One that the runtime cannot load, or that fails its self-test here, is passed over. Loading
 * takes far longer than everything else, so keep this. May be shared by several threads.
 */
public final class BatchModules {
  /** None at all: a signer's main module signs every batch. */
  public static final BatchModules NONE = new BatchModules(List.of());

  /** A module, or why there is none. */
  private record Entry(WasmModule module, IllegalArgumentException refusal) {}

  private final List<Entry> entries;

  private BatchModules(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * Loads modules.
   *
   * @param load how, such as {@code EndiveModule::compile}; what it refuses with an {@link
   *     IllegalArgumentException} is passed over
   * @param modules in order of preference: the bytes of .wasm files, or what else {@code load}
   *     takes
   */
  public static <T> BatchModules load(Function<? super T, WasmModule> load, List<T> modules) {
    List<Entry> entries = new ArrayList<>();
    for (T module : modules) {
      entries.add(loaded(load, module));
    }
    return new BatchModules(List.copyOf(entries));
  }

  /** Modules that are loaded already. */
  static BatchModules of(WasmModule... modules) {
    return new BatchModules(Arrays.stream(modules).map(it -> new Entry(it, null)).toList());
  }

  private static <T> Entry loaded(Function<? super T, WasmModule> load, T module) {
    try {
      return new Entry(load.apply(module), null);
    } catch (IllegalArgumentException refused) {
      return new Entry(null, refused);
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** As {@link WasmModule#require}, of every module that was loaded. */
  void require(Set<String> names, String kind) {
    entries.stream()
        .filter(entry -> entry.module != null)
        .forEach(entry -> entry.module.require(names, kind));
  }

  /**
   * Finds the first module that works here, and holds what is made of it. Nothing is made before it
   * is first used: the table of such a module takes some milliseconds and 250 KB.
   */
  static final class Pick<T> {
    private final List<Entry> entries;
    private final Function<WasmModule, T> make;
    private final Predicate<T> isClosed;
    private final Consumer<T> end;
    private int at; // the place in the list of the module that is used, or tried next
    private T made; // null: none yet
    private RuntimeException why; // the last module was passed over; null: none was, or closed

    Pick(
        BatchModules modules,
        Function<WasmModule, T> make,
        Predicate<T> isClosed,
        Consumer<T> end) {
      this.entries = modules.entries;
      this.make = make;
      this.isClosed = isClosed;
      this.end = end;
    }

    /** The place in the list of the module that is used; -1 while there is none. */
    int index() {
      return made == null ? -1 : at;
    }

    /** What is made of the module that is used; null while there is none. */
    T made() {
      return made;
    }

    /**
     * Why {@link #use} found nothing: why the last module was passed over, or that it is closed.
     */
    RuntimeException why() {
      return why == null ? new SignerException(Code.CLOSED) : why;
    }

    /** Calls with what is made of the first module that can be used. Empty: none can be. */
    <R> Optional<R> use(Function<T, R> call) {
      try {
        for (; at < entries.size(); at++) {
          Entry entry = entries.get(at);
          if (entry.module == null) {
            why = entry.refusal;
            continue;
          }
          try {
            if (made == null) {
              made = make.apply(entry.module);
            }
            return Optional.of(call.apply(made));
          } catch (SignerException error) {
            if (error.code() != Code.SELF_TEST_FAILED) {
              throw error;
            }
            why = error;
            end();
          }
        }
        return Optional.empty();
      } finally {
        dropIfClosed();
      }
    }

    /** Calls with what was made, if anything was. */
    void useMade(Consumer<T> call) {
      try {
        if (made != null) {
          call.accept(made);
        }
      } finally {
        dropIfClosed();
      }
    }

    /** Ends what was made; nothing is made again. */
    void close() {
      at = entries.size();
      why = null;
      end();
    }

    private void end() {
      if (made != null) {
        end.accept(made);
        made = null;
      }
    }

    /** After a trap no new instance came up, or it refused the key. */
    private void dropIfClosed() {
      if (made != null && isClosed.test(made)) {
        close();
      }
    }
  }
}
