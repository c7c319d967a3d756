package everyhost.adapter;

import static everyhost.Modules.HELLO_SIGNATURE;
import static everyhost.Modules.KEYPAIR;
import static everyhost.Modules.MISMATCHED;
import static everyhost.Modules.PUBLIC_KEY;
import static everyhost.Modules.SEED;
import static everyhost.adapter.Answers.json;
import static everyhost.adapter.Answers.withoutDetails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import everyhost.Jdk;
import everyhost.ModuleBuilder;
import everyhost.Modules;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The adapter: spawned as the runner spawns it, and asked in this process where only the answers
 * matter.
 */
class AdapterTest {
  private static final String HELLO = Modules.hex("hello".getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;

  private static String greeting(String name, Path path) {
    return "{'cmd':'hello','protocol':1,'modules':{'%s':{'path':'%s','sha256':'not looked at'}}}"
        .formatted(name, path)
        .replace('\'', '"');
  }

  private static String request(int seq, String op, String given) {
    return "{'cmd':'run','seq':%d,'module':'signer-raw','op':'%s','in':%s,'fields of tomorrow':[1]}"
        .formatted(seq, op, given)
        .replace('\'', '"');
  }

  private static String sign(byte[] keypair, String message) {
    return "{'keypair':'%s','message':%s}".formatted(Modules.hex(keypair), message);
  }

  private static Adapter adapter() throws IOException {
    var adapter = new Adapter(WasmRuntime.of(Modules.RUNTIME));
    adapter.hello(json("{'signer-raw':{'path':'" + Modules.path("signer-raw") + "'}}"));
    return adapter;
  }

  // As a process

  private static Process start(Class<?> main, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static JsonObject ask(Process process, String line) throws IOException {
    var stdin = process.getOutputStream();
    stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    stdin.flush();
    var answer = new ByteArrayOutputStream();
    InputStream stdout = process.getInputStream();
    for (int next = stdout.read(); next != '\n'; next = stdout.read()) {
      assertTrue(next >= 0, "the adapter ended, and said " + answer);
      answer.write(next);
    }
    return JsonParser.parseString(answer.toString(StandardCharsets.UTF_8)).getAsJsonObject();
  }

  @Test
  @Timeout(180)
  void itFlushesEachAnswerBeforeTheNextRequestAndEndsWithItsInput() throws Exception {
    Process process = start(Adapter.class, Modules.RUNTIME);
    try {
      JsonObject greeting = ask(process, greeting("signer-raw", Modules.path("signer-raw")));
      assertEquals(1, greeting.get("protocol").getAsInt());
      assertEquals("java", greeting.get("host").getAsString());
      assertTrue(greeting.get("runtime").getAsString().matches("(Endive|GraalWasm) [0-9.]+, .*"));
      JsonObject module = greeting.getAsJsonObject("modules").getAsJsonObject("signer-raw");
      assertEquals(Adapter.sha256(Modules.bytes("signer-raw")), module.get("sha256").getAsString());
      assertEquals(
          json("{'seq':7,'ok':{'signature':'" + Modules.hex(HELLO_SIGNATURE) + "'}}"),
          ask(process, request(7, "sign", sign(KEYPAIR, "'" + HELLO + "'"))));
      byte[] long300 = new byte[300_000];
      Arrays.fill(long300, (byte) 'a');
      assertEquals(
          json("{'seq':8,'ok':{'signature':'" + Modules.hex(Jdk.sign(SEED, long300)) + "'}}"),
          ask(process, request(8, "sign", sign(KEYPAIR, "{'repeat':'61','times':300000}"))));
      process.getOutputStream().close();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void whatIsNoRuntimeIsToldWithTheNamesOfThoseThereAre() throws Exception {
    var error = assertThrows(IllegalArgumentException.class, () -> WasmRuntime.of("wasmtime"));
    assertEquals(
        "no runtime is called wasmtime; there are: endive, endive-interpreter, graalwasm",
        error.getMessage());
    Process process = start(Adapter.class, "wasmtime");
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(2, process.exitValue());
  }

  // Its lines

  private static String converse(String... lines) throws IOException {
    var out = new ByteArrayOutputStream();
    var in = new ByteArrayInputStream(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    int code = Wire.serve("test", in, out, new Adapter(WasmRuntime.of(Modules.RUNTIME)));
    return code + " " + out.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "signer-raw",
        "[]",
        "",
        "{'a':1",
        "{a:1}",
        "{} {}",
        "{'cmd':'hello','protocol':2,'modules':{}}",
        "{'cmd':'stop'}",
        "{'cmd':'hello','protocol':1,'modules':{'m':{'path':'/nowhere/m.wasm'}}}",
        "{'cmd':'hello','protocol':1,'modules':{'m':{}}}",
        "{'cmd':'run','module':'m','op':'raw','in':{}}"
      })
  void whatIsNoRequestEndsIt(String line) throws IOException {
    assertEquals("1 ", converse(line.replace('\'', '"'), ""));
  }

  @Test
  void aLineMayHave64MibAndNoByteMore() throws IOException {
    byte[] line = new byte[Wire.MAX_LINE_LENGTH + 1];
    Arrays.fill(line, (byte) ' ');
    line[0] = '{';
    line[Wire.MAX_LINE_LENGTH - 1] = '}';
    line[Wire.MAX_LINE_LENGTH] = '\n';
    assertEquals(new JsonObject(), Wire.readLine(new ByteArrayInputStream(line)));
    line[Wire.MAX_LINE_LENGTH] = ' ';
    var error =
        assertThrows(RequestException.class, () -> Wire.readLine(new ByteArrayInputStream(line)));
    assertEquals("a line of over 67108864 bytes", error.getMessage());
  }

  // Its answers

  @Test
  void itAnswersFromTheModuleThatItWasGiven() throws Exception {
    Path changed = Files.write(folder.resolve("changed.wasm"), Modules.fakeSigner(Map.of()));
    var adapter = new Adapter(WasmRuntime.of(Modules.RUNTIME));
    JsonObject reply = adapter.hello(json("{'signer-raw':{'path':'" + changed + "'}}"));
    assertEquals(
        Adapter.sha256(Files.readAllBytes(changed)),
        reply.getAsJsonObject("modules").getAsJsonObject("signer-raw").get("sha256").getAsString());
    assertEquals(
        json("{'ok':{'signature':'" + "00".repeat(64) + "'}}"),
        adapter.run("signer-raw", "sign", json(sign(KEYPAIR, "''"))));
  }

  @Test
  void aModuleThatCannotBeLoadedIsToldAndTheOthersAreNotConcerned() throws Exception {
    Path importing =
        Files.write(folder.resolve("i.wasm"), new ModuleBuilder().importsMemory().build());
    Path text = Files.writeString(folder.resolve("t.wasm"), "(module)");
    var adapter = new Adapter(WasmRuntime.of(Modules.RUNTIME));
    JsonObject modules =
        adapter
            .hello(
                json(
                    "{'i':{'path':'%s'},'t':{'path':'%s'},'add-raw':{'path':'%s'}}"
                        .formatted(importing, text, Modules.path("add-raw"))))
            .getAsJsonObject("modules");
    for (String name : List.of("i", "t")) {
      JsonObject refused = modules.getAsJsonObject(name);
      assertEquals(0, refused.getAsJsonArray("ops").size());
      assertNotNull(refused.get("refused"));
      assertEquals(64, refused.get("sha256").getAsString().length());
    }
    assertEquals(
        "it needs imports: env.memory", modules.getAsJsonObject("i").get("refused").getAsString());
    assertEquals(
        json("{'ok':{'value':-2147483648}}"),
        adapter.run("add-raw", "add", json("{'a':2147483647,'b':1}")));
    assertEquals(
        json("{'ok':{'value':-3}}"), adapter.run("add-raw", "divide", json("{'a':-7,'b':2}")));
    JsonObject trap = adapter.run("add-raw", "divide", json("{'a':1,'b':0}"));
    assertTrue(trap.get("trap").getAsBoolean() && trap.has("detail") && trap.size() == 2);
    assertThrows(RequestException.class, () -> adapter.run("i", "raw", json("{'steps':[]}")));
  }

  @Test
  void itAnswersAsTheWrapperDoes() throws IOException {
    Adapter adapter = adapter();
    String key = Modules.hex(KEYPAIR);
    String signature = Modules.hex(HELLO_SIGNATURE);
    String[][] cases = {
      {
        "public_key",
        "{'seed':'" + Modules.hex(SEED) + "'}",
        "{'ok':{'public_key':'" + Modules.hex(PUBLIC_KEY) + "'}}"
      },
      {"public_key", "{'seed':'00'}", "{'error':'KEY_LENGTH'}"},
      {"sign", sign(new byte[0], "'" + HELLO + "'"), "{'error':'KEY_LENGTH'}"},
      {"sign", sign(MISMATCHED, "''"), "{'error':'KEY_PAIR_MISMATCH'}"},
      {"sign", sign(KEYPAIR, "{'repeat':'00','times':16777217}"), "{'error':'MESSAGE_TOO_LARGE'}"},
      {
        "sign_many",
        "{'keypair':'%s','messages':['%s',{'repeat':'%s','times':1}]}".formatted(key, HELLO, HELLO),
        "{'ok':{'signatures':['%s','%s']}}".formatted(signature, signature)
      },
      {"verify", verify(PUBLIC_KEY, HELLO, signature), "{'ok':{'valid':true}}"},
      {"verify", verify(PUBLIC_KEY, "", signature), "{'ok':{'valid':false}}"},
      {"verify_strict", verify(PUBLIC_KEY, HELLO, ""), "{'ok':{'valid':false}}"},
      {"verify_strict", verify(new byte[1], HELLO, signature), "{'error':'PUBLIC_KEY_LENGTH'}"},
      {
        "session",
        "{'keypair':'" + Modules.hex(MISMATCHED) + "','steps':[]}",
        "{'error':'KEY_PAIR_MISMATCH'}"
      },
    };
    for (String[] one : cases) {
      assertEquals(json(one[2]), adapter.run("signer-raw", one[0], json(one[1])), one[0] + one[1]);
    }
  }

  private static String verify(byte[] key, String message, String signature) {
    return "{'public_key':'%s','message':'%s','signature':'%s'}"
        .formatted(Modules.hex(key), message, signature);
  }

  @Test
  void aSessionAnswersEachStep() throws IOException {
    String ok = "{'ok':{'signature':'" + Modules.hex(HELLO_SIGNATURE) + "'}}";
    String publicKey = "{'ok':{'public_key':'" + Modules.hex(PUBLIC_KEY) + "'}}";
    String message = "{'message':'" + HELLO + "'}";
    String[][] steps = {
      {"public_key", "{}", publicKey},
      {"sign", message, ok},
      {"sign_with", sign(KEYPAIR, "'" + HELLO + "'"), ok},
      {"sign_with", sign(MISMATCHED, "'" + HELLO + "'"), "{'trap':true}"},
      {"sign", message, ok},
      {
        "sign_many",
        "{'messages':['" + HELLO + "']}",
        ok.replace("re':", "res':[").replace("}}", "]}}")
      },
      {"load_key", "{'keypair':''}", "{'error':'KEY_LENGTH'}"},
      {"sign", message, "{'error':'NO_KEY'}"},
      {"load_key", "{'keypair':'" + Modules.hex(KEYPAIR) + "'}", publicKey},
      {"sign", message, ok},
      {"wipe", "{}", "{'ok':{}}"},
      {"public_key", "{}", "{'error':'NO_KEY'}"},
      {"verify", verify(PUBLIC_KEY, HELLO, Modules.hex(HELLO_SIGNATURE)), "{'ok':{'valid':true}}"},
      {"close", "{}", "{'ok':{}}"},
      {"close", "{}", "{'ok':{}}"},
      {"wipe", "{}", "{'error':'CLOSED'}"},
    };
    String asked = "";
    String answers = "";
    for (String[] step : steps) {
      asked += ",{'op':'%s','in':%s}".formatted(step[0], step[1]);
      answers += "," + step[2];
    }
    assertEquals(
        json("{'ok':{'steps':[" + answers.substring(1) + "]}}"),
        withoutDetails(
            adapter()
                .run(
                    "signer-raw",
                    "session",
                    json(
                        "{'keypair':'%s','steps':[%s]}"
                            .formatted(Modules.hex(KEYPAIR), asked.substring(1))))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "add|{'a':1,'b':2}",
        "fly|{}",
        "sign|{'keypair':'0G','message':''}",
        "sign|{'keypair':'AB','message':''}",
        "sign|{'keypair':'abc','message':''}",
        "sign|{'keypair':'','message':{'repeat':'00','times':2147483648}}",
        "sign|{'keypair':'','message':{'repeat':'00','times':67108865}}",
        "sign|{}",
        "raw|{}",
        "session|{'keypair':'$','steps':[{'op':'fly','in':{}}]}",
      },
      quoteCharacter = '"')
  void whatItCannotDoIsSaidAndItGoesOn(String op, String given) throws IOException {
    String key = Modules.hex(KEYPAIR);
    String asked = given.replace("'keypair':''", "'keypair':'" + key + "'").replace("$", key);
    Adapter adapter = adapter();
    JsonObject answer = Wire.answer(adapter, json(request(7, op, asked)));
    assertEquals(List.of("unsupported", "seq"), List.copyOf(answer.keySet()));
    assertEquals(
        json("{'ok':{'public_key':'" + Modules.hex(PUBLIC_KEY) + "'}}"),
        adapter.run("signer-raw", "public_key", json("{'seed':'" + Modules.hex(SEED) + "'}")));
  }

  @Test
  void theOracleAnswersWithoutAModule() throws Exception {
    var oracle = new JdkOracle();
    JsonObject reply = oracle.hello(json("{'native':{'path':''}}"));
    assertEquals(
        4, reply.getAsJsonObject("modules").getAsJsonObject("native").getAsJsonArray("ops").size());
    for (int i = 0; i < 40; i++) { // keys of both signs, and with leading zeros
      byte[] seed = new byte[32];
      seed[i % 32] = (byte) (i + 1);
      assertEquals(
          json("{'ok':{'public_key':'" + Modules.hex(Jdk.publicKey(seed)) + "'}}"),
          oracle.run("native", "public_key", json("{'seed':'" + Modules.hex(seed) + "'}")));
    }
    assertEquals(
        json("{'ok':{'signature':'" + Modules.hex(HELLO_SIGNATURE) + "'}}"),
        oracle.run("native", "sign", json(sign(KEYPAIR, "'" + HELLO + "'"))));
    assertEquals(
        json("{'error':'KEY_PAIR_MISMATCH'}"),
        oracle.run("native", "sign", json(sign(MISMATCHED, "''"))));
    assertEquals(
        json("{'error':'KEY_LENGTH'}"), oracle.run("native", "sign", json(sign(SEED, "''"))));
    String noPoint = "02" + "00".repeat(31);
    for (String key : List.of(Modules.hex(PUBLIC_KEY), noPoint)) {
      assertEquals(
          json("{'ok':{'valid':" + !key.equals(noPoint) + "}}"),
          oracle.run(
              "native",
              "verify",
              json(verify(Modules.hex(key), HELLO, Modules.hex(HELLO_SIGNATURE)))));
    }
  }
}
