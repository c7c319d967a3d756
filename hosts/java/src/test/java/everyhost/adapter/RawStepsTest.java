package everyhost.adapter;

import static everyhost.ModuleBuilder.i32;
import static everyhost.ModuleBuilder.local;
import static everyhost.adapter.Answers.json;
import static everyhost.adapter.Answers.withoutDetails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import everyhost.ModuleBuilder;
import everyhost.Modules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The raw operations on little modules, where every bit of every type can be seen. */
class RawStepsTest {
  @TempDir Path folder;

  private Adapter adapter(ModuleBuilder module) throws Exception {
    Path path = Files.write(folder.resolve("m.wasm"), module.build());
    var adapter = new Adapter(WasmRuntime.of(Modules.RUNTIME));
    var modules = new JsonObject();
    modules.add("m", Wire.of("path", path.toString()));
    adapter.hello(modules);
    return adapter;
  }

  private void assertSteps(ModuleBuilder module, String op, String given, String answers)
      throws Exception {
    assertEquals(
        json("{'ok':{'steps':[" + answers + "]}}"),
        withoutDetails(adapter(module).run("m", op, json(given))));
  }

  private void assertRaw(ModuleBuilder module, String steps, String answers) throws Exception {
    assertSteps(module, "raw", "{'steps':[" + steps + "]}", answers);
  }

  @ParameterizedTest
  @CsvSource({
    "i32, i, 0",
    "i32, i, -1",
    "i32, i, -2147483648",
    "i32, i, 2147483647",
    "i64, l, '-1'",
    "i64, l, '9223372036854775807'",
    "i64, l, '-9223372036854775808'",
    "f32, f, 3f800000",
    "f32, f, 80000000",
    "f32, f, 7fc00000",
    "f32, f, 7fa00001",
    "f32, f, ffffffff",
    "f64, d, 3ff0000000000000",
    "f64, d, 8000000000000000",
    "f64, d, 7ff4000000000001",
    "f64, d, fff8000000000000"
  })
  void aValueComesBackBitForBit(String kind, String letter, String bits) throws Exception {
    var same = new ModuleBuilder().function("same", letter, letter, local(0));
    String value = kind.equals("i32") ? "{'i32':" + bits + "}" : "{'" + kind + "':'" + bits + "'}";
    assertRaw(
        same,
        "{'do':'call','export':'same','args':[" + value + "]}",
        "{'ok':{'results':[" + value + "]}}");
  }

  @Test
  void severalResultsKeepTheirOrderAndTypes() throws Exception {
    var swap =
        new ModuleBuilder()
            .function("swap", "fidl", "ldif", local(3), local(2), local(1), local(0));
    assertRaw(
        swap,
        "{'do':'call','export':'swap','args':[{'f32':'7fa00001'},{'i32':-5},{'f64':'7ff4000000000001'},{'i64':'-6'}]}",
        "{'ok':{'results':[{'i64':'-6'},{'f64':'7ff4000000000001'},{'i32':-5},{'f32':'7fa00001'}]}}");
  }

  @Test
  void aTrapIsTheLastAnswer() throws Exception {
    var module =
        new ModuleBuilder()
            .memory(3, -1)
            .function("boom", "", "", ModuleBuilder.unreachable())
            .function("fine", "", "");
    assertRaw(
        module,
        "{'do':'call','export':'fine'},{'do':'pages'},{'do':'call','export':'boom'},{'do':'pages'}",
        "{'ok':{'results':[]}},{'ok':{'pages':3}},{'trap':true}");
  }

  @Test
  void aNamedResultIsAPointerWithAnOffsetModulo2To32() throws Exception {
    var module =
        new ModuleBuilder()
            .memory(1, -1)
            .function("low", "", "i", i32(16))
            .function("high", "", "i", i32(-8))
            .function("same", "i", "i", local(0));
    assertRaw(
        module,
        """
        {'do':'call','export':'low','as':'low'},
        {'do':'write','ptr':{'var':'low','plus':4},'bytes':{'repeat':'ab','times':3}},
        {'do':'read','ptr':{'i32':16},'len':8},
        {'do':'call','export':'high','as':'high'},
        {'do':'call','export':'same','args':[{'var':'high','plus':24}]},
        {'do':'read','ptr':{'var':'high','plus':28},'len':3},
        {'do':'call','export':'same','args':[{'var':'low','plus':-20}]},
        {'do':'read','ptr':{'var':'high'},'len':1}\
        """,
        """
        {'ok':{'results':[{'i32':16}]}}, {'ok':{}}, {'ok':{'bytes':'00000000ababab00'}}, {'ok':{'results':[{'i32':-8}]}},
        {'ok':{'results':[{'i32':16}]}}, {'ok':{'bytes':'ababab'}}, {'ok':{'results':[{'i32':-4}]}},
        {'error':'OUT_OF_BOUNDS'}\
        """);
  }

