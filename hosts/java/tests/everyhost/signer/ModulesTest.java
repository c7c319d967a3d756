package everyhost.signer;

import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The modules of the package; test-package.sh tests the package itself. */
class ModulesTest {
  @Test
  void eachIsLoadedWhenItIsAskedForAndOnce() {
    List<byte[]> loaded = new ArrayList<>();
    var modules =
        new everyhost.signer.Modules(
            wasm -> {
              loaded.add(wasm);
              return everyhost.Modules.load(wasm);
            });
    assertEquals(0, loaded.size());
    try (var signer = new Signer(modules.signer(), KEYPAIR, modules.signerBatches());
        var verifier = new Verifier(modules.verifier())) {
      assertEquals(5, loaded.size());
      List<byte[]> signatures = signer.signMany("hello", "hello");
      assertArrayEquals(HELLO_SIGNATURE, signatures.get(1));
      var item = new Verifier.Item(PUBLIC_KEY, "hello", HELLO_SIGNATURE);
      assertArrayEquals(new boolean[] {true}, verifier.verifyMany(List.of(item)));
    }
    assertSame(modules.signer(), modules.module("signer-raw"));
    assertSame(modules.verifier(), modules.verifier());
    assertTrue(modules.keys().exports().contains("read_private_key"));
  }

  @Test
  void anUnknownNameIsToldWhichThereAre() {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> everyhost.signer.Modules.bytes("signer"));
    assertTrue(error.getMessage().startsWith("no module is called signer; there are: signer-raw,"));
  }
}
