package everyhost.signer;

import java.util.Set;

/**
 * 32-bit arithmetic by the Wasm module {@code add-raw}, which is a C function linked into Rust. For
 * one thread.
 */
public final class Adder implements AutoCloseable {
  private static final Set<String> EXPORTS = Set.of("add_numbers", "divide_numbers");

  private final WasmModule module;
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
   * @throws AdderException {@code TRAPPED}, {@code CLOSED}
   */
  public int add(int a, int b) {
    return call("add_numbers", a, b);
  }

  /**
   * The quotient, towards zero: -7 / 2 is -3.
   *
   * @throws AdderException {@code TRAPPED} by zero, and for -2147483648 by -1, where Java itself
   *     would wrap. The adder can be used on: it has a new instance. {@code CLOSED}
   */
  public int divide(int a, int b) {
    return call("divide_numbers", a, b);
  }

  /** Ends the adder. Every later call is {@code CLOSED}; closing again does nothing. */
  @Override
  public void close() {
    Guest last = guest;
    guest = null;
    if (last != null) {
      last.close();
    }
  }

  private int call(String export, int a, int b) {
    if (guest == null) {
      throw new AdderException(Code.CLOSED);
    }
    try {
      return guest.call(export, a, b);
    } catch (GuestTrap trap) {
      guest.discard();
      guest = null;
      guest = newGuest();
      throw new AdderException(Code.TRAPPED, trap);
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