  @Test
  void outOfBoundsWritesNothingAndWhatIsNoFunctionIsNoExport() throws Exception {
    assertRaw(
        new ModuleBuilder().memory(1, -1),
        """
        {'do':'write','ptr':{'i32':65533},'bytes':'01020304'}, {'do':'read','ptr':{'i32':65532},'len':4},
        {'do':'read','ptr':{'i32':65536},'len':0}, {'do':'read','ptr':{'i32':-1},'len':0},
        {'do':'read','ptr':{'i32':0},'len':4294967295}, {'do':'read','ptr':{'i32':-1},'len':4294967295},
        {'do':'read','ptr':{'i32':1},'len':2147483648}, {'do':'write','ptr':{'i32':65537},'bytes':''},
        {'do':'call','export':'memory'}, {'do':'call','export':'nothing'}\
        """,
        """
        {'error':'OUT_OF_BOUNDS'}, {'ok':{'bytes':'00000000'}}, {'ok':{'bytes':''}}, {'error':'OUT_OF_BOUNDS'},
        {'error':'OUT_OF_BOUNDS'}, {'error':'OUT_OF_BOUNDS'}, {'error':'OUT_OF_BOUNDS'}, {'error':'OUT_OF_BOUNDS'},
        {'error':'NO_EXPORT'}, {'error':'NO_EXPORT'}\
        """);
  }

  @Test
  void memoryIsTheExportOfThatNameOrElseTheFirstOne() throws Exception {
    String steps =
        """
        {'do':'pages'}, {'do':'write','ptr':{'i32':65535},'bytes':'07'}, {'do':'read','ptr':{'i32':65535},'len':1}\
        """;
    String found = "{'ok':{'pages':1}}, {'ok':{}}, {'ok':{'bytes':'07'}}";
    assertRaw(new ModuleBuilder().memory("z", 1, -1), steps, found);
    var function = new ModuleBuilder().function("memory", "", "i", i32(7)).memory("mem", 1, -1);
    assertRaw(
        function,
        steps + ",{'do':'call','export':'memory'}",
        found + ",{'ok':{'results':[{'i32':7}]}}");
    assertRaw(
        new ModuleBuilder().function("memory", "", ""),
        """
        {'do':'pages'}, {'do':'read','ptr':{'i32':0},'len':0}, {'do':'write','ptr':{'i32':0},'bytes':''},
        {'do':'read','ptr':{'i32':0},'len':1}, {'do':'read','ptr':{'i32':1},'len':0}\
        """,
        """
        {'ok':{'pages':0}}, {'ok':{'bytes':''}}, {'ok':{}}, {'error':'OUT_OF_BOUNDS'}, {'error':'OUT_OF_BOUNDS'}\
        """);
    if (!Modules.isGraalWasm()) { // which has no module of several memories
      assertRaw(new ModuleBuilder().memory("z", 1, -1).memory("a", 2, -1), steps, found);
      assertRaw(new ModuleBuilder().memory("a", 2, -1).memory("memory", 1, -1), steps, found);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\0", "", "\uFEFF", "a\0b", "a", "\"'\\\n", "\uD83D\uDE00", "__proto__", "_start"})
  void anExportHasAnyName(String name) throws Exception {
    var module = new ModuleBuilder();
    List<String> others =
        List.of(
            "",
            "\0",
            "\uFEFF",
            "a",
            "a\0b",
            "a\0",
            "__proto__",
            "_start",
            "\"'\\\n",
            "\uD83D\uDE00");
    others.forEach(other -> module.function(other, "", "i", i32(other.equals(name) ? 1 : 0)));
    module.function("x".repeat(100_000), "", "i", i32(0));
    JsonObject step = Wire.of("do", "call");
    step.addProperty("export", name);
    var steps = new JsonArray();
    steps.add(step);
    assertEquals(
        json("{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}}]}}"),
        adapter(module).run("m", "raw", Wire.of("steps", steps)));
  }

