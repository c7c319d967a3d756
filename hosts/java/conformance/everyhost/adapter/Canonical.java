package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import everyhost.signer.WasmModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The core module of a component, through its canonical ABI: these runtimes have no components.
 *
 * <p>Lists are passed by address and length, in memory that the callee frees. A result that is no
 * number is where the returned address says, until it is given back.
 */
final class Canonical implements AutoCloseable {
  private static final String ED25519 = "everyhost:signer/ed25519@0.1.0#";

  /** The functions of the operations. There is no session: no key is held. */
  private static final Map<String, String> FUNCTIONS =
      Map.of(
          "public_key", "derive-public-key",
          "sign", "sign",
          "sign_many", "sign-many",
          "verify", "verify",
          "verify_strict", "verify-strict");

  /** The errors of the WIT's enum, in its order. */
  private static final List<String> ERRORS =
      List.of(
          "NO_KEY",
          "KEY_PAIR_MISMATCH",
          "MESSAGE_TOO_LARGE",
          "OUT_OF_MEMORY",
          "KEY_LENGTH",
          "PUBLIC_KEY_LENGTH");

  private final Guest guest;

  private Canonical(Guest guest) {
    this.guest = guest;
  }

  /** The operations that the module has functions for. */
  static List<String> opsOf(WasmModule module) {
    return FUNCTIONS.keySet().stream().filter(op -> has(module, op)).sorted().toList();
  }

  /** Whether an operation is done through the canonical ABI. */
  static boolean has(WasmModule module, String op) {
    return FUNCTIONS.containsKey(op) && module.exports().contains(ED25519 + FUNCTIONS.get(op));
  }

  /** Does an operation, on an instance of its own. */
  static JsonObject run(WasmModule module, String op, JsonObject given) {
    try (var canonical = new Canonical(module.instantiate())) {
      return canonical.run(op, given);
    } catch (GuestTrap trap) {
      return Wire.trap(trap);
    }
  }

  private JsonObject run(String op, JsonObject given) throws GuestTrap {
    int[] arguments =
        switch (op) {
          case "public_key" -> list(Wire.bytes(given, "seed"));
          case "sign" -> both(list(given, "keypair"), list(given, "message"));
          case "sign_many" -> {
            List<byte[]> messages = new ArrayList<>();
            Wire.array(given, "messages").forEach(message -> messages.add(Wire.bytes(message)));
            yield both(list(given, "keypair"), lists(messages));
          }
          default ->
              both(
                  both(list(given, "public_key"), list(given, "message")),
                  list(given, "signature"));
        };
    String export = ED25519 + FUNCTIONS.get(op);
    int at = guest.call(export, arguments);
    // A list is aligned to four bytes, and a bool or an enum follows the discriminant at once.
    int payload = at + (op.startsWith("verify") ? 1 : 4);
    if (guest.read(at, 1)[0] != 0) {
      return Wire.of("error", ERRORS.get(guest.read(payload, 1)[0]));
    }
    JsonObject result =
        switch (op) {
          case "public_key" -> Wire.of("public_key", Wire.hex(listAt(payload)));
          case "sign" -> Wire.of("signature", Wire.hex(listAt(payload)));
          case "sign_many" -> {
            ByteBuffer list = read(payload, 8);
            int first = list.getInt();
            var signatures = new JsonArray();
            for (int n = 0, count = list.getInt(); n < count; n++) {
              signatures.add(Wire.hex(listAt(first + 8 * n)));
            }
            yield Wire.of("signatures", signatures);
          }
          default -> Wire.of("valid", guest.read(payload, 1)[0] != 0);
        };
    if (guest.type("cabi_post_" + export).isPresent()) {
      guest.call("cabi_post_" + export, at);
    }
    return Wire.ok(result);
  }

  private int[] list(JsonObject given, String name) throws GuestTrap {
    return list(Wire.bytes(given, name));
  }

  /** Passes a {@code list<u8>}: its address and its length. */
  private int[] list(byte[] bytes) throws GuestTrap {
    int at = guest.call("cabi_realloc", 0, 0, 1, bytes.length);
    guest.write(at, bytes);
    return new int[] {at, bytes.length};
  }

  /** Passes a {@code list<list<u8>>}. */
  private int[] lists(List<byte[]> all) throws GuestTrap {
    int at = guest.call("cabi_realloc", 0, 0, 4, 8 * all.size());
    ByteBuffer pairs = ByteBuffer.allocate(8 * all.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] bytes : all) {
      Arrays.stream(list(bytes)).forEach(pairs::putInt);
    }
    guest.write(at, pairs.array());
    return new int[] {at, all.size()};
  }

  private byte[] listAt(int at) {
    ByteBuffer list = read(at, 8);
    return guest.read(list.getInt(), list.getInt());
  }

  private ByteBuffer read(int at, int length) {
    return ByteBuffer.wrap(guest.read(at, length)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int[] both(int[] one, int[] other) {
    return IntStream.concat(Arrays.stream(one), Arrays.stream(other)).toArray();
  }

  @Override
  public void close() {
    guest.close();
  }
}
