package everyhost.signer;

import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * 32-bit arithmetic by the Wasm module {@code add-raw}, which is a C function linked into Rust. A
 * call that comes while another is running is {@link Code#IN_USE}: give each thread an adder of its
 * own.
 */
public final class Adder implements AutoCloseable {
  private static final Set<String> EXPORTS = Set.of("add_numbers", "divide_numbers");

  private final WasmModule module;
  private final AtomicBoolean inUse = new AtomicBoolean();
  private Guest guest; // null: closed

  /**
   * An adder on an instance of its own.
   *
   * @throws IllegalArgumentException that module is no adder
   */
  public Adder(WasmModule module) {
    module.require(EXPORTS, "an adder");
    this.module = module;
    this.guest = newGuest();
  }

  /**
   * The sum, which wraps: 2147483647 + 1 is -2147483648.
   *
   * @throws AdderException {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public int add(int a, int b) {
    return call("add_numbers", a, b);
  }

  /**
   * The quotient, towards zero: -7 / 2 is -3.
   *
   * @throws AdderException {@code TRAPPED} by zero, and for -2147483648 by -1, where Java itself
   *     would wrap. The adder can be used on: it has a new instance. {@code CLOSED}, {@code IN_USE}
   */
  public int divide(int a, int b) {
    return call("divide_numbers", a, b);
  }

  /**
   * Ends the adder. Every later call is {@code CLOSED}; closing again does nothing.
   *
   * @throws AdderException {@code IN_USE}: nothing is closed
   */
  @Override
  public void close() {
    enter();
    try {
      if (guest != null) {
        guest.close();
      }
    } finally {
      guest = null;
      inUse.set(false);
    }
  }

  private int call(String export, int a, int b) {
    enter();
    try {
      if (guest == null) {
        throw new AdderException(Code.CLOSED);
      }
      return guest.call(export, a, b);
    } catch (GuestTrap trap) {
      replace(trap);
      throw new AdderException(Code.TRAPPED, trap);
    } finally {
      inUse.set(false);
    }
  }

  private void enter() {
    if (!inUse.compareAndSet(false, true)) {
      throw new AdderException(Code.IN_USE);
    }
  }

  /** The trapped instance is never called again; where no new one comes up the adder is closed. */
  private void replace(GuestTrap because) {
    Guest trapped = guest;
    guest = null;
    trapped.discard();
    try {
      guest = module.instantiate();
    } catch (GuestTrap | RuntimeException cannot) {
      because.addSuppressed(cannot);
    }
  }

  private Guest newGuest() {
    try {
      return module.instantiate();
    } catch (GuestTrap trap) {
      throw new AdderException(Code.TRAPPED, trap);
    }
  }
}
