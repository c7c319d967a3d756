package everyhost.adapter;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.util.Map;
import java.util.Set;

/** A Wasm value: its type, and its bits. */
record Value(String kind, long bits) {
  static final Set<String> KINDS = Set.of("i32", "i64", "f32", "f64");

  /** A value as it is written in a step, or an earlier result by its name. */
  static Value decode(JsonElement written, Map<String, Value> named) {
    if (written instanceof JsonObject value) {
      if (value.has("i32")) {
        return new Value("i32", Wire.integer(value, "i32"));
      }
      if (value.has("i64")) {
        return new Value("i64", Wire.field(value, "i64", Long.class, JsonElement::getAsLong));
      }
      if (value.has("f32")) {
        return new Value("f32", (int) floatBits(value, "f32", 8));
      }
      if (value.has("f64")) {
        return new Value("f64", floatBits(value, "f64", 16));
      }
      if (value.has("var") && named.containsKey(Wire.text(value, "var"))) {
        return named.get(Wire.text(value, "var")).plus(value);
      }
    }
    throw new RequestException("not a value, or a name that no earlier call gave: " + written);
  }

  private Value plus(JsonObject written) {
    if (!written.has("plus")) {
      return this;
    }
    long plus = Wire.field(written, "plus", Long.class, JsonElement::getAsLong);
    if (plus != 0 && kind.startsWith("f")) {
      throw new TypeMismatch("nothing is added to a float: " + written);
    }
    return new Value(kind, kind.equals("i32") ? (int) (bits + plus) : bits + plus);
  }

  /** As a pointer or a length is meant: an integer, without a sign. */
  long unsigned() {
    return switch (kind) {
      case "i32" -> Integer.toUnsignedLong((int) bits);
      case "i64" -> bits;
      default ->
          throw new TypeMismatch("a pointer or a length is an i32 or an i64, not an " + kind);
    };
  }

  JsonObject encode() {
    return Wire.of(
        kind,
        switch (kind) {
          case "i32" -> (Object) (int) bits;
          case "i64" -> Long.toString(bits);
          case "f32" -> "%08x".formatted((int) bits);
          default -> "%016x".formatted(bits);
        });
  }

  /** What a step gives is not of the types that are needed: nothing is done then. */
  static final class TypeMismatch extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TypeMismatch(String message) {
      super(message);
    }
  }

  private static long floatBits(JsonObject value, String kind, int digits) {
    String hex = Wire.text(value, kind);
    if (!hex.matches("[0-9a-f]{" + digits + "}")) {
      throw new RequestException(
          "%s is %d hex digits, its bits, not %s".formatted(kind, digits, hex));
    }
    return new BigInteger(hex, 16).longValue();
  }
}
