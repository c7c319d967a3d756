package everyhost.signer;

import static everyhost.Modules.HELLO_SIGNATURE;
import static everyhost.Modules.KEYPAIR;
import static everyhost.Modules.MISMATCHED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import everyhost.Modules;
import everyhost.compiled.SignerRaw;
import org.junit.jupiter.api.Test;

/** A module that Endive's Maven plugin has compiled: see the profile "check" of pom.xml. */
class BuildTimeTest {
  @Test
  void aModuleThatWasCompiledWithTheProjectSignsTheSame() {
    WasmModule module = EndiveModule.compiled(Modules.bytes("signer-raw"), SignerRaw::create);
    try (var signer = new Signer(module, KEYPAIR)) {
      assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
      assertEquals(Code.TRAPPED, SignerTest.codeOf(() -> signer.signWith(MISMATCHED, "hello")));
      assertArrayEquals(HELLO_SIGNATURE, signer.signMany("hello").get(0));
    }
  }
}
