package everyhost.adapter;

/** A request that cannot be understood, or asks for what this host cannot do. */
final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RequestException(String message) {
    super(message);
  }

  RequestException(String message, Throwable cause) {
    super(message, cause);
  }
}
