using System.Linq;
using EveryhostAdapter;
using EveryhostSigner;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using static EveryhostTests.Shared;

namespace EveryhostTests
{
    /// <summary>
    /// The raw operations on little modules, where every bit of every type can be seen. JSON is written with ' for ".
    /// </summary>
    [TestFixture]
    public class RawStepsTests
    {
        [TestCase("{'i32':0}")]
        [TestCase("{'i32':-1}")]
        [TestCase("{'i32':-2147483648}")]
        [TestCase("{'i32':2147483647}")]
        [TestCase("{'i64':'-1'}")]
        [TestCase("{'i64':'9223372036854775807'}")]
        [TestCase("{'i64':'-9223372036854775808'}")]
        [TestCase("{'f32':'3f800000'}")]
        [TestCase("{'f32':'80000000'}")]
        [TestCase("{'f32':'7fa00001'}")] // a signalling NaN, which a trip through a double would change
        [TestCase("{'f32':'ffffffff'}")]
        [TestCase("{'f64':'3ff0000000000000'}")]
        [TestCase("{'f64':'8000000000000000'}")]
        [TestCase("{'f64':'7ff4000000000001'}")] // signalling too
        [TestCase("{'f64':'fff8000000000000'}")]
        public void AValueComesBackBitForBit(string value)
        {
            string kind = value.Substring(2, 3);
            string same = "(module (func (export \"same\") (param " + kind + ") (result " + kind + ") local.get 0))";
            Assert.That(Run(same, "[{'do':'call','export':'same','args':[" + value + "]}]"),
                Is.EqualTo("[{'ok':{'results':[" + value + "]}}]"));
        }

