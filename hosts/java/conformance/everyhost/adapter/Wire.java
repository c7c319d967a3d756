package everyhost.adapter;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Function;

/** What requests and answers are written in: JSON lines, with bytes as hex. */
final class Wire {
  /** The longest line in either direction, its newline not counted. */
  static final int MAX_LINE_LENGTH = 64 * 1024 * 1024;

  private static final int MAX_REPEATED_LENGTH = 64 * 1024 * 1024;
  private static final int PROTOCOL = 1;
  private static final Gson GSON = new Gson();

  private Wire() {}

  /** What answers requests: a {@code hello} and then any number of {@code run}. */
  interface Answerer {
    /** The reply to {@code hello}, but for its protocol. */
    JsonObject hello(JsonObject modules) throws IOException;

    /** The reply to {@code run}, but for its seq. */
    JsonObject run(String module, String op, JsonObject given);
  }

  /** What answers one line. */
  interface LineAnswerer {
    JsonObject answer(JsonObject request) throws IOException;
  }

  /** Answers stdin on stdout, each line flushed before the next is read. Returns the exit code. */
  static int serve(String name, LineAnswerer answerer) {
    var in = new BufferedInputStream(System.in, 1 << 16);
    // What a library prints must not come between the answers.
    var out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
    System.setOut(System.err);
    try {
      for (JsonObject request = readLine(in); request != null; request = readLine(in)) {
        out.write(answerer.answer(request).toString().getBytes(StandardCharsets.UTF_8));
        out.write('\n');
        out.flush();
      }
      return 0;
    } catch (RequestException | IOException error) {
      System.err.println(name + ": " + error.getMessage());
      return 1;
    }
  }

  /** Answers {@code hello} and {@code run}. */
  static JsonObject answer(Answerer answerer, JsonObject request) throws IOException {
    if (isText(request, "cmd", "hello") && request.get("modules") instanceof JsonObject modules) {
      JsonElement protocol = request.get("protocol");
      if (protocol == null || !protocol.toString().equals(Integer.toString(PROTOCOL))) {
        throw new RequestException(
            "protocol %s is not spoken here, only %d".formatted(protocol, PROTOCOL));
      }
      JsonObject reply = answerer.hello(modules);
      reply.addProperty("protocol", PROTOCOL);
      return reply;
    }
    if (isText(request, "cmd", "run")
        && request.get("in") instanceof JsonObject given
        && request.has("seq")) {
      JsonObject reply;
      try {
        reply = answerer.run(text(request, "module"), text(request, "op"), given);
      } catch (RequestException error) {
        reply = of("unsupported", error.getMessage());
      } catch (RuntimeException | Error error) {
        // What a broken module leads to is for this answer, not for the process.
        error.printStackTrace();
        reply = of("unsupported", error.toString());
      }
      reply.add("seq", request.get("seq"));
      return reply;
    }
    String shown = request.toString();
    throw new RequestException(
        "a request that is neither hello nor run: "
            + shown.substring(0, Math.min(200, shown.length())));
  }

  /** The next object, or null at the end of the input. */
  private static JsonObject readLine(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    for (; next >= 0 && next != '\n'; next = in.read()) {
      if (line.size() == MAX_LINE_LENGTH) {
        throw new RequestException("a line of over %d bytes".formatted(MAX_LINE_LENGTH));
      }
      line.write(next);
    }
    return parse(line.toByteArray());
  }

  private static JsonObject parse(byte[] line) {
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    JsonElement value;
    try (Reader text = new InputStreamReader(new ByteArrayInputStream(line), decoder);
        var reader = new JsonReader(text)) {
      reader.setStrictness(Strictness.STRICT);
      value = JsonParser.parseReader(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new RequestException("not JSON: there is more after the value");
      }
    } catch (JsonParseException
        | IOException
        | IllegalStateException
        | NumberFormatException error) {
      throw new RequestException("not JSON: " + firstLine(error.getMessage()), error);
    }
    if (value instanceof JsonObject object) {
      return object;
    }
    throw new RequestException("a request is a JSON object");
  }

