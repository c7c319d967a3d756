package everyhost.signer;

/** What a {@link Signer} and a {@link Verifier} throw. */
public final class SignerException extends CodedException {
  private static final long serialVersionUID = 1L;

  SignerException(Code code) {
    super(code, "", null);
  }

  /** With what it is about, such as which of several items. */
  SignerException(Code code, String detail) {
    super(code, " (%s)".formatted(detail), null);
  }

  SignerException(Code code, Throwable cause) {
    super(code, "", cause);
  }
}
