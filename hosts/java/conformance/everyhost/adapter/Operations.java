package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.Adder;
import everyhost.signer.Code;
import everyhost.signer.CodedException;
import everyhost.signer.Keys;
import everyhost.signer.PrivateKey;
import everyhost.signer.Signer;
import everyhost.signer.Verifier;
import everyhost.signer.WasmModule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;

/** The operations that go through the wrapper, the way a user calls it. */
final class Operations {
  /** One a module: verifying needs no key, and a user would keep the signer for it. */
  private static final IdentityHashMap<WasmModule, Signer> KEYLESS = new IdentityHashMap<>();

  /**
   * As {@link #KEYLESS}: an instance takes some milliseconds, or a second where it is interpreted.
   */
  private static final IdentityHashMap<WasmModule, Verifier> VERIFIERS = new IdentityHashMap<>();

  private Operations() {}

  /** Does one operation, on a wrapper of its own where a key or a seed comes into it. */
  static JsonObject run(WasmModule module, String op, JsonObject given) {
    return answer(
        () ->
            switch (op) {
              case "add", "divide" -> {
                try (var adder = new Adder(module)) {
                  int a = Wire.integer(given, "a");
                  int b = Wire.integer(given, "b");
                  yield Wire.of("value", op.equals("add") ? adder.add(a, b) : adder.divide(a, b));
                }
              }
              case "session" -> {
                try (var signer = new Signer(module, Wire.bytes(given, "keypair"))) {
                  var steps = new JsonArray();
                  Wire.array(given, "steps").forEach(step -> steps.add(sessionStep(signer, step)));
                  yield Wire.of("steps", steps);
                }
              }
              case "sign", "sign_many" -> {
                try (var signer = new Signer(module, Wire.bytes(given, "keypair"))) {
                  yield step(signer, op, given);
                }
              }
              case "public_key" -> {
                try (var signer = new Signer(module)) {
                  yield bytes("public_key", signer.derivePublicKey(Wire.bytes(given, "seed")));
                }
              }
              case "read_key", "write_key" -> {
                try (var keys = new Keys(module)) {
                  yield op.equals("read_key") ? readKey(keys, given) : writeKey(keys, given);
                }
              }
              case "verify_many", "verify_many_strict" ->
                  Wire.of("verdicts", Wire.hex(verify(module, op, items(given))));
              default ->
                  module.exports().contains("verify_batch")
                      ? Wire.of("valid", verify(module, op, List.of(item(given)))[0] == 1)
                      : step(KEYLESS.computeIfAbsent(module, Signer::new), op, given);
            });
  }

  private static JsonObject readKey(Keys keys, JsonObject given) {
    byte[] file = Wire.bytes(given, "file");
    return switch (Wire.text(given, "kind")) {
      case "public" -> bytes("public_key", keys.readPublicKey(file));
      case "private" -> {
        try (var key = keys.readPrivateKey(file)) {
          JsonObject read = bytes("seed", key.seed());
          key.publicKey().ifPresent(it -> read.addProperty("public_key", Wire.hex(it)));
          yield read;
        }
      }
      default -> throw new RequestException("kind is private or public");
    };
  }

  private static JsonObject writeKey(Keys keys, JsonObject given) {
    return switch (Wire.text(given, "form")) {
      case "pem" -> bytes("bytes", utf8(write(keys, given, Keys.Form.PEM)));
      case "der" -> bytes("bytes", write(keys, given, Keys.Form.DER));
      case "jwk" -> bytes("bytes", utf8(write(keys, given, Keys.Form.JWK)));
      default -> throw new RequestException("form is pem, der or jwk");
    };
  }

