package everyhost.example;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The versions of the libraries, from Maven: the libraries themselves do not say. */
public final class Versions {
  private static final Properties ALL = new Properties();

  static {
    try (var stream = Versions.class.getResourceAsStream("versions.properties")) {
      ALL.load(stream);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private Versions() {}

  /** The version of {@code endive}, {@code graalwasm} or {@code nimbus}. */
  public static String of(String library) {
    return ALL.getProperty(library);
  }
}
