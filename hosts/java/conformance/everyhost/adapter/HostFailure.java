package everyhost.adapter;

/** How a function of the host fails, in {@code raw_imports}. */
final class HostFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HostFailure(String message) {
    super(message);
  }
}
