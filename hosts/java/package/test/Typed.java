import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jwt.SignedJWT;
import everyhost.signer.*;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What a stranger does with the package, on the runtime that is named. */
final class Typed {
  public static void main(String[] args) throws ParseException, JOSEException {
    boolean isEndive = args[0].equals("endive");
    var modules = isEndive ? endive() : graalWasm();
    try (var keys = new Keys(modules.keys());
        var key = PrivateKey.generate();
        var signer = Signer.fromPrivateKey(modules.signer(), key, modules.signerBatches())) {
      byte[] publicKey = signer.publicKey();
      token(signer, keys.writePublicKey(publicKey, Keys.Form.JWK));
      files(keys, key, publicKey);
      many(modules, signer, !isEndive);
    }
    try (var keyless = new Signer(modules.signer())) {
      keyless.sign("hello");
      throw new AssertionError("it signed without a key");
    } catch (SignerException refused) {
      require(refused.code() == Code.NO_KEY, "a refusal has a code");
    }
  }

  // Apart, so that what is not on the class path is not needed.
  private static Modules endive() {
    return new Modules(EndiveModule::compile);
  }

  private static Modules graalWasm() {
    return new Modules(GraalWasmModule::load);
  }

  private static void token(Signer signer, String jwk) throws ParseException, JOSEException {
    var verifier = new Ed25519Verifier(OctetKeyPair.parse(jwk));
    String token = signer.signToken("{\"sub\":\"alice\"}", TokenAlgorithm.EDDSA, "2026-11");
    var jwt = SignedJWT.parse(token);
    require(jwt.verify(verifier), "nimbus verifies the token");
    require("alice".equals(jwt.getJWTClaimsSet().getSubject()), "its claims are those given");
    require("2026-11".equals(jwt.getHeader().getKeyID()), "and so is its kid");
    String changed = token.substring(0, token.length() - 86) + "A".repeat(86);
    require(!SignedJWT.parse(changed).verify(verifier), "nimbus refuses another signature");
  }

  private static void files(Keys keys, PrivateKey key, byte[] publicKey) {
    String pem = keys.writePrivateKey(key, Keys.Form.PEM);
    try (PrivateKey read = keys.readPrivateKey(pem)) {
      require(Arrays.equals(read.seed(), key.seed()), "a key is the same after PEM");
    }
    byte[] der = keys.writePublicKey(publicKey, Keys.Form.DER);
    require(Arrays.equals(keys.readPublicKey(der), publicKey), "and a public key after DER");
  }

  /** The modules for batches are used if the runtime has SIMD, and passed over if it has not. */
  private static void many(Modules modules, Signer signer, boolean hasSimd) {
    List<byte[]> messages = Collections.nCopies(3, new byte[] {1, 2, 3});
    List<byte[]> signatures = signer.signMany(messages);
    require(signer.batchModule() >= 0 == hasSimd, "signed by " + signer.batchModule());
    try (var verifier = new Verifier(modules.verifier())) {
      var good = new Verifier.Item(signer.publicKey(), messages.get(0), signatures.get(2));
      var bad = new Verifier.Item(signer.publicKey(), "hello", signatures.get(2));
      boolean[] verdicts = verifier.verifyMany(List.of(good, bad));
      require(Arrays.equals(verdicts, new boolean[] {true, false}), "the verdicts are right");
      require(verifier.moduleIndex() < 2 == hasSimd, "verified by " + verifier.moduleIndex());
    }
  }

  private static void require(boolean held, String what) {
    if (!held) {
      throw new AssertionError(what);
    }
  }
}
