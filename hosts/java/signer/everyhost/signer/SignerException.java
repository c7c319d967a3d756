package everyhost.signer;

/** What a {@link Signer} throws. */
public final class SignerException extends CodedException {
  private static final long serialVersionUID = 1L;

  SignerException(Code code) {
    super(code, null);
  }

  SignerException(Code code, Throwable cause) {
    super(code, cause);
  }
}
