package everyhost.signer;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Owns an instance that may hold secrets: makes one call at a time, replaces the instance after a
 * trap, and clears it at the end, or when the garbage collector gets to this object.
 */
abstract class Owned implements AutoCloseable {
  // Enough for a thread to be started from where a call ends.
  private static final int ROOM = 64;

  static { // at the end of a stack the JVM cannot link what was not linked before
    Repair.of(null, new SignerException(Code.TRAPPED));
  }

  static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicIntegerFieldUpdater<Owned> IN_USE =
      AtomicIntegerFieldUpdater.newUpdater(Owned.class, "inUse");

  private final WasmModule module;
  private Guest guest; // null: closed
  private Cleaner.Cleanable discard; // clears and ends the instance, once

  @SuppressWarnings("UnusedVariable") // IN_USE reads it
  private volatile int inUse; // 1 while a call is running

  /** The constructor of what extends this ends with {@link #renew}. */
  Owned(WasmModule module, Set<String> exports, String kind) {
    module.require(exports, kind);
    this.module = module;
  }

  /** The first calls of a new instance. */
  abstract void begin(Guest fresh) throws GuestTrap;

  /** Puts a new instance, in place of one that trapped, in the state that the old one had. */
  abstract void reload(Guest fresh) throws GuestTrap;

  /** Clears every secret outside of the instance, for good. */
  abstract void drop();

  interface Use<T> {
    T with(Guest guest) throws GuestTrap;
  }

  /**
   * Lends the instance for some calls. One that traps is replaced, and so is one whose calls end in
   * an error that is no refusal, such as the end of the stack: who knows what is left in it?
   */
  final <T> T running(Use<T> use) {
    enter();
    try {
      if (guest == null) {
        throw new SignerException(Code.CLOSED);
      }
      return use.with(guest);
    } catch (SignerException refused) {
      throw refused;
    } catch (GuestTrap trap) {
      replace(trap);
      throw new SignerException(Code.TRAPPED, trap);
    } catch (RuntimeException | Error error) {
      replace(error);
      throw error;
    } finally {
      inUse = 0; // no call, for which the stack might have no room
      Reference.reachabilityFence(this); // or the cleaner might come while the instance runs
    }
  }

  /**
   * Clears every secret and ends this object. Every later call is {@code CLOSED}; closing again
   * does nothing.
   *
   * @throws SignerException {@code IN_USE}: nothing is closed
   */
  @Override
  public void close() {
    enter();
    try {
      if (guest != null) {
        guest.call("wipe");
        guest.close();
      }
      end();
    } catch (GuestTrap | RuntimeException | Error failed) {
      guest = null;
      Repair.of(this, null);
    } finally {
      inUse = 0;
    }
  }

  /** The instance, for tests. */
  final Guest guest() {
    return guest;
  }

  /** Whether it was closed, or had to be. */
  final boolean isClosed() {
    return guest == null;
  }

  final void enter() {
    room();
    if (!tryEnter()) {
      throw new SignerException(Code.IN_USE);
    }
  }

  final boolean tryEnter() {
    return IN_USE.compareAndSet(this, 0, 1);
  }

  final void leave() {
    inUse = 0;
  }

  /** Ends a call at the end of the stack before it begins: later, nothing could be cleared. */
  static void room() {
    room(ROOM);
  }

  private static void room(int frames) {
    if (frames > 0) {
      room(frames - 1);
    }
  }

  /** After a trap or an error: the instance is never called again. */
  final void replace(Throwable because) {
    guest = null;
    Repair.of(this, because);
  }

  /**
   * Clears and ends the instance that there was, and makes a new one in the same state. If that
   * cannot be done this object is closed.
   */
  private void restore(Throwable because) {
    try {
      renew();
      reload(guest);
    } catch (GuestTrap | RuntimeException | Error cannot) {
      because.addSuppressed(cannot);
      end();
    }
  }

  /** Restores an object, or ends it, on a stack of its own: the caller's may be at its end. */
  private static final class Repair extends Thread {
    private final Owned owned;
    private final Throwable because; // null: it is closed
    private volatile boolean done;

    private Repair(Owned owned, Throwable because) {
      super("signer");
      this.owned = owned;
      this.because = because;
    }

    static void of(Owned owned, Throwable because) {
      var repair = new Repair(owned, because);
      try {
        repair.start();
      } catch (Error noThread) {
        repair.repair();
      }
      boolean interrupted = false;
      while (!repair.done) {
        try {
          repair.join();
        } catch (InterruptedException later) {
          interrupted = true;
        } catch (StackOverflowError noRoom) {
          // It goes on all the same.
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void run() {
      repair();
    }

    private void repair() {
      try {
        if (owned != null && because != null) {
          owned.restore(because);
        } else if (owned != null) {
          owned.end();
        }
      } finally {
        done = true;
      }
    }
  }

  /** Makes an instance, in place of the one that there was. */
  final void renew() {
    if (discard != null) {
      discard.clean();
    }
    Guest fresh;
    try {
      fresh = module.instantiate();
    } catch (GuestTrap trap) {
      throw new SignerException(Code.TRAPPED, trap);
    }
    discard = CLEANER.register(this, fresh::discard);
    try {
      begin(fresh);
    } catch (GuestTrap trap) {
      discard.clean();
      throw new SignerException(Code.TRAPPED, trap);
    } catch (RuntimeException | Error error) {
      discard.clean();
      throw error;
    }
    guest = fresh;
  }

  /** Clears every secret, with the instances. */
  private void end() {
    guest = null;
    try {
      drop();
    } finally {
      if (discard != null) {
        discard.clean();
      }
    }
  }
}
