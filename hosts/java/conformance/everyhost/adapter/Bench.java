package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import everyhost.signer.Signer;
import everyhost.signer.SignerException;
import everyhost.signer.WasmModule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code make bench} talks to: {@code hosts/BENCH.md} has the lines that go in and out. */
public final class Bench {
  private static final int PROTOCOL = 1;

  private final WasmRuntime runtime;
  private final Map<String, byte[]> wasm = new LinkedHashMap<>();
  private final Map<String, WasmModule> modules = new LinkedHashMap<>();
  private final Map<String, Contestant> contestants = new LinkedHashMap<>();
  private final List<byte[]> messages = new ArrayList<>();
  private byte[] keypair = {};

  private Bench(WasmRuntime runtime) {
    this.runtime = runtime;
  }

  /** Answers stdin on stdout, on the runtime that the one argument names. */
  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("usage: Bench " + WasmRuntime.names());
      System.exit(2);
    }
    try {
      var bench = new Bench(WasmRuntime.of(args[0]));
      System.exit(Wire.serve("java bench", bench::answer));
    } catch (IllegalArgumentException error) {
      System.err.println("java bench: " + error.getMessage());
      System.exit(1);
    }
  }

  /** Signs the messages of one call; without batches that is all of them, in a loop. */
  private interface SignAll {
    List<byte[]> sign(List<byte[]> messages) throws GeneralSecurityException;
  }

  private record Contestant(boolean batches, SignAll signAll) {}

  private JsonObject answer(JsonObject ask) throws IOException {
    try {
      return switch (Wire.text(ask, "cmd")) {
        case "hello" -> hello(ask);
        case "sign" -> sign(ask);
        case "start" -> start(Wire.text(ask, "module"));
        case "crossing" -> cross(ask);
        default -> throw new RequestException("a question that is none: " + ask.get("cmd"));
      };
    } catch (SignerException
        | IllegalArgumentException
        | GuestTrap
        | GeneralSecurityException error) {
      return Wire.of("error", error.toString());
    }
  }

  private JsonObject hello(JsonObject task) throws IOException, GeneralSecurityException {
    keypair = Wire.bytes(task, "keypair");
    for (int n = 0; n < Wire.integer(task, "messages"); n++) {
      messages.add(("hello" + n).getBytes(StandardCharsets.UTF_8));
    }
    JsonObject files = Wire.field(task, "modules", JsonObject.class, JsonElement::getAsJsonObject);
    for (String name : files.keySet()) {
      wasm.put(name, Files.readAllBytes(Path.of(Wire.text(files, name))));
    }
    var missing = new JsonArray();
    for (JsonElement each : Wire.array(task, "signers")) {
      JsonObject order = each.getAsJsonObject();
      String id = Wire.text(order, "id");
      try {
        contestants.put(id, ours(Wire.text(order, "module"), Wire.text(order, "use")));
      } catch (SignerException | IllegalArgumentException refused) {
        missing.add(Wire.of("id", id, "why", refused.getMessage()));
      }
    }
    contestants.put("jdk", jdk());
    var entered = new JsonArray();
    for (String id : contestants.keySet()) {
      JsonObject contestant = Wire.of("id", id);
      if (id.equals("jdk")) {
        contestant.addProperty("version", System.getProperty("java.version"));
      }
      entered.add(contestant);
    }
    JsonObject reply = Wire.of("protocol", PROTOCOL, "contestants", entered, "missing", missing);
    reply.addProperty("version", "Java " + System.getProperty("java.version"));
    reply.addProperty("runtime", runtime.description());
    return reply;
  }

  private JsonObject sign(JsonObject turn) throws GeneralSecurityException {
    Contestant contestant = contestants.get(Wire.text(turn, "contestant"));
    if (contestant == null) {
      throw new IllegalArgumentException("nobody here is called " + turn.get("contestant"));
    }
    int first = Wire.integer(turn, "first");
    int count = Wire.integer(turn, "count");
    int most = contestant.batches() ? Wire.integer(turn, "a_call") : count;
    List<List<byte[]>> calls = new ArrayList<>();
    for (int at = 0; at < count; at += most) {
      List<byte[]> call = new ArrayList<>();
      for (int n = at; n < Math.min(at + most, count); n++) {
        call.add(messages.get((first + n) % messages.size()));
      }
      calls.add(call);
    }
    List<byte[]> signatures = new ArrayList<>(count);
    var clock = new Clock();
    for (List<byte[]> call : calls) {
      signatures.addAll(contestant.signAll().sign(call));
    }
    JsonObject reply = clock.elapsed();
    var joined = new ByteArrayOutputStream(count * Signer.SIGNATURE_LENGTH);
    signatures.forEach(joined::writeBytes);
    reply.addProperty("signatures", Wire.hex(joined.toByteArray()));
    return reply;
  }

  /** From a module's bytes to its first signature, everything made anew. */
  private JsonObject start(String name) {
    var clock = new Clock();
    WasmModule module = runtime.load(bytesOf(name));
    long compiled = clock.lapNanos();
    try (var signer = new Signer(module)) {
      long instantiated = clock.lapNanos();
      signer.loadKey(keypair);
      long loaded = clock.lapNanos();
      byte[] signature = signer.sign(messages.get(0));
      long signed = clock.lapNanos();
      JsonObject reply = Wire.of("signature", Wire.hex(signature), "compile_ns", compiled);
      reply.addProperty("instantiate_ns", instantiated);
      reply.addProperty("load_key_ns", loaded);
      reply.addProperty("first_signature_ns", signed);
      return reply;
    }
  }

  /** Over the boundary, so many times, as the wrapper does it. */
  private JsonObject cross(JsonObject ask) throws GuestTrap {
    int calls = Wire.integer(ask, "calls");
    int length = Wire.integer(ask, "bytes");
    String what = Wire.text(ask, "what");
    if (!List.of("call", "in", "out").contains(what)) {
      throw new IllegalArgumentException("no such way over the boundary: " + what);
    }
    try (Guest guest = module(Wire.text(ask, "module")).instantiate()) {
      int ptr =
          what.equals("in")
              ? guest.call("allocate_message", length)
              : guest.call("get_signature_ptr");
      byte[] message = new byte[length];
      int seen = 0;
      var clock = new Clock();
      for (int n = 0; n < calls; n++) {
        switch (what) {
          case "call" -> seen += guest.call("abi_version");
          case "in" -> guest.write(ptr, message);
          default -> seen += guest.read(ptr, length).length;
        }
      }
      JsonObject reply = clock.elapsed();
      // So that no compiler leaves the work out.
      reply.addProperty("seen", seen);
      return reply;
    }
  }

  /** Through the wrapper, the way a user calls it. */
  private Contestant ours(String name, String use) {
    WasmModule module = module(name);
    if (use.equals("one-shot")) {
      var oneShot = new Signer(module);
      return oneByOne(message -> oneShot.signWith(keypair, message));
    }
    var signer = new Signer(module, keypair);
    return use.equals("held") ? oneByOne(signer::sign) : new Contestant(true, signer::signMany);
  }

  private Contestant jdk() throws GeneralSecurityException {
    byte[] seed = Arrays.copyOf(keypair, Signer.SEED_LENGTH);
    PrivateKey key =
        KeyFactory.getInstance("Ed25519")
            .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
    Signature signature = Signature.getInstance("Ed25519");
    return oneByOne(
        message -> {
          signature.initSign(key);
          signature.update(message);
          return signature.sign();
        });
  }

  private interface Sign {
    byte[] sign(byte[] message) throws GeneralSecurityException;
  }

  private static Contestant oneByOne(Sign sign) {
    return new Contestant(
        false,
        all -> {
          List<byte[]> signatures = new ArrayList<>(all.size());
          for (byte[] message : all) {
            signatures.add(sign.sign(message));
          }
          return signatures;
        });
  }

  private WasmModule module(String name) {
    return modules.computeIfAbsent(name, absent -> runtime.load(bytesOf(absent)));
  }

  private byte[] bytesOf(String name) {
    byte[] bytes = wasm.get(name);
    if (bytes == null) {
      throw new IllegalArgumentException("hello gave no module " + name);
    }
    return bytes;
  }

  /** Wall time, and this thread's CPU time: that of the process comes in steps of 10 ms here. */
  private static final class Clock {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long cpu = THREADS.getCurrentThreadCpuTime();
    private long wall = System.nanoTime();

    JsonObject elapsed() {
      long passed = System.nanoTime() - wall;
      JsonObject reply = Wire.of("wall_ns", passed);
      if (cpu >= 0) { // the JVM cannot tell everywhere
        reply.addProperty("cpu_ns", THREADS.getCurrentThreadCpuTime() - cpu);
      }
      return reply;
    }

    long lapNanos() {
      long before = wall;
      wall = System.nanoTime();
      return wall - before;
    }
  }
}
