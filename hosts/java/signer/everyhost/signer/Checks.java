package everyhost.signer;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What the runtimes' modules have in common. */
final class Checks {
  private Checks() {}

  /** The SHA-256 of some bytes, in lower-case hex. */
  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every Java platform has SHA-256
    }
  }

  static void noImports(List<String> imports) {
    if (!imports.isEmpty()) {
      throw new IllegalArgumentException(
          "the module needs imports, which this host does not give: " + String.join(", ", imports));
    }
  }

  /** Before a call: the type is null if the module has no such function. */
  static void call(boolean isClosed, Guest.Type type, String export, long[] args) {
    if (isClosed) {
      throw new IllegalStateException("this instance was closed");
    }
    if (type == null) {
      throw new IllegalArgumentException("the module exports no function " + export);
    }
    if (type.params().size() != args.length) {
      throw new IllegalArgumentException(
          "%s takes %d arguments, and %d were given"
              .formatted(export, type.params().size(), args.length));
    }
  }
}
