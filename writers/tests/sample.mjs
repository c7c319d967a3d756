// The same set as sample.py and crates/vectors/examples/sample.rs write: sample.mjs FOLDER.

import process from 'node:process';

import * as v from '../javascript/everyhost-vectors.mjs';

/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text);

const HELLO = bytes('héllo');
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const SHA256_OF_HELLO = '3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179';

const log = v
  .importFunc('env', 'log', ['i32', 'i32'], ['i32'])
  .onCall([v.i32(7)], [v.read(v.named('arg0'), v.named('arg1'))])
  .onCall([v.i32(8)]);
const suite = new v.Suite('sample', { source: 'this sample', licence: 'MIT OR Apache-2.0', module: 'sample' });
suite.flag('Wraps', 'the sum is over 2^32').imports(log).begin(v.call('_initialize').returns());

suite
  .case('sample/add', v.call('add', v.cell('a'), v.cell('b')).returns(v.cell('sum')))
  .table({
    small: { a: v.i32(1), b: v.i32(2), sum: v.i32(3) },
    negative: { a: v.i32(4294967295), b: v.i32(-1), sum: v.i32(-2) },
  })
  .comment('one case a row');
suite.case('sample/wraps', v.call('add', v.i32(-(2 ** 31)), v.i32(-1)).returns(v.i32(2 ** 31 - 1))).flags('Wraps');
suite.case(
  'sample/values',
  v.call('wide', v.i64(2n ** 64n - 1n)).returns(v.i64(-1)),
  v.call('half', v.f64(3)).returns(v.oneOf(v.f64(1.5), v.f64Nan())),
  v.call('narrow', v.f32(0.1)).returns(v.f32(0.1)),
  v.call('narrow', v.f32Bits(0x80000000)).returns(v.anyValue('f32')),
  v.call('half', v.f64Bits(0x8000000000000000n)).returns(v.notEqual(v.f64(0))),
  v.call('nan', v.f32(0)).returns(v.f32Nan()),
);
suite.case(
  'sample/memory',
  v.write(v.i32(1024), v.text('héllo')),
  v.read(v.i32(1024), 6).gives(v.text('héllo')),
  v.write(v.i32(1030), v.base64('AP8=')),
  v.write(v.i32(1032), HELLO),
  v.read(v.i32(1030), 4).gives(Uint8Array.of(0, 0xff, 0x68, 0xc3)),
  v.write(v.i32(2048), v.repeat(new TextEncoder().encode('ab'), 500)),
  v.read(v.i32(2048), 1000).gives(v.length(1000)),
  v.write(v.i32(4096), v.file('hello.txt')),
  v.read(v.i32(4096), 6).gives(v.sha256(SHA256_OF_HELLO)),
  v.read(v.i32(4096), 1).gives(v.oneOf(Uint8Array.of(0x68), Uint8Array.of(0x48))),
  v.read(v.i32(65535), 2).fails('OUT_OF_BOUNDS'),
  v.pages().gives(1),
  v.grow(1).gives(1),
  v.load(v.i32(80), 'start', v.i32(64)),
  v.read(v.named('start', 1), 2).gives(new TextEncoder().encode('é')),
  v
    .getGlobal('answer')
    .names('answer')
    .returns(v.notEqual(v.i32(0))),
  v.call('add', v.named('answer'), v.i32(1)).returns(v.i32(43)),
  v.call('greeting').names('greeting').returns(v.named('greeting')),
  v.readText(v.named('greeting')).gives(HELLO),
  v.call('pair').names('start', 'seven').returns(v.i32(64), v.i64(7)),
  v.call('wide', v.named('seven', 1)).returns(v.i64(8)),
  v.read(v.named('start'), v.named('seven')).gives(new TextEncoder().encode('héllo\0')),
);
suite.case(
  'sample/calls',
  v
    .call('say', v.i32(64), v.i32(6))
    .returns(v.i32(7))
    .calls(v.hostCall(0, [v.i32(64), v.i32(6)], [v.gave(HELLO)])),
  v
    .call('say', v.i32(0), v.i32(0))
    .answers(v.returned(v.i32(8)))
    .calls(v.hostCall(0, [v.i32(0), v.i32(0)])),
);
suite
  .case(
    'sample/goes-on',
    v
      .call('say', v.i32(1), v.i32(2))
      .traps()
      .calls(v.hostCall(0, [v.i32(1), v.i32(2)])),
    v.pages().gives(1),
  )
  .imports(
    v.importFunc('env', 'log', ['i32', 'i32'], ['i32']).onCallThrow('enough'),
    v.importMemory('env', 'more', 1, 2),
    v.importTable('env', 'functions', 1),
    v.importGlobal('env', 'base', v.i32(1024), { mutable: true }),
  )
  .afterTrap();
