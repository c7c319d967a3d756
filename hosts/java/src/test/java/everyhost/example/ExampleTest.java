package everyhost.example;

import static everyhost.Modules.HOST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.crypto.tink.subtle.Ed25519Verify;
import everyhost.Jdk;
import everyhost.Modules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's command and its output. */
class ExampleTest {
  @TempDir Path folder;

  private record Result(int code, String out, String err) {}

  private Result run(String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8"));
    command.addAll(
        List.of(
            "-cp", HOST.resolve("target/host-java.jar").toString(), "everyhost.example.Example"));
    command.addAll(List.of(args));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    var builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    int code = builder.start().waitFor();
    return new Result(code, Files.readString(out), Files.readString(err));
  }

  @Test
  void theReadmeShowsWhatTheExamplePrints() throws Exception {
    Modules.path("signer-raw");
    var block =
        Pattern.compile(
                "```console\\n\\$ java -cp hosts/java/target/host-java\\.jar everyhost\\.example\\.Example\\n(.*?)```",
                Pattern.DOTALL)
            .matcher(Files.readString(HOST.resolve("README.md")));
    assertTrue(block.find(), "the README has no block for the example");
    Result result = run();
    assertEquals(0, result.code(), result.err());
    assertEquals(block.group(1), result.out());
  }

  @Test
  void anyMessageAndKeyCanBeGiven() throws Exception {
    byte[] seed = new byte[32];
    seed[5] = 7;
    Path keyFile = Files.writeString(folder.resolve("key"), Modules.hex(Jdk.keypair(seed)) + "\n");
    Path module = Files.copy(Modules.path("signer-raw"), folder.resolve("elsewhere.wasm"));
    String message = "grüß <dich>";
    Result result =
        run("--message", message, "--key-file", keyFile.toString(), "--module", module.toString());
    assertEquals(0, result.code(), result.err());
    String[] lines = result.out().split("\n", -1);
    assertEquals("public key  " + Modules.hex(Jdk.publicKey(seed)), lines[0]);
    byte[] utf8 = message.getBytes(StandardCharsets.UTF_8);
    assertEquals("signature   " + Modules.hex(Jdk.sign(seed, utf8)), lines[1]);

    // By another way than the example's own: Tink itself, over the parts as they are written.
    String[] parts = lines[2].substring("JWT".length()).strip().split("\\.", -1);
    var decoder = Base64.getUrlDecoder();
    assertEquals(
        "{\"message\":\"" + message + "\"}",
        new String(decoder.decode(parts[1]), StandardCharsets.UTF_8));
    new Ed25519Verify(Jdk.publicKey(seed))
        .verify(
            decoder.decode(parts[2]), (parts[0] + "." + parts[1]).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void badInputGetsOneClearLine() throws Exception {
    String[][] cases = {
      {null, "cannot read 128 hex digits"},
      {"xyz", "cannot read 128 hex digits"},
      {"00", "KEY_LENGTH: a keypair must be 64 bytes long"},
      {"00".repeat(64), "KEY_PAIR_MISMATCH"},
    };
    for (String[] one : cases) {
      Path keyFile = folder.resolve("bad key");
      if (one[0] != null) {
        Files.writeString(keyFile, one[0]);
      }
      Result result = run("--key-file", keyFile.toString());
      assertEquals(1, result.code());
      assertEquals("", result.out());
      assertTrue(
          result.err().startsWith("example: ") && result.err().contains(one[1]), result.err());
      assertEquals(1, result.err().lines().count(), result.err());
    }
    Result missing = run("--module", folder.resolve("none.wasm").toString());
    assertTrue(
        missing.err().matches("example: .*none\\.wasm is not there; build it with: make modules\n"),
        missing.err());
    Result option = run("--massage", "x");
    assertEquals(1, option.code());
    assertFalse(option.err().contains("\tat "), option.err());
  }
}
