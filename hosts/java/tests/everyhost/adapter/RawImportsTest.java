package everyhost.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import everyhost.Modules;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the host gives a module, and what is told of its calls. */
class RawImportsTest {
  /**
   * Imports env.log (i32 i32 -> i32), many (i64 f32 f64 -> i32 i64 f32 f64), memory (1 to 2 pages,
   * "hi" at 16), table, base (i32), count (mut i64), and exports all but memory and table. Exports
   * seven; indirect, which calls it through the table; run(n), which calls log(16, n); boom, which
   * traps; and loop(n), which calls log(n, 0) and so on down to log(1, 0).
   */
  private static final String MAIN =
      "0061736d0100000001210660027f7f017f60037e7d7c047f7e7d7c6000017f60017f017f60000060017f0002"
          + "4c0603656e76036c6f67000003656e76046d616e79000103656e76066d656d6f72790201010203656e760574"
          + "61626c650170000103656e760462617365037f0003656e7605636f756e74037e010306050202030405074409"
          + "0462617365030005636f756e740301036c6f670000046d616e79000105736576656e000208696e6469726563"
          + "7400030372756e000404626f6f6d0005046c6f6f7000060907010041000b01020a3105040041070b07004100"
          + "1102000b08004110200010000b0300000b150003402000410010001a200041016b22000d000b0b0b08010041"
          + "100b026869";

  /**
   * Has three pages as m, imports env.f, and calls it from its start function, exported as start.
   */
  private static final String START =
      "0061736d0100000001040160000002090103656e7601660000030201000503010003070d02016d0200057374"
          + "61727400010801010a0601040010000b";

  private static final String IMPORTS =
      """
      [{module: env, name: log, func: {params: [i32, i32], results: [i32]}, calls: [%s]},
       {module: env, name: many, func: {params: [i64, f32, f64], results: [i32, i64, f32, f64]},
        calls: [{results: [{i32: -1}, {i64: "-9223372036854775808"}, {f32: "7fa00001"},
                           {f64: "fff4000000000002"}]}, {},
                {results: [{i32: 8}, {var: arg0, plus: 1}, {var: arg1}, {var: arg2}]}]},
       {module: env, name: memory, memory: {min: 1, max: 2}},
       {module: env, name: table, table: {min: 1}},
       {module: env, name: base, global: {i32: 1024}},
       {module: env, name: count, global: {i64: "9223372036854775807"}, mutable: true},
       {module: env, name: unused, memory: {min: 7}}]
      """;

  private static JsonObject run(String wasm, String imports, String steps) {
    String given = "{imports: %s, steps: [%s], after_trap: true}".formatted(imports, steps);
    return RawSteps.runWith(
        WasmRuntime.of(Modules.RUNTIME),
        Modules.load(Modules.hex(wasm)),
        JsonParser.parseString(given).getAsJsonObject());
  }

  /** The answers to steps of MAIN, one a line, without the runtime's own words. */
  private static String main(String entries, String steps) {
    JsonObject answer = run(MAIN, IMPORTS.formatted(entries), steps);
    return answer.getAsJsonObject("ok").getAsJsonArray("steps").asList().stream()
        .map(RawImportsTest::withoutDetail)
        .collect(Collectors.joining("\n"));
  }

  private static String withoutDetail(JsonElement answer) {
    return answer
        .toString()
        .replaceAll(",\"detail\":\"(\\\\.|[^\"])*?\"(?=[,}])", "")
        .replace("\"", "");
  }

  @Test
  void anEntryReadsWritesGrowsAndCallsTheGuest() {
    String steps =
        """
        {do: read, ptr: {var: arg0}, len: {var: arg1}}, {do: load, ptr: {i32: 16}, as: x},
        {do: load, ptr: {i32: 65533}, as: x}, {do: grow, pages: 1}, {do: grow, pages: 1},
        {do: write, ptr: {i32: 65536}, bytes: "21"}, {do: call, export: seven, as: s},
        {do: global, export: base}
        """;
    assertEquals(
        """
        {ok:{results:[{i32:8}],calls:[{import:0,args:[{i32:16},{i32:2}],steps:[{ok:{bytes:6869}},\
        {ok:{value:26984}},{error:OUT_OF_BOUNDS},{ok:{pages:1}},{error:REFUSED},{ok:{}},\
        {ok:{results:[{i32:7}]}},{ok:{results:[{i32:1024}]}}]}]}}
        {ok:{bytes:21}}
        {ok:{pages:2}}
        {ok:{results:[{i32:7}]}}""",
        main(
            "{steps: [%s], results: [{var: s, plus: 1}]}".formatted(steps),
            """
            {do: call, export: run, args: [{i32: 2}]}, {do: read, ptr: {i32: 65536}, len: 1},
            {do: pages}, {do: call, export: indirect}
            """));
  }

