package everyhost.adapter;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.GraalWasmModule;
import everyhost.signer.GuestTrap;
import everyhost.signer.WasmModule;
import java.util.Set;

/** The operation {@code kept_view}: what a view shows that was made before memory grew. */
final class KeptView {
  /** What a module must have for it. */
  static final Set<String> EXPORTS = Set.of("memory", "grow", "store");

  private static final int LENGTH = 4;

  private KeptView() {}

  static JsonObject look(WasmModule module, JsonObject given) {
    int ptr = Wire.field(given, "ptr", Long.class, JsonElement::getAsLong).intValue();
    int value = Wire.integer(given, "value");
    try (var guest = ((GraalWasmModule) module).instantiate()) {
      var view = guest.view(ptr, LENGTH);
      guest.call("grow", 1);
      guest.call("store", ptr, value);
      return Wire.ok(Wire.of("bytes", Wire.hex(view.toByteArray())));
    } catch (GuestTrap trap) {
      throw new RequestException("grow or store trapped: " + trap.getMessage(), trap);
    }
  }
}
