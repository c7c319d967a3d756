package everyhost.adapter;

import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** Gathers what the host gives a module, and then makes the instance. */
interface Linker {
  /** The instance: before {@link #start} it has no exports, but the first memory given here. */
  Guest guest();

  /** Values go in and out as their bits, as {@link Guest#invoke} has them. */
  void function(String module, String name, Guest.Type type, UnaryOperator<long[]> body);

  void memory(String module, String name, long min, OptionalLong max);

  /** A table of funcref. */
  void table(String module, String name, long min, OptionalLong max);

  void global(String module, String name, Value value, boolean isMutable);

  /**
   * Makes the instance.
   *
   * @throws GuestTrap the start function trapped, or what was given is not what the module needs
   */
  void start() throws GuestTrap;
}