  @Test
  void whatTheTypesDoNotFitIsNotCalledAndTheNextStepIsDone() throws Exception {
    var module =
        new ModuleBuilder()
            .memory(1, -1)
            .function("one", "i", "")
            .function("two", "ll", "l", local(0))
            .function("float", "f", "f", local(0))
            .function("ref", "", "x", ModuleBuilder.nullExtern())
            .function("takes ref", "x", "");
    String mismatches =
        """
        {'do':'call','export':'one'},
        {'do':'call','export':'one','args':[]},
        {'do':'call','export':'one','args':[{'i32':1},{'i32':1}]},
        {'do':'call','export':'one','args':[{'i64':'1'}]},
        {'do':'call','export':'one','args':[{'f32':'00000000'}]},
        {'do':'call','export':'two','args':[{'i32':1},{'i64':'1'}]},
        {'do':'call','export':'float','args':[{'f64':'0000000000000000'}]},
        {'do':'call','export':'one','args':[{'i32':1}],'as':'nothing is returned'},
        {'do':'call','export':'two','args':[{'i64':'1'},{'i64':'1'}],'as':'no i32'},
        {'do':'call','export':'ref'},
        {'do':'call','export':'takes ref','args':[{'i32':1}]},
        {'do':'read','ptr':{'i64':'0'},'len':1},
        {'do':'write','ptr':{'f32':'00000000'},'bytes':'00'}\
        """;
    int count = mismatches.split("'do'").length - 1;
    assertRaw(
        module,
        mismatches + ",{'do':'pages'}",
        "{'error':'TYPE_MISMATCH'},".repeat(count) + "{'ok':{'pages':1}}");
  }

  @Test
  void aVectorHasNoFormHere() throws Exception {
    if (Modules.isGraalWasm()) { // Endive refuses such a module
      assertRaw(
          new ModuleBuilder().function("v", "v", "v", local(0)).function("seven", "", "i", i32(7)),
          "{'do':'call','export':'v','args':[{'i32':1}]},{'do':'call','export':'seven'}",
          "{'error':'TYPE_MISMATCH'},{'ok':{'results':[{'i32':7}]}}");
    }
  }

  @Test
  void aModuleOfWhichThereIsNoInstance() throws Exception {
    List<ModuleBuilder> modules =
        List.of(
            new ModuleBuilder().function("boom", "", "", ModuleBuilder.unreachable()).start(),
            new ModuleBuilder().function("deep", "", "", ModuleBuilder.call(0)).start(),
            new ModuleBuilder().memory(1, -1).data(65530, new byte[7]),
            new ModuleBuilder().memory(32768, -1),
            new ModuleBuilder().memory(65536, -1));
    List<String> ops = new ArrayList<>(List.of("raw", "raw_deadline", "raw_module"));
    if (!Modules.isGraalWasm()) {
      ops.add("raw_memory_limit");
    }
    for (ModuleBuilder module : modules) {
      Adapter adapter = adapter(module);
      for (String op : ops) {
        for (String steps : List.of("", "{'do':'pages'}")) {
          String given =
              "{'max_pages':65536,'deadline_ms':30000,'wasm':'%s','steps':[%s]}"
                  .formatted(Modules.hex(module.build()), steps);
          assertEquals(
              json("{'error':'NO_INSTANCE'}"), withoutDetails(adapter.run("m", op, json(given))));
        }
      }
    }
    if (!Modules.isGraalWasm()) {
      JsonObject answer =
          adapter(new ModuleBuilder().memory(2, -1))
              .run("m", "raw_memory_limit", json("{'max_pages':1,'steps':[]}"));
      assertEquals(json("{'error':'NO_INSTANCE'}"), withoutDetails(answer));
    }
    assertRaw(new ModuleBuilder(), "", "");
  }

