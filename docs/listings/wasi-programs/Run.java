// Runs a WASI program. java -cp ENDIVE Run.java PROGRAM.wasm FOLDER

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.wasi.WasiExitException;
import run.endive.wasi.WasiOptions;
import run.endive.wasi.WasiPreview1;
import run.endive.wasm.Parser;

class Run {
  public static void main(String[] args) {
    // ANCHOR: run
    var options =
        WasiOptions.builder()
            .withArguments(List.of("diary", "two words"))
            .withEnvironment("NAME", "Ada")
            .withDirectory("/notes", Path.of(args[1]))
            .inheritSystem()
            .build();
    int code = 0;
    try (var wasi = WasiPreview1.builder().withOptions(options).build()) {
      var imports = ImportValues.builder().addFunction(wasi.toHostFunctions()).build();
      Instance.builder(Parser.parse(new File(args[0]))).withImportValues(imports).build(); // which calls _start
    } catch (WasiExitException exit) {
      code = exit.exitCode();
    }
    System.out.println("exit code " + code);
    // ANCHOR_END: run
  }
}
