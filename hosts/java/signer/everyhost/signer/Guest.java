package everyhost.signer;

import java.util.List;
import java.util.Optional;

/**
 * One instance of a module: its functions, and checked access to its linear memory, which is the
 * export {@code memory} or else the first memory that the module exports. Without one it is empty.
 *
 * <p>Pointers are unsigned 32-bit integers in an {@code int}, as Java has no other: a pointer over
 * 2 GiB is negative, and is taken as what it means. For one thread at a time, but for {@link
 * #interrupt}.
 */
public interface Guest extends AutoCloseable {

  /**
   * The types of a function's parameters and results, each by its name in Wasm's text format:
   * {@code i32}, …
   */
  record Type(List<String> params, List<String> results) {}

  /** A global's type, as in {@link Type}, and its bits, as in {@link #invoke}. */
  record Global(String type, long bits) {}

  /** The type of the exported function of that name, if there is one. */
  Optional<Type> type(String export);

  /** The exported global of that name, if there is one; the bits of a vector or reference are 0. */
  Optional<Global> global(String export);

  /**
   * Calls an exported function. Every argument and result is its bits, as Wasm has them: floats are
   * not converted, and of 32-bit values only the low half counts.
   *
   * @throws GuestTrap the guest trapped, or a function of the host or the runtime itself failed in
   *     it, or the call was cut off; the instance is finished
   * @throws IllegalArgumentException there is no such function, or it takes something else
   */
  long[] invoke(String export, long... args) throws GuestTrap;

  /**
   * Calls an export that takes and returns 32-bit integers; 0 where it returns nothing.
   *
   * @throws GuestTrap as {@link #invoke}
   */
  default int call(String export, int... args) throws GuestTrap {
    long[] bits = new long[args.length];
    for (int i = 0; i < args.length; i++) {
      bits[i] = args[i];
    }
    long[] results = invoke(export, bits);
    return results.length == 0 ? 0 : (int) results[0];
  }

  /** Cuts off the call that is running, from another thread. If none is, nothing happens. */
  void interrupt();

  /** The size of linear memory in bytes, now: any call may have let it grow. */
  long memoryLength();

  /**
   * Grows linear memory. Returns how many pages of 64 KiB it had, or -1 if it can't grow so far.
   */
  long grow(long pages);

  /**
   * A copy of {@code length} bytes at {@code ptr}.
   *
   * @throws IndexOutOfBoundsException they do not all lie in linear memory
   */
  byte[] read(int ptr, int length);

  /**
   * Copies bytes to {@code ptr}.
   *
   * @throws IndexOutOfBoundsException there is no room for all of them; nothing is written then
   */
  void write(int ptr, byte[] bytes);

  /** Clears linear memory from outside. */
  void clear();

  /**
   * Clears and ends the instance: for one that trapped and must not run again. Doing so again does
   * nothing.
   */
  default void discard() {
    try {
      clear();
    } finally {
      close();
    }
  }

  /** Ends the instance. It cannot be used afterwards. Closing again does nothing. */
  @Override
  void close();

  // ANCHOR: bounds
  /**
   * The offset of {@code length} bytes at an unsigned pointer, if they all lie in a memory of that
   * size.
   *
   * @throws IndexOutOfBoundsException they do not
   */
  static long checkBounds(int ptr, long length, long memoryLength) {
    long start = Integer.toUnsignedLong(ptr);
    if (length < 0 || start + length > memoryLength) {
      throw new IndexOutOfBoundsException(
          "%d bytes at %d are not in a linear memory of %d bytes"
              .formatted(length, start, memoryLength));
    }
    return start;
  }
  // ANCHOR_END: bounds
}