  /** An object of names and values in turn. */
  static JsonObject of(Object... fields) {
    var object = new JsonObject();
    for (int i = 0; i < fields.length; i += 2) {
      Object value = fields[i + 1];
      object.add(
          (String) fields[i],
          value instanceof JsonElement element ? element : GSON.toJsonTree(value));
    }
    return object;
  }

  static JsonObject ok(JsonObject value) {
    return of("ok", value);
  }

  /** An error, with what it is about in the host's own words. */
  static JsonObject error(String code, Throwable why) {
    return of("error", code, "detail", String.valueOf(why.getMessage()));
  }

  /** A trap, in the host's own words. */
  static JsonObject trap(Throwable why) {
    return of("trap", true, "detail", String.valueOf(why.getMessage()));
  }

  /** A field that must be there, as what it must be. */
  static <T> T field(JsonObject object, String name, Class<T> type, Function<JsonElement, T> as) {
    JsonElement value = object.get(name);
    if (value == null) {
      throw new RequestException("%s is missing".formatted(name));
    }
    try {
      return as.apply(value);
    } catch (RuntimeException error) {
      throw new RequestException(
          "%s is not %s: %s".formatted(name, type.getSimpleName(), shorten(value)), error);
    }
  }

  static String text(JsonObject object, String name) {
    return field(object, name, String.class, JsonElement::getAsString);
  }

  /** A whole number from -2147483648 to 2147483647. */
  static int integer(JsonObject object, String name) {
    return field(object, name, Integer.class, value -> value.getAsBigDecimal().intValueExact());
  }

  /** A whole number from 0 to 4294967295. */
  static long length(JsonObject object, String name) {
    long length =
        field(object, name, Long.class, value -> value.getAsBigDecimal().longValueExact());
    if (length < 0 || length > 0xFFFFFFFFL) {
      throw new RequestException(name + " is not from 0 to 4294967295: " + length);
    }
    return length;
  }

  /** Whether a field is there and true. */
  static boolean flag(JsonObject object, String name) {
    return object.has(name) && field(object, name, Boolean.class, JsonElement::getAsBoolean);
  }

  static JsonArray array(JsonObject object, String name) {
    return field(object, name, JsonArray.class, JsonElement::getAsJsonArray);
  }

  /** Bytes from lower-case hex, or from {@code {"repeat": hex, "times": n}}. */
  static byte[] bytes(JsonObject object, String name) {
    JsonElement value = object.get(name);
    if (value == null) {
      throw new RequestException("%s is missing".formatted(name));
    }
    return bytes(value);
  }

  static byte[] bytes(JsonElement value) {
    if (value instanceof JsonObject repeated) {
      byte[] unit = hex(text(repeated, "repeat"));
      int times = integer(repeated, "times");
      if (times < 0 || (long) times * unit.length > MAX_REPEATED_LENGTH) {
        throw new RequestException(
            "a repeat gives at most %d bytes".formatted(MAX_REPEATED_LENGTH));
      }
      byte[] all = new byte[unit.length * times];
      int done = Math.min(unit.length, all.length);
      System.arraycopy(unit, 0, all, 0, done);
      for (; done < all.length; done *= 2) { // twice as much each time: a unit may be one byte
        System.arraycopy(all, 0, all, done, Math.min(done, all.length - done));
      }
      return all;
    }
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
      return hex(value.getAsString());
    }
    throw new RequestException("bytes are hex or a repeat, not " + shorten(value));
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] hex(String written) {
    for (int i = 0; i < written.length(); i++) {
      if (written.charAt(i) >= 'A' && written.charAt(i) <= 'F') { // parseHex would take capitals
        throw new RequestException("bytes are lower-case hex");
      }
    }
    try {
      return HexFormat.of().parseHex(written);
    } catch (IllegalArgumentException error) {
      throw new RequestException("not hex: " + error.getMessage(), error);
    }
  }

  private static boolean isText(JsonObject object, String name, String expected) {
    JsonElement value = object.get(name);
    return value != null && value.isJsonPrimitive() && value.getAsString().equals(expected);
  }

  private static String shorten(JsonElement value) {
    String text = value.toString();
    return text.substring(0, Math.min(100, text.length()));
  }

  private static String firstLine(String message) {
    return message == null ? "" : message.lines().findFirst().orElse("");
  }
}