  private static <T> T write(Keys keys, JsonObject given, Keys.Form<T> form) {
    if (!given.has("seed")) {
      return keys.writePublicKey(Wire.bytes(given, "public_key"), form);
    }
    byte[] seed = Wire.bytes(given, "seed");
    try (var key =
        given.has("public_key")
            ? new PrivateKey(seed, Wire.bytes(given, "public_key"))
            : new PrivateKey(seed)) {
      return keys.writePrivateKey(key, form);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A byte for each signature. */
  private static byte[] verify(WasmModule module, String op, List<Verifier.Item> items) {
    Verifier verifier = VERIFIERS.computeIfAbsent(module, Verifier::new);
    boolean[] verdicts =
        op.endsWith("_strict") ? verifier.verifyManyStrict(items) : verifier.verifyMany(items);
    byte[] bytes = new byte[verdicts.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (verdicts[i] ? 1 : 0);
    }
    return bytes;
  }

  /** Each once, or those that {@code order} names, by their places. */
  private static List<Verifier.Item> items(JsonObject given) {
    List<Verifier.Item> items = new ArrayList<>();
    for (var each : Wire.array(given, "items")) {
      if (!(each instanceof JsonObject object)) {
        throw new RequestException("an item is an object");
      }
      items.add(item(object));
    }
    if (!given.has("order")) {
      return items;
    }
    List<Verifier.Item> ordered = new ArrayList<>();
    for (var place : Wire.array(given, "order")) {
      int at = Wire.integer(Wire.of("a place in order", place), "a place in order");
      if (at < 0 || at >= items.size()) {
        throw new RequestException(
            "order names item %d, and there are %d".formatted(at, items.size()));
      }
      ordered.add(items.get(at));
    }
    return ordered;
  }

  private static Verifier.Item item(JsonObject given) {
    return new Verifier.Item(
        Wire.bytes(given, "public_key"),
        Wire.bytes(given, "message"),
        Wire.bytes(given, "signature"));
  }

  private static JsonObject sessionStep(Signer signer, JsonElement step) {
    if (!(step instanceof JsonObject object)) {
      throw new RequestException("a step is an object");
    }
    JsonObject given = object.get("in") instanceof JsonObject in ? in : new JsonObject();
    String op = Wire.text(object, "op");
    return answer(
        () ->
            switch (op) {
              case "public_key" -> bytes("public_key", signer.publicKey());
              case "sign_with" ->
                  bytes(
                      "signature",
                      signer.signWith(Wire.bytes(given, "keypair"), Wire.bytes(given, "message")));
              case "load_key" -> {
                signer.loadKey(Wire.bytes(given, "keypair"));
                yield bytes("public_key", signer.publicKey());
              }
              case "wipe" -> {
                signer.wipe();
                yield new JsonObject();
              }
              case "close" -> {
                signer.close();
                yield new JsonObject();
              }
              default -> step(signer, op, given);
            });
  }

  /** What a session and a single operation do alike. */
  private static JsonObject step(Signer signer, String op, JsonObject given) {
    return switch (op) {
      case "sign" -> bytes("signature", signer.sign(Wire.bytes(given, "message")));
      case "sign_many" -> {
        List<byte[]> messages = new ArrayList<>();
        Wire.array(given, "messages").forEach(message -> messages.add(Wire.bytes(message)));
        var signatures = new JsonArray();
        signer.signMany(messages).forEach(signature -> signatures.add(Wire.hex(signature)));
        yield Wire.of("signatures", signatures);
      }
      case "verify", "verify_strict" -> {
        byte[] publicKey = Wire.bytes(given, "public_key");
        byte[] message = Wire.bytes(given, "message");
        byte[] signature = Wire.bytes(given, "signature");
        yield Wire.of(
            "valid",
            op.equals("verify")
                ? signer.verify(publicKey, message, signature)
                : signer.verifyStrict(publicKey, message, signature));
      }
      default -> throw new RequestException("there is no step " + op);
    };
  }

  private static JsonObject answer(Supplier<JsonObject> operation) {
    try {
      return Wire.ok(operation.get());
    } catch (CodedException error) {
      return error.code() == Code.TRAPPED
          ? Wire.trap(error.getCause())
          : Wire.of("error", error.code().name());
    }
  }

  private static JsonObject bytes(String name, byte[] value) {
    return Wire.of(name, Wire.hex(value));
  }
}
