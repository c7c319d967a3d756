package everyhost.signer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests that have a signer with the test key each. */
abstract class SignerFixture {
  Signer signer;

  @BeforeEach
  void open() {
    signer = Calls.newSigner();
  }

  @AfterEach
  void close() {
    signer.close();
  }
}
