package everyhost.signer;

import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import everyhost.compiled.SignerRaw;
import org.junit.jupiter.api.Test;

/** A module that Endive's Maven plugin has compiled: see the profile "check" of pom.xml. */
class BuildTimeTest {
  @Test
  void aModuleThatWasCompiledWithTheProjectSignsTheSame() {
    WasmModule module = EndiveModule.compiled(bytes("signer-raw"), SignerRaw::create);
    try (var signer = new Signer(module, KEYPAIR)) {
      assertArrayEquals(HELLO_SIGNATURE, signer.sign("hello"));
      assertCode(Code.TRAPPED, () -> signer.signWith(MISMATCHED, "hello"));
      assertArrayEquals(HELLO_SIGNATURE, signer.signMany("hello").get(0));
    }
  }
}
