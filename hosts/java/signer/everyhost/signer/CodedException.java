package everyhost.signer;

/** A call was refused, or the module trapped: {@link #code} says which and why. */
public abstract class CodedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Code code;

  CodedException(Code code, String detail, Throwable cause) {
    super(code.name() + ": " + code.meaning() + detail, cause);
    this.code = code;
  }

  /** Why, by a name that is the same in every language, such as {@link Code#KEY_PAIR_MISMATCH}. */
  public final Code code() {
    return code;
  }
}
