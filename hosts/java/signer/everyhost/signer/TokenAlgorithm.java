package everyhost.signer;

/** What the header of a JSON Web Token calls Ed25519. */
public enum TokenAlgorithm {
  /** {@code EdDSA}, which every library knows that knows Ed25519 (RFC 8037). */
  EDDSA("EdDSA"),
  /** {@code Ed25519}, its newer name (RFC 9864). */
  ED25519("Ed25519");

  private final String alg;

  TokenAlgorithm(String alg) {
    this.alg = alg;
  }

  /** The header of a token, with the name of its key unless that is null. */
  String header(String kid) {
    String named = kid == null ? "" : ",\"kid\":" + quoted(kid);
    return "{\"alg\":\"%s\",\"typ\":\"JWT\"%s}".formatted(alg, named);
  }

  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (letter < ' ') {
        quoted.append("\\u%04x".formatted((int) letter));
      } else {
        quoted.append(letter == '"' || letter == '\\' ? "\\" : "").append(letter);
      }
    }
    return quoted.append('"').toString();
  }
}