        [Test]
        public void SeveralResultsKeepTheirOrderAndTypes()
        {
            const string Swap = @"(module (func (export ""swap"") (param f32 i32 f64 i64) (result i64 f64 i32 f32)
                local.get 3 local.get 2 local.get 1 local.get 0))";
            Assert.That(Run(Swap, "[{'do':'call','export':'swap','args':" +
                                      "[{'f32':'7fa00001'},{'i32':-5},{'f64':'7ff4000000000001'},{'i64':'-6'}]}]"),
                Is.EqualTo("[{'ok':{'results':" +
                           "[{'i64':'-6'},{'f64':'7ff4000000000001'},{'i32':-5},{'f32':'7fa00001'}]}}]"));
        }

        [Test]
        public void ATrapIsTheLastAnswer()
        {
            const string Module =
                "(module (memory (export \"memory\") 3) (func (export \"boom\") unreachable) (func (export \"fine\")))";
            Assert.That(
                Run(Module,
                    "[{'do':'call','export':'fine'},{'do':'pages'},{'do':'call','export':'boom'},{'do':'pages'}]"),
                Is.EqualTo("[{'ok':{'results':[]}},{'ok':{'pages':3}},{'trap':true,'detail':'…'}]"));
        }

        [Test]
        public void ANamedResultIsAPointerWithAnOffsetModulo2To32()
        {
            const string Module = @"(module (memory (export ""memory"") 1)
                (func (export ""low"") (result i32) i32.const 16) (func (export ""high"") (result i32) i32.const -8)
                (func (export ""same"") (param i32) (result i32) local.get 0))";
            Assert.That(Run(Module, @"[{'do':'call','export':'low','as':'low'},
                    {'do':'write','ptr':{'var':'low','plus':4},'bytes':{'repeat':'ab','times':3}},
                    {'do':'read','ptr':{'i32':16},'len':8},
                    {'do':'call','export':'high','as':'high'},
                    {'do':'call','export':'same','args':[{'var':'high','plus':24}]},
                    {'do':'read','ptr':{'var':'high','plus':28},'len':3},
                    {'do':'call','export':'same','args':[{'var':'low','plus':-20}]},
                    {'do':'read','ptr':{'var':'high'},'len':1}]"),
                Is.EqualTo(
                    "[{'ok':{'results':[{'i32':16}]}},{'ok':{}},{'ok':{'bytes':'00000000ababab00'}}," +
                    "{'ok':{'results':[{'i32':-8}]}},{'ok':{'results':[{'i32':16}]}},{'ok':{'bytes':'ababab'}}," +
                    "{'ok':{'results':[{'i32':-4}]}},{'error':'OUT_OF_BOUNDS'}]"));
        }

        [Test]
        public void OutOfBoundsWritesNothing()
        {
            Assert.That(
                Run("(module (memory (export \"memory\") 1))", @"[{'do':'write','ptr':{'i32':65533},'bytes':'01020304'},
                    {'do':'read','ptr':{'i32':65532},'len':4},
                    {'do':'read','ptr':{'i32':65533},'len':4},
                    {'do':'read','ptr':{'i32':65536},'len':0},
                    {'do':'read','ptr':{'i32':-1},'len':0},
                    {'do':'read','ptr':{'i32':0},'len':2147483647},
                    {'do':'read','ptr':{'i32':0},'len':4294967295},
                    {'do':'read','ptr':{'i32':-1},'len':4294967295},
                    {'do':'write','ptr':{'i32':65537},'bytes':''}]"),
                Is.EqualTo("[{'error':'OUT_OF_BOUNDS'},{'ok':{'bytes':'00000000'}},{'error':'OUT_OF_BOUNDS'}," +
                           "{'ok':{'bytes':''}},{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'}," +
                           "{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'}]"));
        }

        [TestCase("(memory (export \"z\") 1)")]
        [TestCase("(func (export \"memory\")) (memory (export \"mem\") 1)")]
        [TestCase("(memory (export \"z\") 1) (memory (export \"a\") 2)")]
        [TestCase("(memory (export \"a\") 2) (memory (export \"memory\") 1)")]
        public void MemoryIsTheExportOfThatNameOrElseTheFirstOne(string fields)
        {
            Assert.That(Run("(module " + fields + ")", @"[{'do':'pages'},
                    {'do':'write','ptr':{'i32':65535},'bytes':'07'},
                    {'do':'read','ptr':{'i32':65535},'len':1}]"),
                Is.EqualTo("[{'ok':{'pages':1}},{'ok':{}},{'ok':{'bytes':'07'}}]"));
        }

        [TestCase("(module)")]
        [TestCase("(module (memory 1) (func (export \"memory\")))")]
        public void WithoutAMemoryItIsEmpty(string module)
        {
            Assert.That(Run(module, @"[{'do':'pages'},{'do':'read','ptr':{'i32':0},'len':0},
                    {'do':'write','ptr':{'i32':0},'bytes':''},{'do':'read','ptr':{'i32':0},'len':1},
                    {'do':'read','ptr':{'i32':1},'len':0}]"),
                Is.EqualTo("[{'ok':{'pages':0}},{'ok':{'bytes':''}},{'ok':{}},{'error':'OUT_OF_BOUNDS'}," +
                           "{'error':'OUT_OF_BOUNDS'}]"));
        }

        [Test]
        public void AMemoryMayHave65536Pages()
        {
            Assert.That(Run("(module (memory (export \"memory\") 65536))", @"[{'do':'pages'},
                    {'do':'write','ptr':{'i32':-1},'bytes':'07'},{'do':'read','ptr':{'i32':-2},'len':2},
                    {'do':'read','ptr':{'i32':-1},'len':2},{'do':'read','ptr':{'i32':-1},'len':4294967295}]"),
                Is.EqualTo("[{'ok':{'pages':65536}},{'ok':{}},{'ok':{'bytes':'0007'}},{'error':'OUT_OF_BOUNDS'}," +
                           "{'error':'OUT_OF_BOUNDS'}]"));
        }

        [Test]
        public void A64BitAddressIsForAMemoryThatHasThem()
        {
            const string Steps = @"[{'do':'write','ptr':{'i64':'65535'},'bytes':'07'},
                {'do':'read','ptr':{'i32':65535},'len':1},{'do':'read','ptr':{'i64':'-1'},'len':2},
                {'do':'read','ptr':{'i64':'4294967296'},'len':0}]";
            Assert.That(Run("(module (memory (export \"memory\") i64 1))", Steps),
                Is.EqualTo("[{'ok':{}},{'ok':{'bytes':'07'}},{'error':'OUT_OF_BOUNDS'},{'error':'OUT_OF_BOUNDS'}]"));
            Assert.That(Run("(module (memory (export \"memory\") 1))", Steps),
                Is.EqualTo("[{'error':'TYPE_MISMATCH','detail':'…'},{'ok':{'bytes':'00'}}," +
                           "{'error':'TYPE_MISMATCH','detail':'…'},{'error':'TYPE_MISMATCH','detail':'…'}]"));
        }

        [TestCase("\0")]
        [TestCase("")]
        [TestCase("\ufeff")]
        [TestCase("a\0b")]
        [TestCase("a")]
        [TestCase("\"\\\n")]
        [TestCase("\ud83d\ude00")]
        [TestCase("__proto__")]
        public void AnExportHasAnyName(string name)
        {
            string[] names = { "", "\0", "\ufeff", "a", "a\0b", "a\0", "__proto__", "\"\\\n", "\ud83d\ude00" };
            string functions = string.Concat(names.Select(
                other => "(func (export \"" + string.Concat(Utf8(other).Select(one => "\\" + Hex(new[] { one }))) +
                         "\") (result i32) i32.const " + (other == name ? 1 : 0) + ")"));
            using (Operations operations = new Operations(Wat.Bytes("(module " + functions + ")")))
            {
                JObject step = new JObject { { "do", "call" }, { "export", name } };
                JObject answer = operations.Run("raw", new JObject { { "steps", new JArray(step) } });
                Assert.That(Written(answer), Is.EqualTo("{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}}]}}"));
            }
        }

        [TestCase("'one'")]
        [TestCase("'one','args':[]")]
        [TestCase("'one','args':[{'i32':1},{'i32':1}]")]
        [TestCase("'one','args':[{'i64':'1'}]")]
        [TestCase("'one','args':[{'f32':'00000000'}]")]
        [TestCase("'float','args':[{'f64':'0000000000000000'}]")]
        [TestCase("'one','args':[{'i32':1}],'as':'none'")]
        [TestCase("'long','as':'none'")]
        [TestCase("'vector'")]
        [TestCase("'takes vector','args':[{'i32':1}]")]
        [TestCase("'reference'")]
        [TestCase("'takes reference','args':[{'i32':1}]")]
        public void WhatTheTypesDoNotFitIsNotCalledAndTheNextStepIsDone(string call)
        {
            const string Module = @"(module (func (export ""one"") (param i32) unreachable)
                (func (export ""float"") (param f32) unreachable)
                (func (export ""long"") (result i64) unreachable)
                (func (export ""vector"") (result v128) unreachable)
                (func (export ""takes vector"") (param v128) unreachable)
                (func (export ""reference"") (result externref) unreachable)
                (func (export ""takes reference"") (param funcref) unreachable))";
            Assert.That(Run(Module, "[{'do':'call','export':" + call + "},{'do':'pages'}]"),
                Is.EqualTo("[{'error':'TYPE_MISMATCH','detail':'…'},{'ok':{'pages':0}}]"));
        }

        [Test]
        public void WhatIsNoExportedFunctionIsNoExport()
        {
            Assert.That(Run("(module (memory (export \"memory\") 1))",
                            "[{'do':'call','export':'memory'},{'do':'call','export':'nothing'}]"),
                Is.EqualTo("[{'error':'NO_EXPORT'},{'error':'NO_EXPORT'}]"));
        }

        [TestCase("{'do':'fly'}", "no such step: fly")]
        [TestCase("{'do':'call','export':'one','args':[{'i32':4294967296}]}", "i32 must be an integer from")]
        [TestCase("{'do':'call','export':'one','args':[{'i32':1.5}]}", "i32 must be an integer from")]
        [TestCase("{'do':'call','export':'one','args':[{'f32':'0'}]}", "a float is its bits")]
        [TestCase("{'do':'call','export':'one','args':[{'var':'unknown'}]}", "a name that no earlier call gave")]
        [TestCase("{'do':'call','export':'one','args':[{'v128':'00'}]}", "not a value")]
        [TestCase("{'do':'read','ptr':{'i32':0},'len':-1}", "len must be an integer from")]
        [TestCase("{'do':'read','ptr':{'i32':0},'len':4294967296}", "len must be an integer from")]
        [TestCase("1", "a step is an object")]
        public void AStepThatNoHostCouldDoIsSaid(string step, string why)
        {
            using (Operations operations = new Operations(Wat.Bytes("(module (func (export \"one\") (param i32)))")))
            {
                RequestException error =
                    Assert.Throws<RequestException>(() => operations.Run("raw", Parse("{'steps':[" + step + "]}")));
                Assert.That(error.Message, Contains.Substring(why));
            }
        }

        [Test]
        public void EachRunHasAnInstanceOfItsOwn()
        {
            using (Operations counter = new Operations(Wat.Bytes(@"(module (global $n (mut i32) (i32.const 0))
                (func (export ""next"") (result i32)
                    (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))")))
            {
                for (int n = 0; n < 2; n++)
                {
                    Assert.That(Answer(counter, "raw",
                                    "{'steps':[{'do':'call','export':'next'},{'do':'call','export':'next'}]}"),
                        Is.EqualTo("{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}},{'ok':{'results':[{'i32':2}]}}]}}"));
                }
            }
        }

        [TestCase("(func $s unreachable) (start $s)", "unreachable")]
        [TestCase("(func $s (call $s)) (start $s)", "stack overflow")]
        [TestCase("(memory 1) (data (i32.const 65530) \"1234567\")", "out of bounds")]
        [TestCase("(table 4000000000 funcref)", "")]
        [TestCase("(memory 1 1 shared)", "shared memory")]
        public void AModuleOfWhichThereIsNoInstance(string fields, string why)
        {
            byte[] wasm = Wat.Bytes("(module " + fields + ")");
            using (Operations module = new Operations(wasm))
            {
                foreach (string operation in new[] { "raw", "raw_memory_limit", "raw_deadline", "raw_module" })
                {
                    foreach (string steps in new[] { "", "{'do':'pages'}" })
                    {
                        JObject answer = module.Run(operation, Parse("{'max_pages':65536,'deadline_ms':30000,'wasm':'" +
                                                                     Hex(wasm) + "','steps':[" + steps + "]}"));
                        Assert.That((string)answer["error"], Is.EqualTo("NO_INSTANCE"), operation);
                        Assert.That((string)answer["detail"], Contains.Substring(why));
                        Assert.That(answer.Count, Is.EqualTo(2));
                    }
                }
            }
        }

        [Test]
        public void AMemoryLimitBelowWhatTheModuleBeginsWithLeavesNoInstance()
        {
            using (Operations module = new Operations(Wat.Bytes("(module (memory 2))")))
            {
                Assert.That((string)module.Run("raw_memory_limit", Parse("{'max_pages':1,'steps':[]}"))["error"],
                    Is.EqualTo("NO_INSTANCE"));
            }
        }

        [Test]
        public void AStackOverflowIsATrapThatSaysSo()
        {
            using (Operations module = new Operations(Wat.Bytes("(module (func $s (export \"s\") (call $s)))")))
            {
                JObject answer = module.Run("raw", Parse("{'steps':[{'do':'call','export':'s'}]}"));
                JToken step = answer["ok"]["steps"][0];
                Assert.That((bool)step["trap"]);
                Assert.That((string)step["detail"], Contains.Substring("stack overflow"));
            }
        }

        [Test]
        public void AMemoryLimitMakesGrowingFailAndNothingElse()
        {
            const string Module = @"(module (memory (export ""memory"") 1)
                (func (export ""grow"") (param i32) (result i32) local.get 0 memory.grow))";
            using (Operations operations = new Operations(Wat.Bytes(Module)))
            {
                const string Steps = @"'steps':[{'do':'call','export':'grow','args':[{'i32':3}]},
                    {'do':'call','export':'grow','args':[{'i32':1}]},{'do':'pages'},
                    {'do':'call','export':'grow','args':[{'i32':0}]}]}";
                Assert.That(Answer(operations, "raw_memory_limit", "{'max_pages':4," + Steps),
                    Is.EqualTo("{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}},{'ok':{'results':[{'i32':-1}]}}," +
                               "{'ok':{'pages':4}},{'ok':{'results':[{'i32':4}]}}]}}"));
                Assert.That(Answer(operations, "raw", "{" + Steps),
                    Is.EqualTo("{'ok':{'steps':[{'ok':{'results':[{'i32':1}]}},{'ok':{'results':[{'i32':4}]}}," +
                               "{'ok':{'pages':5}},{'ok':{'results':[{'i32':5}]}}]}}"));
            }
        }

        [TestCase("(loop $on (br $on))")]
        [TestCase("(call $spin)")]
        public void ADeadlineCutsACallOff(string body)
        {
            string module = @"(module (func $spin (loop $on (br $on))) (func (export ""fine""))
                (func (export ""spin"") " +
                            body + "))";
            using (Operations operations = new Operations(Wat.Bytes(module)))
            {
                for (int n = 0; n < 2; n++)
                {
                    Assert.That(
                        Answer(operations, "raw_deadline", @"{'deadline_ms':100,'steps':[{'do':'call','export':'fine'},
                            {'do':'call','export':'spin'},{'do':'call','export':'fine'}]}"),
                        Is.EqualTo("{'ok':{'steps':[{'ok':{'results':[]}},{'error':'CUT_OFF'}]}}"));
                }
            }
        }

        [Test]
        public void EachCallHasTheWholeDeadlineAndATrapIsStillATrap()
        {
            const string Module = @"(module (func (export ""boom"") unreachable)
                (func (export ""work"") (local $n i32) (local.set $n (i32.const 30000000))
                    (loop $on (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))";
            using (Operations operations = new Operations(Wat.Bytes(Module)))
            {
                string steps = string.Join(",", Enumerable.Repeat("{'do':'call','export':'work'}", 8)) +
                               ",{'do':'call','export':'boom'}";
                JObject answer = operations.Run("raw_deadline", Parse("{'deadline_ms':20000,'steps':[" + steps + "]}"));
                JArray answers = (JArray)answer["ok"]["steps"];
                Assert.That(answers.Count, Is.EqualTo(9));
                Assert.That((bool)answers[8]["trap"]);
            }
        }

        [Test]
        public void AModuleCanComeWithTheRequest()
        {
            using (Operations any = new Operations(Wat.Bytes("(module)")))
            {
                string answer = Hex(Wat.Bytes("(module (func (export \"answer\") (result i32) i32.const 42))"));
                string import = Hex(Wat.Bytes("(module (import \"env\" \"now\" (func)))"));
                const string Steps = "','steps':[{'do':'call','export':'answer'}]}";
                Assert.That(Answer(any, "raw_module", "{'wasm':'" + answer + Steps),
                    Is.EqualTo("{'ok':{'steps':[{'ok':{'results':[{'i32':42}]}}]}}"));
                foreach (string wasm in new[] { "", "00", "0061736d01000000ff", import })
                {
                    JObject refused = any.Run("raw_module", Parse("{'wasm':'" + wasm + Steps));
                    Assert.That((string)refused["error"], Is.EqualTo("MODULE_REFUSED"));
                    Assert.That((string)refused["detail"], Is.Not.Empty);
                }
            }
        }

        [Test]
        public void AKeptViewSeesWhatWasStoredAfterGrowth()
        {
            using (Operations probe = new Operations(Wat.Bytes(@"(module (memory (export ""memory"") 1)
                (func (export ""grow"") (param i32) (result i32) local.get 0 memory.grow)
                (func (export ""store"") (param i32 i32) (i32.store (local.get 0) (local.get 1))))")))
            {
                Assert.That(probe.Names.Contains("kept_view"));
                Assert.That(
                    Answer(probe, "kept_view", "{'ptr':64,'value':-2}"), Is.EqualTo("{'ok':{'bytes':'feffffff'}}"));
            }
        }

        [Test]
        public void TheChaptersOwnStepsSign()
        {
            using (Operations signer = new Operations(System.IO.File.ReadAllBytes(ModulePath("signer-raw"))))
            {
                JObject answer = signer.Run("raw", Parse(@"{'steps':[
                    {'do':'call','export':'allocate_message','args':[{'i32':5}],'as':'message'},
                    {'do':'write','ptr':{'var':'message'},'bytes':'68656c6c6f'},
                    {'do':'call','export':'get_signing_key_ptr','as':'key'},
                    {'do':'write','ptr':{'var':'key'},'bytes':'" +
                                                         Hex(Keypair) + @"'},
                    {'do':'call','export':'sign'},
                    {'do':'call','export':'get_signature_ptr','as':'signature'},
                    {'do':'read','ptr':{'var':'signature'},'len':64}]}"));
                Assert.That((string)answer["ok"]["steps"][6]["ok"]["bytes"], Is.EqualTo(Hex(HelloSignature)));
            }
        }

        private static string Run(string module, string steps)
        {
            using (Operations operations = new Operations(Wat.Bytes(module)))
            {
                JObject answer = operations.Run("raw", Parse("{'steps':" + steps + "}"));
                return Written(answer["ok"]["steps"]);
            }
        }

        private static string Answer(Operations operations, string operation, string given)
        {
            return Written(operations.Run(operation, Parse(given)));
        }

        private static JObject Parse(string json)
        {
            return Wire.Parse(new System.ArraySegment<byte>(Utf8(json.Replace('\'', '"'))));
        }

        /// <summary>As text, with … for the words beside a trap or an error; there must be some.</summary>
        internal static string Written(JToken json)
        {
            foreach (JProperty detail in json.SelectTokens("$..detail")
                         .Select(words => (JProperty)words.Parent)
                         .ToList())
            {
                Assert.That((string)detail.Value, Is.Not.Empty);
                detail.Value = "…";
            }
            return json.ToString(Formatting.None).Replace('"', '\'');
        }
    }
}
