using System.Linq;
using EveryhostAdapter;
using Newtonsoft.Json.Linq;
using NUnit.Framework;

namespace EveryhostTests
{
    /// <summary>The adapter's operations on modules with imports: hosts/IMPORTS.md.</summary>
    [TestFixture]
    public class ImportsTests : Fixture
    {
        private const string Run = "{'do':'call','export':'run'}";

        // What the host provides to most of them.
        private const string Nothing = "{'module':'e','name':'f','func':{'params':[],'results':[]}}";
        private const string Memory = "{'module':'e','name':'m','memory':{'min':1,'max':2}}";
        private const string Table = "{'module':'e','name':'t','table':{'min':1,'max':3}}";
        private const string Global =
            "{'module':'e','name':'g','global':{'i64':'-9223372036854775808'},'mutable':true}";

        private const string CallsF = "(module (import \"e\" \"f\" (func $f)) (func (export \"run\") (call $f)))";

        [Test]
        public void AnEntryWorksOnTheGuestAndCallsItAgain()
        {
            string wat =
                @"(module (import ""e"" ""f"" (func $f (param i32 i32) (result i32))) (memory (export ""m"") 1 2)
                (data (i32.const 16) ""hi"") (global (export ""g"") i32 (i32.const 18))
                (func (export ""run"") (result i32) (call $f (i32.const 16) (i32.const 2)))
                (func (export ""twice"") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))";
            string entry = @"{'steps':[{'do':'read','ptr':{'var':'arg0'},'len':{'var':'arg1'}},{'do':'grow','pages':1},
                {'do':'grow','pages':1},{'do':'pages'},{'do':'global','export':'g','as':'p'},
                {'do':'write','ptr':{'var':'p'},'bytes':'feffffff'},{'do':'load','ptr':{'var':'p'},'as':'n'},
                {'do':'call','export':'twice','args':[{'var':'n'}],'as':'t'},{'do':'load','ptr':{'i32':-1},'as':'no'}],
                'results':[{'var':'t','plus':-1}]}";
            AssertSteps(wat, Function("'i32','i32'", "'i32'", entry), Run,
                @"{'ok':{'results':[{'i32':-5}],'calls':[{'import':0,'args':[{'i32':16},{'i32':2}],'steps':[
                {'ok':{'bytes':'6869'}},{'ok':{'pages':1}},{'error':'REFUSED'},{'ok':{'pages':2}},
                {'ok':{'results':[{'i32':18}]}},{'ok':{}},{'ok':{'value':-2}},{'ok':{'results':[{'i32':-4}]}},
                {'error':'OUT_OF_BOUNDS'}]}]}}");
        }

        [Test]
        public void EveryResultHasAName()
        {
            string wat = @"(module (import ""e"" ""f"" (func $f (param i64 f32) (result i64))) (memory (export ""m"") 1)
                (data (i32.const 65530) ""hi\00you"")
                (func (export ""run"") (result i64) (call $f (i64.const 65531) (f32.const 1)))
                (func (export ""two"") (result f64 i64) (f64.const 1) (i64.const -1))
                (func (export ""take"") (param i64 f32 f64)))";
            string entry = @"{'steps':[{'do':'call','export':'two','as':['d','n']},{'do':'call','export':'take',
                'args':[{'var':'n','plus':-1},{'var':'arg1'},{'var':'d','plus':0}]},
                {'do':'call','export':'take','args':[{'var':'n'},{'var':'arg1','plus':1},{'var':'d'}]},
                {'do':'call','export':'two','as':['a','b','c']},{'do':'call','export':'take','as':'a'},
                {'do':'read','ptr':{'var':'arg0','plus':-1},'len':'nul'},{'do':'read','ptr':{'i64':'65533'},'len':'nul'},
                {'do':'read','ptr':{'i64':'65536'},'len':'nul'},{'do':'read','ptr':{'var':'n'},'len':0},
                {'do':'read','ptr':{'i32':0},'len':{'var':'n'}},{'do':'read','ptr':{'var':'d'},'len':0},
                {'do':'read','ptr':{'i32':0},'len':{'var':'n','plus':2}}],'results':[{'var':'n','plus':1}]}";
            AssertSteps(wat, Function("'i64','f32'", "'i64'", entry), Run,
                @"{'ok':{'results':[{'i64':'0'}],'calls':[{'import':0,'args':[{'i64':'65531'},{'f32':'3f800000'}],
                'steps':[{'ok':{'results':[{'f64':'3ff0000000000000'},{'i64':'-1'}]}},{'ok':{'results':[]}},
                {'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},{'error':'TYPE_MISMATCH'},
                {'ok':{'bytes':'6869'}},{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'},
                {'error':'OUT_OF_BOUNDS'},{'error':'TYPE_MISMATCH'},{'ok':{'bytes':'00'}}]}]}}");
        }

        [Test]
        public void CallsFromWithinAreToldInTheOrderInWhichTheyBegan()
        {
            AssertSteps(CallsF, Function("", "", "{'steps':[" + Run + "]},{'steps':[" + Run + "]},{}"), Run,
                @"{'ok':{'results':[],'calls':[{'import':0,'args':[],'steps':[{'ok':{'results':[]}}]},
                {'import':0,'args':[],'steps':[{'ok':{'results':[]}}]},{'import':0,'args':[]}]}}");
        }

        [Test]
        public void EveryNumberKeepsItsBits()
        {
            string wat = @"(module (import ""e"" ""f"" (func $f (param f32 i64 f64) (result f64 f32 i64)))
                (func (export ""run"") (result f64 f32 i64) (call $f (f32.const nan:0x200001)
                (i64.const -9223372036854775808) (f64.const -nan:0x4000000000001))))";
            string entry = "{'results':[{'f64':'fff0000000000001'},{'f32':'7f800001'},{'i64':'9223372036854775807'}]}";
            AssertSteps(wat, Function("'f32','i64','f64'", "'f64','f32','i64'", entry), Run,
                @"{'ok':{'results':[{'f64':'fff0000000000001'},{'f32':'7f800001'},{'i64':'9223372036854775807'}],
                'calls':[{'import':0,'args':[{'f32':'7fa00001'},{'i64':'-9223372036854775808'},
                {'f64':'fff4000000000001'}]}]}}");
        }

        [Test]
        public void AFunctionThatFailsIsATrapToItsCallerOnTheWayOutToo()
        {
            string failing = Function("", "", "{'steps':[" + Run + ",{'do':'pages'}]},{'throw':'no'},{}");
            string trapped = @"{'trap':true,'calls':[{'import':0,'args':[],'steps':[{'trap':true}]},
                {'import':0,'args':[]}]}";
            AssertSteps(CallsF, failing, Run + "," + Run, trapped);
            string after = trapped + ",{'ok':{'results':[],'calls':[{'import':0,'args':[]}]}}";
            AssertAnswer(CallsF, failing, Run + "," + Run, "{'ok':{'steps':[" + after + "]}}", ",'after_trap':true");
        }

        [Test]
        public void WhatAStartFunctionCallsIsToldBesideTheSteps()
        {
            string wat =
                @"(module (import ""e"" ""f"" (func $f)) (import ""e"" ""m"" (memory 1)) (memory (export ""m2"") 7)
                (global (export ""g"") i32 (i32.const 1)) (func (export ""run"")) (start $f))";
            AssertAnswer(wat,
                Function("", "",
                    "{'steps':[{'do':'pages'}," + Run + ",{'do':'global','export':'g'},{'do':'grow','pages':1}]}") +
                    "," + Memory,
                "{'do':'pages'}," + Run,
                @"{'ok':{'steps':[{'ok':{'pages':7}},{'ok':{'results':[]}}],'calls':[{'import':0,'args':[],'steps':[
                {'ok':{'pages':1}},{'error':'NO_EXPORT'},{'error':'NO_EXPORT'},{'ok':{'pages':1}}]}]}}");
        }

        [Test]
        public void MemoryTableAndGlobalAreProvidedWhetherAskedForOrNot()
        {
            string all =
                string.Join(",", Nothing, Memory, "{'module':'','name':'\u0000','memory':{'min':0}}", Table, Global);
            AssertSteps(@"(module (import ""e"" ""m"" (memory 1 2)) (import ""e"" ""t"" (table 1 3 funcref))
                (import ""e"" ""g"" (global $g (mut i64))) (elem (i32.const 0) $run)
                (func $run (export ""run"") (result i64 i32) (global.get $g) (table.size 0)))",
                all, Run + ",{'do':'pages'}",
                "{'ok':{'results':[{'i64':'-9223372036854775808'},{'i32':1}]}},{'ok':{'pages':1}}");
        }

        [TestCase("func $f"), TestCase("func $f (param i32)"), TestCase("memory 2"), TestCase("memory 1 1")]
        [TestCase("table 2 funcref"), TestCase("table 1 externref"), TestCase("global i64"),
            TestCase("global (mut i32)")]
        public void AnotherTypeOrNameMakesNoInstance(string type)
        {
            foreach (string name in new[] { "f", "m", "t", "g", "other" })
            {
                if (type == "func $f" && name == "f") { continue; }
                AssertAnswer("(module (import \"e\" \"" + name + "\" (" + type + ")))",
                    string.Join(",", Nothing, Memory, Table, Global), "", "{'error':'NO_INSTANCE'}");
            }
        }

        [Test]
        public void AStartFunctionThatFailsMakesNoInstance()
        {
            AssertAnswer("(module (import \"e\" \"f\" (func $f)) (start $f))", Function("", "", "{'throw':'no'}"), "",
                "{'error':'NO_INSTANCE'}");
        }

        [Test]
        public void OnlyTheFirst64CallsAreToldAndAllAreDone()
        {
            string wat = @"(module (import ""e"" ""f"" (func $f (result i32))) (func (export ""run"") (result i32)
                (local $sum i32) (local $n i32)
                (loop $on (local.set $sum (i32.add (local.get $sum) (call $f)))
                (br_if $on (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50))))
                (local.get $sum)))";
            JToken steps = Answer(wat, Function("", "'i32'", "{'results':[{'i32':3}]}"), Run + "," + Run + "," + Run)
                ["ok"]["steps"];
            Assert.That(
                steps.Select(step => (int)step["ok"]["results"][0]["i32"]), Is.EqualTo(new[] { 150, 150, 150 }));
            Assert.That(steps.Select(step => step["ok"]["calls"]?.Count()), Is.EqualTo(new int?[] { 50, 14, null }));
        }

        /// <summary>Through Wasm code, where wasmtime limits the stack, and by a function of the host alone.</summary>
        [TestCase("(func (export \"run\") (call $f))"), TestCase("(export \"run\" (func $f))")]
        public void ToAndFroForEverIsATrap(string run)
        {
            JToken step = Answer("(module (import \"e\" \"f\" (func $f)) " + run + ")",
                Function("", "", "{'steps':[" + Run + "]}"), Run) ["ok"]
                          ["steps"]
                              .Single();
            Assert.That((bool)step["trap"]);
            Assert.That((string)step["detail"], Contains.Substring("stack"));
            Assert.That(step["calls"].Count(), Is.EqualTo(64));
        }

        [TestCase("{'results':[{'i32':1}]}"), TestCase("{'steps':[{'do':'fly'}]}"), TestCase("{'steps':[[]]}")]
        [TestCase("7"), TestCase("{'steps':[{'do':'load','ptr':{'var':'arg0'},'as':'n'}]}")]
        [TestCase("{'steps':[{'do':'call','export':'run','as':[1]}]}")]
        public void AnEntryThatMakesNoSenseIsUnsupported(string entry)
        {
            RequestException error =
                Assert.Throws<RequestException>(() => Answer(CallsF, Function("", "", entry), Run));
            Assert.That(error.Message, Is.Not.Empty);
        }

        private static string Function(string parameters, string results, string calls)
        {
            return "{'module':'e','name':'f','func':{'params':[" + parameters + "],'results':[" + results +
                   "]},'calls':[" + calls + "]}";
        }

        private void AssertSteps(string wat, string imports, string steps, string expected)
        { AssertAnswer(wat, imports, steps, "{'ok':{'steps':[" + expected + "]}}"); }

        private void AssertAnswer(string wat, string imports, string steps, string expected, string more = "")
        { Shared.AssertJson(Answer(wat, imports, steps, more), expected); }

        private JObject Answer(string wat, string imports, string steps, string more = "")
        {
            Operations module = Keep(new Operations(Wat.Bytes("(module)")));
            JObject given = JObject.Parse("{'imports':[" + imports + "],'steps':[" + steps + "]" + more + "}");
            given.Add("wasm", Shared.Hex(Wat.Bytes(wat)));
            return module.Run("raw_imports", given);
        }
    }
}
