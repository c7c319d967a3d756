package everyhost.adapter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import everyhost.signer.Guest;
import everyhost.signer.GuestTrap;
import everyhost.signer.Signer;
import everyhost.signer.SignerException;
import everyhost.signer.Verifier;
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
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What {@code make bench} talks to: {@code hosts/BENCH.md} has the lines that go in and out. */
public final class Bench {
  private static final int PROTOCOL = 1;

  /** A public key as SubjectPublicKeyInfo up to the key itself (RFC 8410). */
  private static final byte[] SPKI_PREFIX = {
    0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0
  };

  private final WasmRuntime runtime;
  private final Map<String, byte[]> wasm = new LinkedHashMap<>();
  private final Map<String, WasmModule> modules = new LinkedHashMap<>();
  private final Map<String, Contestant> contestants = new LinkedHashMap<>();
  private final List<byte[]> messages = new ArrayList<>();
  private final Map<Integer, List<Signed>> signed = new LinkedHashMap<>(); // by number of issuers
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

  /** Signs or verifies what one call has; without batches that is everything, in a loop. */
  private interface Work<T, R> {
    List<R> on(List<T> items) throws GeneralSecurityException;
  }

  /** One of the two kinds of work is null. */
  private record Contestant(
      boolean batches, Work<byte[], byte[]> signAll, Work<Signed, Boolean> verifyAll) {}

  @SuppressWarnings("ArrayRecordComponent") // none of them is ever compared
  private record Signed(byte[] publicKey, byte[] message, byte[] signature) {
    Verifier.Item item() {
      return new Verifier.Item(publicKey, message, signature);
    }
  }

