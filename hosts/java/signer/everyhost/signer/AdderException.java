package everyhost.signer;

/** What an {@link Adder} throws. */
public final class AdderException extends CodedException {
  private static final long serialVersionUID = 1L;

  AdderException(Code code) {
    super(code, "", null);
  }

  AdderException(Code code, Throwable cause) {
    super(code, "", cause);
  }
}
