package everyhost.example;

import com.google.gson.GsonBuilder;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import everyhost.signer.EndiveModule;
import everyhost.signer.Signer;
import everyhost.signer.SignerException;
import everyhost.signer.WasmModule;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that nimbus-jose-jwt verifies. */
public final class Example {
  private static final String OPTIONS =
      "[--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]";

  private static final String USAGE =
      """
      usage: Example %s

      Signs a message with a Wasm module and makes a JWT that nimbus-jose-jwt verifies.

        --message TEXT       text to sign, as UTF-8 (default: hello)
        --message-file FILE  a file of UTF-8 to sign instead
        --key-file FILE      the seed of 32 bytes, then its public key: 64 bytes, or 128 hex digits
                             (default: a published key, for tests only)
        --module FILE        the signer (default: target/modules/signer-raw.wasm of this workspace)
      """
          .formatted(OPTIONS);

  // Published in a book: good for tests, never for anything else.
  private static final String TEST_KEYPAIR =
      "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
          + "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private Example() {}

  /** Signs, checks that it was right, then prints. What is wrong with the input is one line. */
  public static void main(String[] args) throws Exception {
    if (List.of(args).contains("--help")) {
      OUT.print(USAGE);
      return;
    }
    Map<String, String> given = Map.of();
    try {
      given = parse(List.of(args).iterator());
    } catch (IllegalArgumentException wrong) {
      fail(2, wrong.getMessage() + "; expected " + OPTIONS);
    }
    try {
      run(given);
    } catch (SignerException | IllegalArgumentException error) {
      fail(1, error.getMessage().lines().collect(Collectors.joining(" ")));
    }
  }

  private static void run(Map<String, String> given) throws JOSEException, ParseException {
    Path file = Path.of(given.get("--module"));
    String message =
        given.containsKey("--message-file")
            ? textFrom(given.get("--message-file"))
            : given.get("--message");
    byte[] keypair =
        given.containsKey("--key-file")
            ? keypairFrom(given.get("--key-file"))
            : HexFormat.of().parseHex(TEST_KEYPAIR);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(file + " does not exist; build it with: make modules");
    }
    byte[] wasm = read(file.toString());
    // As other languages write it: Gson would escape < and = too.
    String claims =
        new GsonBuilder().disableHtmlEscaping().create().toJson(Map.of("message", message));
    byte[] publicKey;
    byte[] signature;
    String token;
    String sha256;
    try {
      // ANCHOR: sign
      WasmModule module = EndiveModule.compile(wasm);
      try (var signer = new Signer(module, keypair)) {
        publicKey = signer.publicKey();
        signature = signer.sign(message);
        token = signer.signToken(claims);
        require(
            signer.verifyStrict(publicKey, message, signature), "the signature does not verify");
      }
      // ANCHOR_END: sign
      sha256 = module.sha256();
    } catch (IllegalArgumentException refused) {
      String words = refused.getMessage();
      throw new IllegalArgumentException(
          file + " is " + (words.startsWith("not a") ? "" : "not a Wasm module: ") + words,
          refused);
    }

    var jwt = SignedJWT.parse(token);
    require(
        jwt.verify(new Ed25519Verifier(publicJwk(publicKey))), "nimbus does not verify the token");
    require(
        jwt.getJWTClaimsSet().getClaims().equals(Map.of("message", message)),
        "the claims are others");

    String java = "Java " + System.getProperty("java.version");
    print("host", "java");
    print("runtime", java + ", Endive " + Versions.of("endive"));
    print("module", file.getFileName() + " " + sha256.substring(0, 16));
    print("message", message.getBytes(StandardCharsets.UTF_8).length + " bytes");
    print("public key", HexFormat.of().formatHex(publicKey));
    print("signature", HexFormat.of().formatHex(signature));
    print("token", token);
    print("verified by", "nimbus-jose-jwt " + Versions.of("nimbus"));
  }

  private static void print(String key, String value) {
    OUT.println("%-12s  %s".formatted(key, value));
  }

  /** The public key as a JSON Web Key, the form in which services publish theirs. */
  private static OctetKeyPair publicJwk(byte[] publicKey) {
    return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(publicKey)).build();
  }

  private static Map<String, String> parse(Iterator<String> args) {
    var given = new HashMap<String, String>();
    while (args.hasNext()) {
      String[] parts = args.next().split("=", 2);
      String name = parts[0];
      if (!name.startsWith("-")) {
        throw new IllegalArgumentException("unexpected argument " + String.join("=", parts));
      }
      if (!List.of("--message", "--message-file", "--key-file", "--module").contains(name)) {
        throw new IllegalArgumentException(name + " is not an option");
      }
      if (parts.length == 1 && !args.hasNext()) {
        throw new IllegalArgumentException(name + " needs a value");
      }
      given.put(name, parts.length == 2 ? parts[1] : args.next());
    }
    if (given.containsKey("--message") && given.containsKey("--message-file")) {
      throw new IllegalArgumentException("--message and --message-file exclude each other");
    }
    given.putIfAbsent("--message", "hello");
    given.computeIfAbsent(
        "--module", absent -> workspace().resolve("target/modules/signer-raw.wasm").toString());
    return given;
  }

  /** From a file, because other users of a machine can see a command line. */
  private static byte[] keypairFrom(String file) {
    byte[] bytes = read(file);
    if (bytes.length == Signer.KEYPAIR_LENGTH) {
      return bytes;
    }
    String digits = new String(bytes, StandardCharsets.ISO_8859_1).strip();
    if (!digits.matches("[0-9a-fA-F]{128}")) {
      throw new IllegalArgumentException(
          "%s: expected a keypair of 64 bytes or 128 hex digits, found %d bytes"
              .formatted(file, bytes.length));
    }
    return HexFormat.of().parseHex(digits);
  }

  private static String textFrom(String file) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(read(file))).toString();
    } catch (CharacterCodingException error) {
      throw new IllegalArgumentException(file + ": expected UTF-8", error);
    }
  }

  private static byte[] read(String file) {
    try {
      return Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException missing) {
      throw new IllegalArgumentException("cannot read " + file + ": it does not exist", missing);
    } catch (IOException error) {
      throw new IllegalArgumentException("cannot read " + file + ": " + error.getMessage(), error);
    }
  }

  /** The workspace, whose hosts/java/target has this class. */
  private static Path workspace() {
    Path code = Path.of(URIof(Example.class));
    return code.getParent().resolve("../../..").normalize();
  }

  private static java.net.URI URIof(Class<?> type) {
    return java.net.URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString());
  }

  private static void require(boolean held, String otherwise) {
    if (!held) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static void fail(int exitCode, String why) {
    System.err.println("example: " + why);
    System.exit(exitCode);
  }
}