  private JsonObject answer(JsonObject ask) throws IOException {
    try {
      return switch (Wire.text(ask, "cmd")) {
        case "hello" -> hello(ask);
        case "sign" -> sign(ask);
        case "verify" -> verify(ask);
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
    if (task.has("signed")) {
      for (JsonElement set : Wire.array(task, "signed")) {
        signed.put(Wire.integer(set.getAsJsonObject(), "issuers"), itemsOf(set.getAsJsonObject()));
      }
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
    contestants.put("verify-jdk", new Contestant(false, null, eachOne(jdkVerifier())));
    var entered = new JsonArray();
    for (String id : contestants.keySet()) {
      JsonObject contestant = Wire.of("id", id);
      if (id.endsWith("jdk")) {
        contestant.addProperty("version", System.getProperty("java.version"));
      }
      entered.add(contestant);
    }
    JsonObject reply = Wire.of("protocol", PROTOCOL, "contestants", entered, "missing", missing);
    reply.addProperty("version", "Java " + System.getProperty("java.version"));
    reply.addProperty("runtime", runtime.description());
    return reply;
  }

  private List<Signed> itemsOf(JsonObject set) {
    byte[] keys = Wire.bytes(set, "public_keys");
    byte[] signatures = Wire.bytes(set, "signatures");
    List<byte[]> publicKeys = pieces(keys, Signer.PUBLIC_KEY_LENGTH);
    List<Signed> items = new ArrayList<>();
    for (byte[] signature : pieces(signatures, Signer.SIGNATURE_LENGTH)) {
      int n = items.size();
      items.add(new Signed(publicKeys.get(n % publicKeys.size()), messages.get(n), signature));
    }
    return items;
  }

  private static List<byte[]> pieces(byte[] bytes, int length) {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += length) {
      pieces.add(Arrays.copyOfRange(bytes, at, at + length));
    }
    return pieces;
  }

  private JsonObject sign(JsonObject turn) throws GeneralSecurityException {
    var joined = new ByteArrayOutputStream();
    Contestant contestant = contestant(turn);
    JsonObject reply =
        turn(turn, contestant.batches(), messages, contestant.signAll(), joined::writeBytes);
    reply.addProperty("signatures", Wire.hex(joined.toByteArray()));
    return reply;
  }

  private JsonObject verify(JsonObject turn) throws GeneralSecurityException {
    List<Signed> all = signed.getOrDefault(Wire.integer(turn, "issuers"), List.of());
    var verdicts = new ByteArrayOutputStream();
    Contestant contestant = contestant(turn);
    JsonObject reply =
        turn(
            turn,
            contestant.batches(),
            all,
            contestant.verifyAll(),
            isRight -> verdicts.write(isRight ? 1 : 0));
    reply.addProperty("verdicts", Wire.hex(verdicts.toByteArray()));
    return reply;
  }

  private Contestant contestant(JsonObject turn) {
    Contestant contestant = contestants.get(Wire.text(turn, "contestant"));
    if (contestant == null) {
      throw new IllegalArgumentException("nobody here is called " + turn.get("contestant"));
    }
    return contestant;
  }

  /** Times a turn, and gives all that came of it, in its order. */
  private static <T, R> JsonObject turn(
      JsonObject turn, boolean batches, List<T> all, Work<T, R> work, Consumer<R> each)
      throws GeneralSecurityException {
    if (work == null || all.isEmpty()) {
      throw new IllegalArgumentException("no such turn: " + turn);
    }
    int first = Wire.integer(turn, "first");
    int count = Wire.integer(turn, "count");
    int most = batches ? Wire.integer(turn, "a_call") : count;
    List<List<T>> calls = new ArrayList<>();
    for (int at = 0; at < count; at += most) {
      List<T> call = new ArrayList<>();
      for (int n = at; n < Math.min(at + most, count); n++) {
        call.add(all.get((first + n) % all.size()));
      }
      calls.add(call);
    }
    List<R> results = new ArrayList<>(count);
    var clock = new Clock();
    for (List<T> call : calls) {
      results.addAll(work.on(call));
    }
    JsonObject reply = clock.elapsed();
    results.forEach(each);
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
    if (use.equals("verify")) {
      var verifier = new Verifier(module);
      return new Contestant(true, null, items -> verdicts(verifier, items));
    }
    if (use.equals("one-shot")) {
      var oneShot = new Signer(module);
      return oneByOne(message -> oneShot.signWith(keypair, message));
    }
    var signer = new Signer(module, keypair);
    return use.equals("held")
        ? oneByOne(signer::sign)
        : new Contestant(true, signer::signMany, null);
  }

  private static List<Boolean> verdicts(Verifier verifier, List<Signed> items) {
    List<Boolean> verdicts = new ArrayList<>(items.size());
    for (boolean verdict : verifier.verifyMany(items.stream().map(Signed::item).toList())) {
      verdicts.add(verdict);
    }
    return verdicts;
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

  /** With each public key made ready once. */
  private static One<Signed, Boolean> jdkVerifier() throws GeneralSecurityException {
    KeyFactory factory = KeyFactory.getInstance("Ed25519");
    Signature signature = Signature.getInstance("Ed25519");
    IdentityHashMap<byte[], PublicKey> keys = new IdentityHashMap<>();
    return item -> {
      PublicKey key = keys.get(item.publicKey());
      if (key == null) {
        var spki = new ByteArrayOutputStream();
        spki.writeBytes(SPKI_PREFIX);
        spki.writeBytes(item.publicKey());
        key = factory.generatePublic(new X509EncodedKeySpec(spki.toByteArray()));
        keys.put(item.publicKey(), key);
      }
      signature.initVerify(key);
      signature.update(item.message());
      return signature.verify(item.signature());
    };
  }

  private interface One<T, R> {
    R on(T item) throws GeneralSecurityException;
  }

  private static Contestant oneByOne(One<byte[], byte[]> sign) {
    return new Contestant(false, eachOne(sign), null);
  }

  private static <T, R> Work<T, R> eachOne(One<T, R> work) {
    return all -> {
      List<R> results = new ArrayList<>(all.size());
      for (T item : all) {
        results.add(work.on(item));
      }
      return results;
    };
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
