package everyhost.signer;

import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.Ed25519Signer;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens, beside those of nimbus-jose-jwt. */
class TokenTest extends SignerFixture {
  private static final OctetKeyPair JWK =
      new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(PUBLIC_KEY))
          .d(Base64URL.encode(SEED))
          .build();

  private static final Map<TokenAlgorithm, JWSAlgorithm> ALGORITHMS =
      Map.of(
          TokenAlgorithm.EDDSA, JWSAlgorithm.EdDSA, TokenAlgorithm.ED25519, JWSAlgorithm.Ed25519);

  @ParameterizedTest
  @EnumSource
  void nimbusVerifiesThem(TokenAlgorithm algorithm) throws Exception {
    for (String kid : new String[] {null, "", "2026-11", "\"\\\n\u0001é\uD83D\uDE00"}) {
      String token = signer.signToken(" {\"sub\":\"ålice\", \"exp\":1} ", algorithm, kid);
      var jwt = SignedJWT.parse(token);
      assertTrue(jwt.verify(new Ed25519Verifier(JWK.toPublicJWK())));
      assertEquals("ålice", jwt.getJWTClaimsSet().getSubject());
      assertEquals(ALGORITHMS.get(algorithm), jwt.getHeader().getAlgorithm());
      assertEquals(JOSEObjectType.JWT, jwt.getHeader().getType());
      assertEquals(kid, jwt.getHeader().getKeyID());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSignatureIsNimbusesOwn(TokenAlgorithm algorithm) throws Exception {
    var ours = SignedJWT.parse(signer.signToken("{\"sub\":\"alice\"}", algorithm, "2026-11"));
    var theirs = new SignedJWT(ours.getHeader(), ours.getJWTClaimsSet());
    theirs.sign(new Ed25519Signer(JWK));
    assertEquals(ours.serialize(), theirs.serialize());
    assertTrue(signer.verify(PUBLIC_KEY, theirs.getSigningInput(), theirs.getSignature().decode()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "alice", "[1]", "{\"sub\":1", "\"sub\":1}", "\u2003{}", "{}\u0085"})
  void claimsAreAnObject(String claims) {
    var error = assertThrows(IllegalArgumentException.class, () -> signer.signToken(claims));
    assertTrue(error.getMessage().contains("JSON object"), error.getMessage());
  }

  @Test
  void withoutAKeyOrAnAlgorithmThereIsNone() {
    assertThrows(NullPointerException.class, () -> signer.signToken(null));
    assertThrows(NullPointerException.class, () -> signer.signToken("{}", null, null));
    signer.wipe();
    assertCode(Code.NO_KEY, () -> signer.signToken("{}"));
  }
}
