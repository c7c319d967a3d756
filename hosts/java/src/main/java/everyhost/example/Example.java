package everyhost.example;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import everyhost.signer.EndiveModule;
import everyhost.signer.Signer;
import everyhost.signer.SignerException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that nimbus-jose-jwt verifies. */
public final class Example {
  private static final String USAGE =
      """
      usage: Example [--message TEXT] [--key-file FILE] [--module FILE]
        --message TEXT   text to sign, as UTF-8 (default: hello)
        --key-file FILE  128 hex digits: the seed of 32 bytes, then its public key (default: a published key, for tests only)
        --module FILE    the signer (default: target/modules/signer-raw.wasm of this workspace)
      """;

  // Published in a book: good for tests, never for anything else.
  private static final String TEST_KEYPAIR =
      "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
          + "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private String message = "hello";
  private byte[] keypair = HexFormat.of().parseHex(TEST_KEYPAIR);
  private Path module = workspace().resolve("target/modules/signer-raw.wasm");

  private Example() {}

  /**
   * Signs, checks that it was right, then prints. What is wrong with the input is told in one line.
   */
  public static void main(String[] args) throws Exception {
    var example = new Example();
    try {
      if (example.parse(List.of(args).iterator())) {
        example.run();
      }
    } catch (NoSuchFileException missing) {
      fail(missing.getFile() + " is not there; build it with: make modules");
    } catch (SignerException | IllegalArgumentException | IOException error) {
      fail(error.getMessage());
    }
  }

  private void run() throws IOException, JOSEException, ParseException {
    byte[] publicKey;
    byte[] signature;
    String token;
    // ANCHOR: sign
    try (var signer = new Signer(EndiveModule.compile(Files.readAllBytes(module)), keypair)) {
      publicKey = signer.publicKey();
      signature = signer.sign(message);
      token = makeJwt(signer, Map.of("message", message));
      require(signer.verifyStrict(publicKey, message, signature), "the signature does not verify");
    }
    // ANCHOR_END: sign

    var jwt = SignedJWT.parse(token);
    require(
        jwt.verify(new Ed25519Verifier(publicJwk(publicKey))), "nimbus does not verify the token");
    require(
        jwt.getJWTClaimsSet().getClaims().equals(Map.of("message", message)),
        "the claims are others");

    out.println("public key  " + HexFormat.of().formatHex(publicKey));
    out.println("signature   " + HexFormat.of().formatHex(signature));
    out.println("JWT         " + token);
    out.println("nimbus      verified it");
  }

  /** A token in compact form: the signature is over the first two parts as they are written. */
  private static String makeJwt(Signer signer, Map<String, String> claims) {
    var header = new JsonObject();
    header.addProperty("alg", "EdDSA");
    header.addProperty("typ", "JWT");
    // As other languages write it: Gson would escape < and = too.
    var gson = new GsonBuilder().disableHtmlEscaping().create();
    String signed =
        Base64URL.encode(gson.toJson(header)) + "." + Base64URL.encode(gson.toJson(claims));
    return signed + "." + Base64URL.encode(signer.sign(signed));
  }

  /** The public key as a JSON Web Key, the form in which services publish theirs. */
  private static OctetKeyPair publicJwk(byte[] publicKey) {
    return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(publicKey)).build();
  }

  private boolean parse(Iterator<String> args) throws IOException {
    while (args.hasNext()) {
      String option = args.next();
      if (option.equals("--help")) {
        out.print(USAGE);
        return false;
      }
      if (!List.of("--message", "--key-file", "--module").contains(option) || !args.hasNext()) {
        throw new IllegalArgumentException(
            option + " is not understood, or lacks its value\n" + USAGE.strip());
      }
      String value = args.next();
      switch (option) {
        case "--message" -> message = value;
        case "--key-file" -> keypair = keypairFrom(value);
        default -> module = Path.of(value);
      }
    }
    return true;
  }

  /**
   * Reads a keypair. It comes from a file because other users of a machine can see a command line.
   */
  private static byte[] keypairFrom(String file) {
    try {
      return HexFormat.of().parseHex(Files.readString(Path.of(file)).strip());
    } catch (IOException | IllegalArgumentException error) {
      throw new IllegalArgumentException(
          "%s: cannot read 128 hex digits from it: %s".formatted(file, error.getMessage()), error);
    }
  }

  /**
   * The folder that has hosts/java, which has target/host-java.jar or target/classes, where this
   * class is.
   */
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

  private static void fail(String why) {
    System.err.println("example: " + why);
    System.exit(1);
  }
}
