package everyhost;

import com.google.crypto.tink.subtle.Ed25519Sign;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;

/** An independent Ed25519: the JDK's own signs, and Tink derives public keys. */
public final class Jdk {
  private Jdk() {}

  public static byte[] publicKey(byte[] seed) {
    try {
      return Ed25519Sign.KeyPair.newKeyPairFromSeed(seed).getPublicKey();
    } catch (GeneralSecurityException error) {
      throw new AssertionError(error);
    }
  }

  public static byte[] keypair(byte[] seed) {
    return ModuleBuilder.join(seed, publicKey(seed));
  }

  public static byte[] sign(byte[] seed, byte[] message) {
    try {
      var signature = Signature.getInstance("Ed25519");
      signature.initSign(
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException error) {
      throw new AssertionError(error);
    }
  }
}
