package everyhost.adapter;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Set;
import java.util.function.Consumer;

/** What the tests of the adapter write and compare: JSON in Java. */
final class Answers {
  private static final Set<String> DETAILED = Set.of("TYPE_MISMATCH", "NO_INSTANCE");

  private Answers() {}

  static JsonObject json(String text) {
    // One quote in place of the other makes JSON readable in Java.
    return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
  }

  /**
   * Without the words beside a trap or an error, which differ by runtime; but there must be some.
   */
  static JsonObject withoutDetails(JsonObject answer) {
    JsonElement error = answer.get("error");
    if (answer.has("trap") || (error != null && DETAILED.contains(error.getAsString()))) {
      assertFalse(answer.remove("detail").getAsString().isBlank());
    }
    answer.entrySet().forEach(field -> each(field.getValue(), Answers::withoutDetails));
    return answer;
  }

  private static void each(JsonElement value, Consumer<JsonObject> use) {
    if (value instanceof JsonObject object) {
      use.accept(object);
    } else if (value instanceof JsonArray array) {
      array.forEach(item -> each(item, use));
    }
  }
}
