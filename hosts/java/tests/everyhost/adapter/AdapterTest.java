package everyhost.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** hosts/adapters.mjs and everyhost run check what the adapter answers. */
class AdapterTest {
  @Test
  void whatIsNoRuntimeIsRefusedWithTheNamesOfThoseThereAre() {
    var error = assertThrows(IllegalArgumentException.class, () -> WasmRuntime.of("wasmtime"));
    assertEquals(
        "no runtime is called wasmtime; there are: endive, endive-interpreter, graalwasm",
        error.getMessage());
  }
}
