using System.IO;
using EveryhostAdapter;
using Newtonsoft.Json.Linq;
using NUnit.Framework;

namespace EveryhostTests
{
    /// <summary>The adapter's programs of WASI: hosts/IMPORTS.md.</summary>
    [TestFixture]
    public class WasiTests : Fixture
    {
        // Buffers are at 0 (an iovec), 1000 (what was read) and 2000 (pointers).
        private const string Beginning = @"(module
            (import ""wasi_snapshot_preview1"" ""args_sizes_get"" (func $args_size (param i32 i32) (result i32)))
            (import ""wasi_snapshot_preview1"" ""args_get"" (func $args (param i32 i32) (result i32)))
            (import ""wasi_snapshot_preview1"" ""environ_sizes_get"" (func $env_size (param i32 i32) (result i32)))
            (import ""wasi_snapshot_preview1"" ""environ_get"" (func $env (param i32 i32) (result i32)))
            (import ""wasi_snapshot_preview1"" ""fd_read"" (func $fd_read (param i32 i32 i32 i32) (result i32)))
            (import ""wasi_snapshot_preview1"" ""fd_write"" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import ""wasi_snapshot_preview1"" ""path_open""
                (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import ""wasi_snapshot_preview1"" ""proc_exit"" (func $exit (param i32)))
            (memory (export ""memory"") 1)
            (func $set (param $at i32) (param $length i32)
                (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $length)))
            (func $write (param $fd i32) (param $at i32) (param $length i32)
                (call $set (local.get $at) (local.get $length))
                (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
            (func $read (param $fd i32) (result i32)
                (call $set (i32.const 1000) (i32.const 100))
                (drop (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
                (i32.load (i32.const 8)))
            (func $open (param $length i32) (param $flags i32) (result i32)
                (call $path_open (i32.const 3) (i32.const 0) (i32.const 500) (local.get $length) (local.get $flags)
                (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 16)))
            (data (i32.const 100) ""out"") ";

        private const string Out = "(call $write (i32.const 1) (i32.const 100) (i32.const 3))";

        private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        [SetUp]
        public void MakeFolders()
        {
            Directory.CreateDirectory(Path.Combine(_folder, "open"));
            File.WriteAllText(Path.Combine(_folder, "secret"), "secret");
            File.WriteAllText(Path.Combine(_folder, "open/given"), "hello");
        }

        [TearDown]
        public void DeleteFolders() => Directory.Delete(_folder, true);

        [Test]
        public void AProgramSeesWhatItIsGivenAndNothingElse()
        {
            string program = @"(drop (call $args_size (i32.const 16) (i32.const 20)))
                (drop (call $args (i32.const 2000) (i32.const 1000)))
                (call $write (i32.const 1) (i32.const 1000) (i32.load (i32.const 20)))
                (drop (call $env_size (i32.const 16) (i32.const 20)))
                (drop (call $env (i32.const 2000) (i32.const 1000)))
                (call $write (i32.const 1) (i32.const 1000) (i32.load (i32.const 20)))
                (call $write (i32.const 2) (i32.const 1000) (call $read (i32.const 0))) (call $exit (i32.const 42))";
            AssertProgram(program, "'args':['prög','-v',''],'env':['B=1=2','A=','Ü=ö'],'stdin':'ff00','dirs':[]",
                "{'ok':{'exit_code':42,'stdout':'" + Hex("prög\0-v\0\0B=1=2\0A=\0Ü=ö\0") + "','stderr':'ff00'}}");
            AssertProgram(program, "", "{'ok':{'exit_code':42,'stdout':'','stderr':''}}");
        }

        [TestCase("", "'exit_code':0,"), TestCase("(call $exit (i32.const 125))", "'exit_code':125,")]
        [TestCase("unreachable", ""), TestCase("(call $exit (i32.const 126))", "")]
        public void OutputStaysHoweverAProgramEnds(string end, string code)
        { AssertProgram(Out + end, "", "{'ok':{" + code + "'stdout':'6f7574','stderr':''}}"); }

        [TestCase("given", 0, "hello"), TestCase("new", 1, ""), TestCase("../secret", 0, null)]
        [TestCase("/etc/passwd", 0, null), TestCase("../new", 1, null), TestCase("absent", 0, null)]
        public void AProgramOpensFilesOfItsFoldersOnly(string path, int flags, string content)
        {
            string program = "(data (i32.const 500) \"" + path +
                             "\") (func (export \"_start\") (if (call $open (i32.const " + path.Length +
                             ") (i32.const " + flags + @")) (then (call $exit (i32.const 1))))
                (call $write (i32.const 1) (i32.const 1000) (call $read (i32.load (i32.const 16))))
                (call $write (i32.load (i32.const 16)) (i32.const 100) (i32.const 3))))";
            AssertAnswer(Beginning + program, "'dirs':[{'guest':'/','host':'" + _folder + "/open'}]",
                "{'ok':{'exit_code':" + (content == null ? 1 : 0) + ",'stdout':'" + Hex(content ?? "") +
                    "','stderr':''}}");
            Assert.That(Directory.GetFiles(_folder).Length, Is.EqualTo(1));
            if (content != null)
            {
                Assert.That(File.ReadAllText(_folder + "/open/" + path), Is.EqualTo(content + "out"));
            }
        }

        [Test]
        public void AReactorIsInitializedAndDoesSteps()
        {
            string reactor = Beginning + @"(global $n (mut i32) (i32.const 0)) (func (export ""_start"") unreachable)
                (func (export ""_initialize"") (global.set $n (i32.const 7)))
                (func (export ""n"") (result i32) (global.get $n))
                (func (export ""end"") (param i32) " +
                             Out + "(call $exit (local.get 0))))";
            string n = "{'do':'call','export':'n'}";
            AssertAnswer(reactor, "'steps':[" + n + "]",
                "{'ok':{'stdout':'','stderr':'','steps':[{'ok':{'results':[{'i32':7}]}}]}}");
            AssertAnswer(reactor,
                "'steps':[" + n + ",{'do':'call','export':'end','args':[{'i32':3}]}," + n + "],'after_trap':true",
                "{'ok':{'exit_code':3,'stdout':'6f7574','stderr':'','steps':[{'ok':{'results':[{'i32':7}]}},{'trap':true}]}}");
        }

        [TestCase("(import \"env\" \"f\" (func))"), TestCase("(import \"wasi_snapshot_preview1\" \"fd_fly\" (func))")]
        [TestCase("(import \"wasi_snapshot_preview1\" \"proc_exit\" (func))")]
        [TestCase("(func (export \"_initialize\") unreachable)")]
        public void WhatIsNotOfWasiOrCannotBeginMakesNoInstance(string item)
        { AssertAnswer("(module " + item + ")", "'steps':[]", "{'error':'NO_INSTANCE'}"); }

        [TestCase("'args':['a\\u0000b']"), TestCase("'args':[7]"), TestCase("'env':['A']"), TestCase("'stdin':'0'")]
        [TestCase("'dirs':[{'guest':'/','host':'/nowhere'}]"), TestCase("'dirs':['/']")]
        public void WhatCannotBeGivenIsUnsupported(string given)
        { Assert.Throws<RequestException>(() => AssertProgram("", given, "")); }

        [Test]
        public void AModuleWithoutStartIsUnsupported()
        { Assert.Throws<RequestException>(() => AssertAnswer("(module)", "", "")); }

        private static string Hex(string text) => Shared.Hex(Shared.Utf8(text));

        private void AssertProgram(string body, string given, string expected)
        { AssertAnswer(Beginning + "(func (export \"_start\") " + body + "))", given, expected); }

        private void AssertAnswer(string wat, string given, string expected)
        {
            Operations module = Keep(new Operations(Wat.Bytes(wat)));
            Shared.AssertJson(module.Run("wasi", JObject.Parse("{" + given + "}")), expected);
        }
    }
}