suite.case('sample/traps', v.call('fails').answers(v.oneOf(v.trapped(), v.returned())));
suite.case('sample/ends', v.call('fails').traps(), v.pages());
suite.case('sample/no-export', v.call('none').fails('NO_EXPORT'));
suite.case('sample/no-instance', v.pages()).imports().fails('NO_INSTANCE');
suite.case('sample/other-module', v.call('f').fails('NO_EXPORT')).wasm(EMPTY_MODULE);
suite.case('sample/deadline', v.pages()).deadline(1000).fails('NO_INSTANCE');
suite.case('sample/memory-limit', v.pages()).memoryLimit(2).fails('NO_INSTANCE');
suite
  .case('sample/program')
  .wasm(v.file('echo.wasm'))
  .program('echo', '-v')
  .env('A=1', 'B=two words')
  .stdin(v.text('héllo'))
  .folder('/', v.fileAt('sub/in', bytes('hi')), v.folderAt('empty'), v.linkAt('link', 'sub/in'))
  .folder('more')
  .exits(7)
  .prints(HELLO)
  .printsError(bytes(''))
  .leaves(
    [
      v.folderAt('empty'),
      v.linkAt('link', 'sub/in'),
      v.folderAt('sub'),
      v.fileAt('sub/in', v.oneOf(bytes('hi'), bytes('HI'))),
    ],
    [],
  );
suite.case('sample/program-traps').program('echo').wasm(v.file('echo.wasm')).traps().prints(bytes(''));
suite
  .case('sample/reactor', v.call('f').fails('NO_EXPORT'), v.pages().gives(1))
  .program()
  .wasm(bytes('\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x0a\x01\x06memory\x02\0'));
suite.other('sample/other', 'raw', { steps: [] }, { ok: { steps: [] } });
suite.save(process.argv[2]);

const ECHO = 'everyhost:component-probe/echo@0.1.0#';
const COUNTERS = 'everyhost:component-probe/counters@0.1.0#';
const person = {
  'full-name': 'Zoë',
  age: v.wit64(2n ** 64n - 1n),
  ratio: v.witF32(0.1),
  mark: 'm',
  tags: ['a', 'b'],
  'nick-name': { some: 'Z' },
};
const components = new v.Suite('sample-component', {
  source: 'this sample',
  licence: 'MIT OR Apache-2.0',
  module: 'component-probe',
});
components
  .case(
    'sample-component/values',
    v.call('add', 2, 3).returnsValue(5),
    v.call(`${ECHO}bytes`, new Uint8Array([0xc3, 0xff])).returnsValue(new Uint8Array([0xc3, 0xff])),
    v.call(`${ECHO}bytes`, v.repeat(bytes('ab'), 3)).returnsValue(bytes('ababab')),
    v.call(`${ECHO}floats`, v.witF32(-1.5), v.witF64(0.1)).returnsValue([v.witF32(-1.5), v.witF64(0.1)]),
    v.call(`${ECHO}record-of`, person).returnsValue(person),
    v.call('add', 2).fails('TYPE_MISMATCH'),
    v.call('everyhost:component-probe/outcomes@0.1.0#nothing').returnsNothing(),
    v.call('everyhost:component-probe/outcomes@0.1.0#trap').traps(),
  )
  .component();
components
  .case(
    'sample-component/resources',
    v.call(`${COUNTERS}[constructor]counter`, 5).returnsValue(v.handle(0)),
    v.call(`${COUNTERS}[method]counter.add`, v.handle(0), 2).returnsValue(7),
    v.drop(0),
    v.drop(0).fails('NO_HANDLE'),
  )
  .component();
components.save(process.argv[2]);
