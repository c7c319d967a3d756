package everyhost.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import everyhost.ModuleBuilder;
import everyhost.Modules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs of WASI preview 1. */
class WasiTest {
  /**
   * Writes its arguments to stdout, its environment to stderr, 64 bytes of stdin to stdout; traps
   * if it can read ../x; copies a to b, in the first folder; and ends: by a trap if it has no
   * arguments, with one by returning, with more by proc_exit of their number - 3. As a reactor it
   * exports seven, which writes a byte to stdout and returns what _initialize has set; exit(code);
   * boom, which traps; and wild(ptr), which writes what iovecs there say to stdout.
   */
  private static final String PROGRAM =
      "0061736d0100000001390960027f7f017f60047f7f7f7f017f60097f7f7f7f7f7e7e7f7f017f60017f006002"
          + "7f7f0060017f017f60047f7f7f7e017f6000006000017f02a4020816776173695f736e617073686f745f7072"
          + "6576696577310e617267735f73697a65735f676574000016776173695f736e617073686f745f707265766965"
          + "773108617267735f676574000016776173695f736e617073686f745f707265766965773111656e7669726f6e"
          + "5f73697a65735f676574000016776173695f736e617073686f745f70726576696577310b656e7669726f6e5f"
          + "676574000016776173695f736e617073686f745f70726576696577310766645f72656164000116776173695f"
          + "736e617073686f745f70726576696577310866645f7772697465000116776173695f736e617073686f745f70"
          + "7265766965773109706174685f6f70656e000216776173695f736e617073686f745f70726576696577310970"
          + "726f635f657869740003030b0a0405060707080305050705030100010606017f0141000b074908066d656d6f"
          + "72790200065f7374617274000b0b5f696e697469616c697a65000c05736576656e000d0465786974000e0477"
          + "696c64000f0877696c6461726773001004626f6f6d00110aaa020a1c004108418008360200410c2001360200"
          + "200041084101411010051a0b27004108418008360200410c41c00036020020004108410141101004047f4100"
          + "0541102802000b0b21004103410020002001200220034200410041141006047f41000541142802000b0b8d01"
          + "01037f4100410410001a4100280200210041c00041800810011a4101410428020010084100410410021a41c0"
          + "0041800810031a41024104280200100841014100100910084121410441004202100a0440000b412041014100"
          + "4202100a2201044020011009210241254101410142c000100a200210080b2000450440000b200041024f0440"
          + "200041036b10070b0b0600410724000b0a0041014101100823000b0600200010070b0c004101200041012000"
          + "10050b08002000200010010b0300000b0b0c010041200b06612e2e2f7862";

  private static String run(String wasm, String given) {
    return Wasi.run(
            WasmRuntime.of(Modules.RUNTIME),
            Modules.load(Modules.hex(wasm)),
            JsonParser.parseString(given).getAsJsonObject())
        .toString()
        .replaceAll(",\"detail\":\"[^\"]*\"", "")
        .replace("\"", "");
  }

  private static String hex(String text) {
    return Modules.hex(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aProgramSeesWhatIsGiven() {
    assertEquals(
        "{ok:{exit_code:0,stdout:%s,stderr:%s}}".formatted(hex("prog\0-ü\0\0hi"), hex("A=1=2\0")),
        run(PROGRAM, "{args: [prog, -ü, ''], env: ['A=1=2'], stdin: '6869'}"));
  }

  /**
   * A program that asks for the resolution of clock 99. GraalWasm reads past an array of its own.
   */
  @Test
  void anExceptionOfTheRuntimeIsATrap() {
    String program =
        "0061736d01000000010a0260027f7f017f60000002280116776173695f736e617073686f745f707265766965"
            + "77310d636c6f636b5f7265735f6765740000030201010503010001071302066d656d6f72790200065f73"
            + "7461727400010a0c010a0041e300410010001a0b";
    assertEquals(
        Modules.isGraalWasm() ? "{ok:{stdout:,stderr:}}" : "{ok:{exit_code:0,stdout:,stderr:}}",
        run(program, "{}"));
  }

  @Test
  void theEnvironmentIsInOrder() {
    assumeTrue(!Modules.isGraalWasm(), "it has them in an order of its own");
    String answer = run(PROGRAM, "{args: [x], env: ['Z=', 'C=1', 'A=2', 'B=3']}");
    assertTrue(answer.contains("stderr:" + hex("Z=\0C=1\0A=2\0B=3\0")), answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | {ok:{stdout:,stderr:}}",
        "{args: [a], stdin: '21'} | {ok:{exit_code:0,stdout:610021,stderr:}}",
        "{args: [a, b]} | {ok:{exit_code:4294967295,stdout:61006200,stderr:}}",
        "{args: [a, b, c, d]} | {ok:{exit_code:1,stdout:6100620063006400,stderr:}}"
      })
  void whatItEndsWithIsTold(String given, String answer) {
    assertEquals(answer, run(PROGRAM, given));
  }

  @Test
  void filesAreThoseOfItsFolders(@TempDir Path folder) throws IOException {
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Files.writeString(folder.resolve("x"), "outside");
    Files.writeString(inside.resolve("a"), "text");
    for (String guest : new String[] {"/", "data", "/a/b"}) {
      String given = "{args: [x], dirs: [{guest: '%s', host: '%s'}]}".formatted(guest, inside);
      assertEquals("{ok:{exit_code:0,stdout:7800,stderr:}}", run(PROGRAM, given));
      assertEquals("text", Files.readString(inside.resolve("b")));
      Files.delete(inside.resolve("b"));
    }
    run(PROGRAM, "{args: [x]}");
    assertFalse(Files.exists(Path.of("b")), "it has no folder");
    if (Modules.isGraalWasm()) {
      String two = "{dirs: [{guest: 'a,tests', host: '%s'}]}".formatted(inside);
      assertThrows(RequestException.class, () -> run(PROGRAM, two));
    }
  }

  @Test
  void aReactorIsInitializedAndDoesStepsUntilItEnds() {
    String seven = "{do: call, export: seven}";
    String boom = "{do: call, export: boom}";
    String exit = "{do: call, export: exit, args: [{i32: 3}]}";
    String wild = "{do: call, export: wild, args: [{i32: -8}]}";
    assertEquals(
        "{ok:{steps:[{ok:{results:[{i32:7}]}},{trap:true}],stdout:00,stderr:}}",
        run(PROGRAM, "{steps: [%s, %s, %s]}".formatted(seven, boom, seven)));
    assertEquals(
        "{ok:{steps:[{trap:true},{trap:true},{ok:{results:[{i32:7}]}},{trap:true}],exit_code:3,stdout:00,stderr:}}",
        run(
            PROGRAM,
            "{after_trap: true, steps: [%s, %s, %s, %s, %s]}"
                .formatted(boom, wild, seven, exit, seven)));
  }

  @Test
  void whatCannotBeginMakesNoInstance() {
    String imports = Modules.hex(new ModuleBuilder().importsMemory().build());
    assertEquals("{error:NO_INSTANCE}", run(imports, "{}"));
    String name = hex("proc_exit");
    assertEquals("{error:NO_INSTANCE}", run(PROGRAM.replace(name, hex("proc_exot")), "{}"));
    var trap = new ModuleBuilder().function("_initialize", "", "", ModuleBuilder.unreachable());
    String reactor = Modules.hex(trap.build());
    assertEquals("{error:NO_INSTANCE}", run(reactor, "{steps: []}"));
    assertThrows(RequestException.class, () -> run(reactor, "{}"));
  }
}