  @Test
  void aStackOverflowIsATrapThatSaysSo() throws Exception {
    var deep = new ModuleBuilder().function("deep", "", "", ModuleBuilder.call(0));
    JsonObject answer =
        adapter(deep).run("m", "raw", json("{'steps':[{'do':'call','export':'deep'}]}"));
    assertTrue(
        answer.toString().contains("\"trap\":true,\"detail\":\"stack overflow"), answer::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'do':'fly'}",
        "{'do':'call','export':'one','args':[{'i32':2147483648}]}",
        "{'do':'call','export':'one','args':[{'var':'unknown'}]}",
        "{'do':'call','export':'one','args':[{'v128':'00'}]}",
        "{'do':'read','ptr':{'i32':0},'len':4294967296}",
        "{'do':'read','ptr':{'i32':0},'len':-1}",
        "{'do':'read','ptr':{'i32':0},'len':1.5}",
        "{'do':'read','len':1}",
        "[]",
      })
  void aStepThatNoHostCouldDoIsRefused(String step) throws Exception {
    Adapter adapter = adapter(new ModuleBuilder().memory(1, -1).function("one", "i", ""));
    assertThrows(
        RequestException.class, () -> adapter.run("m", "raw", json("{'steps':[" + step + "]}")));
  }

  private static ModuleBuilder probe() {
    return new ModuleBuilder()
        .memory(1, -1)
        .function("grow", "i", "i", local(0), ModuleBuilder.memoryGrow())
        .function("store", "ii", "", local(0), local(1), ModuleBuilder.store())
        .function("load", "i", "i", local(0), ModuleBuilder.load())
        .function("spin", "", "", ModuleBuilder.spin());
  }

  @Test
  void memoryStopsAtTheHostsLimitWhereTheRuntimeHasOne() throws Exception {
    String given =
        """
        {'max_pages':3,'steps':[{'do':'call','export':'grow','args':[{'i32':2}]},{'do':'call','export':'grow',
        'args':[{'i32':1}]},{'do':'call','export':'store','args':[{'i32':196604},{'i32':7}]},{'do':'pages'}]}\
        """;
    if (Modules.isGraalWasm()) {
      Adapter adapter = adapter(probe());
      assertThrows(RequestException.class, () -> adapter.run("m", "raw_memory_limit", json(given)));
    } else {
      assertSteps(
          probe(),
          "raw_memory_limit",
          given,
          "{'ok':{'results':[{'i32':1}]}},{'ok':{'results':[{'i32':-1}]}},{'ok':{'results':[]}},{'ok':{'pages':3}}");
    }
  }

  @Test
  @Timeout(60)
  void aCallThatTakesTooLongIsCutOffAndTheNextRequestIsNotConcerned() throws Exception {
    Adapter adapter = adapter(probe());
    for (int i = 0; i < 2; i++) {
      assertEquals(
          json("{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}},{'error':'CUT_OFF'}]}}"),
          adapter.run(
              "m",
              "raw_deadline",
              json(
                  """
                  {'deadline_ms':500,'steps':[{'do':'call','export':'grow','args':[{'i32':0}]},
                  {'do':'call','export':'spin'},{'do':'pages'}]}\
                  """)));
      assertEquals(
          json("{'ok':{'steps':[{'ok':{'pages':1}}]}}"),
          adapter.run("m", "raw", json("{'steps':[{'do':'pages'}]}")));
    }
  }

  @Test
  void aViewIsKeptWhereTheRuntimeShowsMemory() throws Exception {
    String given = "{'ptr':1024,'value':67305985}";
    Adapter adapter = adapter(probe());
    if (Modules.isGraalWasm()) {
      assertEquals(json("{'ok':{'bytes':'01020304'}}"), adapter.run("m", "kept_view", json(given)));
    } else {
      assertThrows(RequestException.class, () -> adapter.run("m", "kept_view", json(given)));
    }
  }

  @Test
  void aModuleComesWithTheRequest() throws Exception {
    Adapter adapter = adapter(new ModuleBuilder());
    String wasm = Modules.hex(new ModuleBuilder().function("seven", "", "i", i32(7)).build());
    String steps = ",'steps':[{'do':'call','export':'seven'}]}";
    assertEquals(
        json("{'ok':{'steps':[{'ok':{'results':[{'i32':7}]}}]}}"),
        adapter.run("m", "raw_module", json("{'wasm':'" + wasm + "'" + steps)));
    for (String bad :
        new String[] {"00", Modules.hex(new ModuleBuilder().importsMemory().build())}) {
      JsonObject answer = adapter.run("m", "raw_module", json("{'wasm':'" + bad + "'" + steps));
      assertEquals("MODULE_REFUSED", answer.get("error").getAsString());
    }
  }
}
