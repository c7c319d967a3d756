package everyhost.signer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** A module whose instances a test can look into: at each call, and before they end. */
final class Watched implements WasmModule {
  private final IntFunction<WasmModule> modules;
  private final Consumer<Guest> atEnd;
  private int made;
  private BiConsumer<String, long[]> atInvoke = (export, args) -> {};

  Watched(WasmModule module, Consumer<Guest> atEnd) {
    this(any -> module, atEnd);
  }

  /** The first instance is of the first module, and so on. */
  Watched(IntFunction<WasmModule> modules, Consumer<Guest> atEnd) {
    this.modules = modules;
    this.atEnd = atEnd;
  }

  /** How many instances were made. */
  int made() {
    return made;
  }

  void atCall(Consumer<String> look) {
    atInvoke((export, args) -> look.accept(export));
  }

  void atInvoke(BiConsumer<String, long[]> look) {
    atInvoke = look;
  }

  @Override
  public String sha256() {
    return modules.apply(0).sha256();
  }

  @Override
  public Set<String> exports() {
    return modules.apply(0).exports();
  }

  @Override
  public List<String> imports() {
    return List.of();
  }

  @Override
  public Guest instantiate() throws GuestTrap {
    Guest guest = modules.apply(made).instantiate();
    made++;
    return new WatchedGuest(guest);
  }

  private final class WatchedGuest implements Guest {
    private final Guest guest;
    private boolean ended;

    WatchedGuest(Guest guest) {
      this.guest = guest;
    }

    @Override
    public Optional<Type> type(String export) {
      return guest.type(export);
    }

    @Override
    public Optional<Global> global(String export) {
      return guest.global(export);
    }

    @Override
    public long[] invoke(String export, long... args) throws GuestTrap {
      atInvoke.accept(export, args);
      return guest.invoke(export, args);
    }

    @Override
    public void interrupt() {
      guest.interrupt();
    }

    @Override
    public long memoryLength() {
      return guest.memoryLength();
    }

    @Override
    public long grow(long pages) {
      return guest.grow(pages);
    }

    @Override
    public byte[] read(int ptr, int length) {
      return guest.read(ptr, length);
    }

    @Override
    public void write(int ptr, byte[] bytes) {
      guest.write(ptr, bytes);
    }

    @Override
    public void clear() {
      guest.clear();
    }

    @Override
    public void close() {
      if (!ended) {
        ended = true;
        atEnd.accept(guest);
      }
      guest.close();
    }
  }
}