  @Test
  void afterTheLastEntryItIsTheLastAgainAndAFailureIsATrap() {
    String run = "{do: call, export: run, args: [{i32: 0}]}";
    assertEquals(
        """
        {ok:{results:[{i32:5}],calls:[{import:0,args:[{i32:16},{i32:0}]}]}}
        {trap:true,calls:[{import:0,args:[{i32:16},{i32:0}]}]}
        {trap:true,calls:[{import:0,args:[{i32:16},{i32:0}]}]}
        {ok:{results:[{i32:7}]}}""",
        main(
            "{results: [{i32: 5}]}, {throw: enough}",
            run + "," + run + "," + run + ", {do: call, export: seven}"));
    assertEquals(
        "{trap:true,calls:[{import:0,args:[{i32:16},{i32:0}],steps:[{trap:true}]}]}",
        main("{steps: [{do: call, export: boom}, {do: pages}]}", run));
  }

  @Test
  void bitsGoThroughAsTheyAre() {
    assertEquals(
        """
        {ok:{results:[{i32:-1},{i64:-9223372036854775808},{f32:7fa00001},{f64:fff4000000000002}],\
        calls:[{import:1,args:[{i64:-1},{f32:ffa00003},{f64:7ff0000000000004}]}]}}
        {ok:{results:[{i32:0},{i64:0},{f32:00000000},{f64:0000000000000000}],\
        calls:[{import:1,args:[{i64:1},{f32:80000000},{f64:3ff0000000000000}]}]}}
        {ok:{results:[{i64:9223372036854775807}]}}
        {error:NO_EXPORT}""",
        main(
            "",
            """
            {do: call, export: many, args: [{i64: "-1"}, {f32: "ffa00003"}, {f64: "7ff0000000000004"}]},
            {do: call, export: many, args: [{i64: "1"}, {f32: "80000000"}, {f64: "3ff0000000000000"}]},
            {do: global, export: count}, {do: global, export: run}
            """));
  }

  @Test
  void namesAreOfAnyTypeAndOneForEachResult() {
    assertEquals(
        """
        {ok:{results:[{i32:-1},{i64:-9223372036854775808},{f32:7fa00001},{f64:fff4000000000002}],\
        calls:[{import:1,args:[{i64:-1},{f32:80000000},{f64:3ff0000000000000}]}]}}
        {ok:{results:[{i32:0},{i64:0},{f32:00000000},{f64:0000000000000000}],\
        calls:[{import:1,args:[{i64:9223372036854775807},{f32:7fa00001},{f64:3ff0000000000000}]}]}}
        {error:TYPE_MISMATCH}
        {error:TYPE_MISMATCH}
        {error:TYPE_MISMATCH}
        {ok:{results:[{i32:8},{i64:-9223372036854775808},{f32:7fa00001},{f64:3ff0000000000000}],\
        calls:[{import:1,args:[{i64:9223372036854775807},{f32:7fa00001},{f64:3ff0000000000000}]}]}}
        {ok:{results:[{i64:9223372036854775807}]}}
        {error:OUT_OF_BOUNDS}""",
        main(
            "",
            """
            {do: call, export: many, args: [{i64: "-1"}, {f32: "80000000"}, ONE], as: [i, l, f]},
            {do: call, export: many, args: [{var: l, plus: -1}, {var: f}, ONE], as: [i]},
            {do: call, export: many, args: [{var: l}, {var: f, plus: 1}, ONE]},
            {do: call, export: many, args: [{var: i}, {var: f}, ONE]},
            {do: call, export: many, args: [{i64: "0"}, {var: f}, ONE], as: [a, b, c, d, e]},
            {do: call, export: many, args: [{i64: "9223372036854775807"}, {var: f}, ONE]},
            {do: global, export: count, as: c}, {do: read, ptr: {var: c}, len: 0}
            """
                .replace("ONE", "{f64: '3ff0000000000000'}")));
  }

