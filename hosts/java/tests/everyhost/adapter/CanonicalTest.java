package everyhost.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import everyhost.Modules;
import everyhost.signer.WasmModule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The core module of the component, through its canonical ABI. */
class CanonicalTest {
  private static final String SEED = "00".repeat(32);
  private static final String KEYPAIR =
      SEED + run("public_key", "{'seed':'" + SEED + "'}").get("public_key").getAsString();

  private static WasmModule core() {
    return Modules.built("signer-component-core");
  }

  private static JsonObject answer(String op, String given) {
    return Canonical.run(core(), op, JsonParser.parseString(given).getAsJsonObject());
  }

  private static JsonObject run(String op, String given) {
    return answer(op, given).getAsJsonObject("ok");
  }

  @Test
  void itSignsAndVerifies() {
    String signature =
        run("sign", "{'keypair':'" + KEYPAIR + "','message':'61'}").get("signature").getAsString();
    var many = run("sign_many", "{'keypair':'" + KEYPAIR + "','messages':['61','']}");
    assertEquals(signature, many.getAsJsonArray("signatures").get(0).getAsString());
    String signed =
        "{'public_key':'%s','signature':'%s','message':"
            .formatted(KEYPAIR.substring(64), signature);
    for (String op : List.of("verify", "verify_strict")) {
      assertTrue(run(op, signed + "'61'}").get("valid").getAsBoolean());
      assertFalse(run(op, signed + "'62'}").get("valid").getAsBoolean());
    }
  }

  @ParameterizedTest
  @CsvSource({"00, KEY_LENGTH", "'', KEY_LENGTH", "twice, KEY_PAIR_MISMATCH"})
  void anErrorOfTheWitIsACode(String keypair, String code) {
    String given = keypair.equals("twice") ? SEED + SEED : keypair;
    var answer = answer("sign", "{'keypair':'" + given + "','message':'61'}");
    assertEquals(code, answer.get("error").getAsString());
  }

  @Test
  void aModuleWithPointersHasNoneOfIt() {
    assertEquals(List.of(), Canonical.opsOf(Modules.built("signer-raw")));
    assertEquals(
        List.of("public_key", "sign", "sign_many", "verify", "verify_strict"),
        Canonical.opsOf(core()));
  }
}
