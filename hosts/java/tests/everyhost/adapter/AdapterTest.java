package everyhost.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** hosts/adapters.mjs and everyhost run check what the adapter answers. */
class AdapterTest {
  @Test
  void whatIsNoRuntimeIsRefusedWithTheNamesOfThoseThereAre() {
    var error = assertThrows(IllegalArgumentException.class, () -> WasmRuntime.of("wasmtime"));
    assertEquals(
        "no runtime is called wasmtime; there are: endive, endive-interpreter, graalwasm",
        error.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"616263, 5", "61, 7", "61, 1", "61, 0", "'', 3"})
  void aRepeatIsTheUnitSoManyTimes(String unit, int times) {
    var written = Wire.of("repeat", unit, "times", times);
    assertEquals(unit.repeat(times), Wire.hex(Wire.bytes(written)));
  }
}