  @Test
  void pointersAndLengthsHave64BitsAndAReadMayEndBeforeAZeroByte() {
    assertEquals(
        """
        {ok:{value:26984}}
        {ok:{}}
        {ok:{bytes:6869}}
        {error:OUT_OF_BOUNDS}
        {ok:{}}
        {ok:{bytes:6869}}
        {ok:{bytes:6869}}
        {ok:{bytes:}}
        {error:OUT_OF_BOUNDS}
        {error:OUT_OF_BOUNDS}
        {error:OUT_OF_BOUNDS}
        {error:OUT_OF_BOUNDS}
        {error:TYPE_MISMATCH}
        {error:TYPE_MISMATCH}
        {error:TYPE_MISMATCH}""",
        main(
            "",
            """
            {do: load, ptr: {i64: "16"}, as: x}, {do: write, ptr: {i64: "65533"}, bytes: "686921"},
            {do: read, ptr: {var: x, plus: 38549}, len: {i64: "2"}},
            {do: read, ptr: {i32: 65533}, len: nul}, {do: write, ptr: {i64: "65535"}, bytes: "00"},
            {do: read, ptr: {i64: "65533"}, len: nul}, {do: read, ptr: {i32: 16}, len: nul},
            {do: read, ptr: {i32: 65535}, len: nul}, {do: read, ptr: {i32: 65536}, len: nul},
            {do: read, ptr: {i64: "4294967296"}, len: 0}, {do: read, ptr: {i32: 0}, len: {i64: "-1"}},
            {do: load, ptr: {i64: "-1"}, as: x}, {do: read, ptr: {f32: "00000000"}, len: 0},
            {do: read, ptr: {i32: 0}, len: {f64: "0000000000000000"}},
            {do: write, ptr: {f64: "0000000000000000"}, bytes: "00"}
            """));
  }

  @Test
  void sixtyFourCallsOfARequestAreTold() {
    String loop = "{do: call, export: loop, args: [{i32: 60}]}";
    List<String> answers = main("", loop + "," + loop + "," + loop).lines().toList();
    assertEquals(60, answers.get(0).split("import:", -1).length - 1);
    assertEquals(4, answers.get(1).split("import:", -1).length - 1);
    assertEquals("{ok:{results:[]}}", answers.get(2));
  }

  @Test
  @Timeout(60)
  void callsToAndFroForEverAreATrap() {
    String answers =
        main(
            "{steps: [{do: call, export: run, args: [{var: arg1}]}]}",
            "{do: call, export: run, args: [{i32: 1}]}, {do: call, export: seven}");
    assertTrue(answers.startsWith("{trap:true,calls:["), answers);
    assertTrue(answers.endsWith("\n{ok:{results:[{i32:7}]}}"), answers);
  }

  @Test
  void aStartFunctionHasNoExportsAndItsMemoryIsTheImportedOne() {
    String imports =
        """
        [{module: env, name: f, func: {params: [], results: []}, calls: [{steps: [
           {do: pages}, {do: call, export: start}, {do: global, export: start}]}, %s]},
         {module: env, name: memory, memory: {min: 1}}]
        """;
    assertEquals(
        """
        {ok:{steps:[{ok:{pages:3}},{ok:{results:[],calls:[{import:0,args:[],steps:[{ok:{pages:3}}]}]}}],\
        calls:[{import:0,args:[],steps:[{ok:{pages:1}},{error:NO_EXPORT},{error:NO_EXPORT}]}]}}""",
        withoutDetail(
            run(
                START,
                imports.formatted("{steps: [{do: pages}]}"),
                "{do: pages}, {do: call, export: start}")));
    assertEquals(
        "{error:NO_INSTANCE}",
        withoutDetail(
            run(
                START,
                "[{module: env, name: f, func: {params: [], results: []}, calls: [{throw: no}]}]",
                "")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: log | name: other",
        "[i32, i32] | [i32]",
        "results: [i32] | results: []",
        "{i32: 1024} | {i64: 1024}",
        "mutable: true | mutable: false",
        "max: 2 | max: 3",
        "{min: 1, max: 2} | {min: 1}",
        "{min: 1, max: 2} | {min: 0, max: 2}",
        "{min: 1, max: 2} | {min: 4294967295}",
        "table: {min: 1} | table: {min: 0}",
        "table: {min: 1} | table: {min: 4294967295}",
        "table: {min: 1} | global: {i32: 1}",
        "{module: env, name: base, global: {i32: 1024}}, | ''"
      })
  void whatIsNotAsTheModuleNeedsItMakesNoInstance(String right, String wrong) {
    String imports = IMPORTS.formatted("");
    assertEquals(
        "{error:NO_INSTANCE}", withoutDetail(run(MAIN, imports.replace(right, wrong), "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "{steps: [{do: dance}]}",
        "{steps: 7}",
        "{results: [{i64: 1}]}",
        "{results: []}",
        "{results: [{var: arg2}]}",
        "{throw: {}}"
      })
  void whatMakesNoSenseIsNoTrap(String entry) {
    String run = "{do: call, export: run, args: [{i32: 0}]}";
    assertThrows(RequestException.class, () -> main(entry, run));
  }
}
