package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static org.junit.jupiter.api.Assertions.*;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.function.Executable;

/** Calls of a signer, and what they end in. */
final class Calls {
  static final byte[] OTHER_SEED =
      hex("e7f1a4c93b0d58629e14bb7306d2ca8f40359c6ed8712bf5a60e97d14c83f02b");
  static final byte[] OTHER_KEYPAIR = join(OTHER_SEED, new byte[32]);

  /** Every method. */
  static final Map<String, Consumer<Signer>> METHODS =
      Map.ofEntries(
          Map.entry("publicKey", Signer::publicKey),
          Map.entry("batchModule", Signer::batchModule),
          Map.entry("toString", signer -> assertTrue(signer.toString().startsWith("Signer["))),
          Map.entry("sign", signer -> signer.sign("hello")),
          Map.entry("signToken", signer -> signer.signToken("{}")),
          Map.entry("signMany of none", signer -> signer.signMany(List.of())),
          Map.entry("signMany of one", signer -> signer.signMany("hello")),
          Map.entry("signMany of three", signer -> signer.signMany("a", "b", "c")),
          Map.entry("signWith", signer -> signer.signWith(OTHER_KEYPAIR, "hello")),
          Map.entry("derivePublicKey", signer -> signer.derivePublicKey(OTHER_SEED)),
          Map.entry("verify", signer -> signer.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE)),
          Map.entry("verifyStrict", signer -> signer.verifyStrict(PUBLIC_KEY, "", HELLO_SIGNATURE)),
          Map.entry("loadKey", signer -> signer.loadKey(OTHER_KEYPAIR)),
          Map.entry("loadKey of the wrong length", signer -> signer.loadKey(OTHER_SEED)),
          Map.entry("loadKey of null", signer -> signer.loadKey(null)),
          Map.entry("wipe", Signer::wipe),
          Map.entry("close", Signer::close));

  private Calls() {}

  static Signer newSigner() {
    return new Signer(built("signer-raw"), KEYPAIR);
  }

  /** A call is refused with this code. */
  static void assertCode(Code code, Executable call) {
    assertEquals(code, assertThrows(CodedException.class, call).code());
  }

  /** What a call ends in: OK, a code, or "null". */
  static String endOf(Runnable call) {
    try {
      call.run();
      return "OK";
    } catch (CodedException error) {
      return error.code().name();
    } catch (NullPointerException error) {
      return "null";
    }
  }
}
