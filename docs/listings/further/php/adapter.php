<?php
// A whole adapter in PHP, over libwasmtime's C API: php adapter.php LIBRARY, the file _libwasmtime.so of PyPI's package wasmtime.
declare(strict_types=1);
ini_set('memory_limit', '-1'); ini_set('display_errors', 'stderr'); // A line may have 64 MiB; stdout is for answers.
// What is behind a pointer needs no type: void *. Structs have the size of wasmtime's own.
define('C', FFI::cdef(<<<'C'
typedef struct { size_t size; char *data; } text; typedef struct { size_t size; void **data; } list;
typedef struct { uint64_t fields[2]; } instance; typedef struct { uint8_t kind; uint64_t fields[3]; } item;
typedef struct { uint8_t kind; union { int32_t i32; int64_t i64; uint64_t fields[3]; }; } value;
void *wasm_engine_new(), *wasm_valtype_new(uint8_t kind), *wasmtime_func_type(void *context, void *function);
void *wasmtime_module_new(void *engine, const char *wasm, size_t size, void **module);
void *wasmtime_store_new(void *engine, void *, void *), *wasmtime_store_context(void *store);
void wasmtime_store_limiter(void *store, int64_t memory_size, int64_t, int64_t, int64_t, int64_t);
void *wasmtime_instance_new(void *context, void *module, void *imports, size_t count, instance *, void **trap);
bool wasmtime_instance_export_nth(void *context, instance *, size_t n, char **name, size_t *size, item *);
list *wasm_functype_params(void *type), *wasm_functype_results(void *type); bool wasmtime_wasm_valtype_equal(void *, void *);
void *wasmtime_func_call(void *context, void *function, value *args, size_t, value *results, size_t, void **trap);
char *wasmtime_memory_data(void *context, void *memory); size_t wasmtime_memory_data_size(void *context, void *memory);
void wasmtime_error_message(void *, text *), wasm_trap_message(void *, text *), wasm_byte_vec_delete(text *);
void wasmtime_error_delete(void *), wasm_trap_delete(void *), wasmtime_module_delete(void *), wasmtime_store_delete(void *),
  wasm_functype_delete(void *);
C, $argv[1]));
define('ENGINE', C->wasm_engine_new());
const KINDS = ['i32' => 0, 'i64' => 1, 'f32' => 2, 'f64' => 3];
define('VALTYPES', array_map(fn($kind) => C->wasm_valtype_new($kind), KINDS));
final class Owned { // Deletes what wasmtime gave.
    public function __construct(public FFI\CData $it, private string $kind) {}
    public function __destruct() { C->{"{$this->kind}_delete"}($this->it); }
}
final class Failure extends Exception { // Its message is a code, or TRAP; the one before it is in wasmtime's words.
    public static function check(string $name, ?FFI\CData $error, ?FFI\CData $trap = null): void {
        if ($error === null && ($trap === null || FFI::isNull($trap))) return;
        $owned = new Owned($error ?? $trap, $kind = $error ? 'wasmtime_error' : 'wasm_trap');
        C->{"{$kind}_message"}($owned->it, FFI::addr($text = C->new('text')));
        $detail = rtrim(FFI::string($text->data, $text->size), "\0");
        C->wasm_byte_vec_delete(FFI::addr($text));
        throw new Failure($name, previous: new Exception($detail));
    }
    public static function answer(callable $do): array {
        try { return ['ok' => $do()]; } catch (Failure $no) {
            $answer = $no->getMessage() === 'TRAP' ? ['trap' => true] : ['error' => $no->getMessage()];
            return $answer + ($no->getPrevious() ? ['detail' => $no->getPrevious()->getMessage()] : []);
        }
    }
}
final class Instance {
    private $store, $context, $memory, $functions = [], $names = [], $items = []; // The items are what is pointed to.
    public function __construct(Owned $module, int $max_pages) {
        $this->store = new Owned(C->wasmtime_store_new(ENGINE, null, null), 'wasmtime_store');
        $this->context = C->wasmtime_store_context($this->store->it);
        C->wasmtime_store_limiter($this->store->it, $max_pages * 65536, -1, -1, -1, -1); // Less than 0 is no limit.
        [$made, $trap, $name, $size] = array_map(fn($type) => C->new($type), ['instance', 'void *', 'char *', 'size_t']);
        $error = C->wasmtime_instance_new($this->context, $module->it, null, 0, FFI::addr($made), FFI::addr($trap));
        Failure::check('NO_INSTANCE', $error, $trap);
        for ($n = 0; C->wasmtime_instance_export_nth($this->context, FFI::addr($made), $n, FFI::addr($name), FFI::addr($size),
            FFI::addr($item = C->new('item'))); $n++) {
            [$export, $pointer, $this->items[]] = [FFI::string($name, $size->cdata), FFI::addr($item->fields), $item];
            if ($item->kind === 0) $this->functions[$export] = $pointer;
            if ($item->kind === 3 && (!$this->memory || $export === 'memory')) $this->memory = $pointer;
        }
    }
    public function steps(array $steps): array { // Each is one of the next four methods.
        for ($answers = []; $steps && !isset(end($answers)['trap']); array_shift($steps))
            $answers[] = Failure::answer(fn() => $this->{$steps[0]['do']}($steps[0]));
        return $answers;
    }
    public function call(array $step): array {
        $function = $this->functions[$step['export']] ?? throw new Failure('NO_EXPORT');
        $type = new Owned(C->wasmtime_func_type($this->context, $function), 'wasm_functype');
        [$params, $types] = [types(C->wasm_functype_params($type->it)), types(C->wasm_functype_results($type->it))];
        $args = array_map($this->value(...), $step['args'] ?? []);
        $names = (array) ($step['as'] ?? []);
        if (array_map(key(...), $args) !== $params || in_array(false, $types, true) || count($names) > count($types))
            throw new Failure('TYPE_MISMATCH');
        [$given, $got] = array_map(fn($of) => C->new('value[' . count($of) + 1 . ']'), [$params, $types]);
        foreach ($args as $n => $value) [$given[$n]->kind, $given[$n]->i64] = [KINDS[$params[$n]], bits($value)];
        Failure::check('TRAP', C->wasmtime_func_call($this->context, $function, FFI::addr($given[0]), count($params),
            FFI::addr($got[0]), count($types), FFI::addr($trap = C->new('void *'))), $trap);
        $results = array_map(fn($n, $type) => from_bits($type, $got[$n]), array_keys($types), $types);
        foreach ($names as $n => $name) $this->names[$name] = $results[$n];
        return ['results' => $results];
    }
    public function write(array $step): stdClass {
        if ($to = $this->place($step['ptr'], strlen($bytes = to_bytes($step['bytes'])))) FFI::memcpy($to, $bytes, strlen($bytes));
        return new stdClass(); // {} in JSON; an empty array is [].
    }
    public function read(array $step): array {
        [$start, $length] = [$this->unsigned($step['ptr']), $step['len']];
        if ($length === 'nul') for ($length = 0; $this->place(['i64' => $start + $length], 1)[0] !== "\0"; $length++);
        if (is_array($length)) $length = $this->unsigned($length);
        return ['bytes' => ($from = $this->place($step['ptr'], $length)) ? bin2hex(FFI::string($from, $length)) : ''];
    }
    public function pages(): array { return ['pages' => $this->size() >> 16]; }
    private function size(): int { return $this->memory ? C->wasmtime_memory_data_size($this->context, $this->memory) : 0; }
    private function place(array $pointer, int $length): ?FFI\CData { // Null for no bytes.
        $start = $this->unsigned($pointer); // One of 2^63 or more is less than 0, because PHP's integers have 64 bits.
        if ($start < 0 || $length < 0 || $start + $length > $this->size()) throw new Failure('OUT_OF_BOUNDS');
        return $length > 0 ? C->wasmtime_memory_data($this->context, $this->memory) + $start : null;
    }
    private function unsigned(array $value): int {
        $value = $this->value($value);
        return match (key($value)) { 'i32' => $value['i32'] & 0xffffffff, 'i64' => (int) $value['i64'], default => throw new Failure('TYPE_MISMATCH') };
    }
    private function value(array $of): array { // A var is an earlier result, with its type.
        if (!isset($of['var'])) return $of;
        [$type, $value, $plus] = [key($named = $this->names[$of['var']]), current($named), $of['plus'] ?? 0];
        if ($plus === 0) return $named;
        if ($type === 'i32') return ['i32' => ($value + $plus + 2 ** 31 & 0xffffffff) - 2 ** 31];
        if ($type !== 'i64') throw new Failure('TYPE_MISMATCH');
        $sum = (int) $value + $plus; // A float if it is too large: then it is counted from the other end.
        return ['i64' => (string) (is_int($sum) ? $sum : ((int) $value ^ PHP_INT_MIN) + $plus ^ PHP_INT_MIN)];
    }
}
function types(FFI\CData $list): array { // Their names, and false for what has no form in JSON.
    $name = fn($type) => array_search(true, array_map(fn($known) => C->wasmtime_wasm_valtype_equal($type, $known), VALTYPES));
    for ($n = 0, $names = []; $n < $list->size; $n++) $names[] = $name($list->data[$n]);
    return $names;
}
function bits(array $value): int { // A float's as they are, so that no NaN changes.
    $format = ['f32' => 'N', 'f64' => 'J'][key($value)] ?? null;
    return $format ? unpack($format, hex2bin(current($value)))[1] : (int) current($value);
}
function from_bits(string $type, FFI\CData $value): array {
    [$i32, $i64] = [$value->i32, $value->i64];
    return [$type => ['i32' => $i32, 'i64' => "$i64", 'f32' => bin2hex(pack('N', $i32)), 'f64' => bin2hex(pack('J', $i64))][$type]];
}
function to_bytes(string|array $hex): string {
    return is_string($hex) ? hex2bin($hex) : str_repeat(hex2bin($hex['repeat']), $hex['times']);
}
function compile(string $wasm): Owned {
    Failure::check('MODULE_REFUSED', C->wasmtime_module_new(ENGINE, $wasm, strlen($wasm), FFI::addr($module = C->new('void *'))));
    return new Owned($module, 'wasmtime_module');
}
// ANCHOR: loop
function run(string $op, array $in, Owned $module): array {
    $instance = new Instance($op === 'raw_module' ? compile(hex2bin($in['wasm'])) : $module, $in['max_pages'] ?? -1);
    if (str_starts_with($op, 'raw')) return ['steps' => $instance->steps($in['steps'])];
    $args = [['i32' => $in['a']], ['i32' => $in['b']]];
    return ['value' => $instance->call(['export' => "{$op}_numbers", 'args' => $args])['results'][0]['i32']];
}
const OPS = ['raw', 'raw_module', 'raw_memory_limit', 'add', 'divide'];
while (($line = fgets(STDIN)) !== false) {
    $request = json_decode($line, true, flags: JSON_THROW_ON_ERROR);
    if ($request['cmd'] === 'hello') {
        $modules = $loaded = [];
        foreach ($request['modules'] as $name => $file) {
            $wasm = file_get_contents($file['path']);
            $modules[$name] = ($compiled = Failure::answer(fn() => compile($wasm)))['ok'] ?? null;
            $ops = array_slice(OPS, 0, !$modules[$name] ? 0 : (str_contains("$name", 'signer') ? 3 : 5)); // No signer adds.
            $loaded[$name] = ['sha256' => hash('sha256', $wasm), 'ops' => $ops] + ($ops ? [] : ['refused' => $compiled['detail']]);
        }
        $reply = ['protocol' => 1, 'host' => 'php', 'version' => PHP_VERSION, 'runtime' => 'wasmtime', 'os' => PHP_OS];
        $reply['modules'] = (object) $loaded;
    } else {
        ['seq' => $seq, 'op' => $op, 'in' => $in, 'module' => $name] = $request;
        $can = in_array($op, OPS, true) && isset($modules[$name]);
        $reply = ['seq' => $seq] + ($can ? Failure::answer(fn() => run($op, $in, $modules[$name])) : ['unsupported' => "no $op on $name"]);
    }
    fwrite(STDOUT, json_encode($reply, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}
// ANCHOR_END: loop
