package everyhost.signer;

/** The guest trapped. Its instance is finished: call {@link Guest#discard}, and nothing else. */
public final class GuestTrap extends Exception {
  private static final long serialVersionUID = 1L;
  private final boolean cutOff;

  /** The message is the runtime's own, for people: never compare it. */
  public GuestTrap(String message, Throwable cause, boolean cutOff) {
    super(message, cause);
    this.cutOff = cutOff;
  }

  /** The guest called too deep: it is said in the same words whatever the runtime's are. */
  static GuestTrap stackOverflow(Throwable cause) {
    return new GuestTrap("stack overflow", cause, false);
  }

  /** Whether the host ended the call by {@link Guest#interrupt}, or by interrupting its thread. */
  public boolean isCutOff() {
    return cutOff;
  }
}
