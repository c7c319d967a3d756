using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using NUnit.Framework;

namespace EveryhostTests
{
    /// <summary>
    /// Runs these NUnit tests where NUnit's own runner cannot: the one in Debian needs what only Mono and the old .NET
    /// Framework have. It knows as much of NUnit as the tests here use: Test, TestCase, SetUp and TearDown.
    /// </summary>
    internal static class Program
    {
        /// <summary>tests [--expect COUNT] [NAME]: runs those whose full name begins with NAME.</summary>
        private static int Main(string[] args)
        {
            int expected = args.Length > 1 && args[0] == "--expect" ? int.Parse(args[1]) : -1;
            string name = args.Skip(expected < 0 ? 0 : 2).FirstOrDefault() ?? "";
            int passed = 0;
            int failed = 0;
            foreach (Type fixture in typeof(Program).Assembly.GetTypes().OrderBy(type => type.FullName))
            {
                foreach (MethodInfo method in fixture.GetMethods())
                {
                    foreach (object[] arguments in ArgumentsOf(method))
                    {
                        string test = fixture.FullName + "." + method.Name;
                        if (!test.StartsWith(name, StringComparison.Ordinal)) { continue; }
                        Exception failure = Run(fixture, method, arguments);
                        passed += failure == null ? 1 : 0;
                        failed += failure == null ? 0 : 1;
                        if (failure != null)
                        {
                            string shown = string.Join(", ", arguments.Select(argument => argument ?? "null"));
                            Console.WriteLine("FAILED " + test + "(" + shown + "): " + failure + "\n");
                        }
                    }
                }
            }
            Console.WriteLine(passed + " passed, " + failed + " failed");
            if (expected >= 0 && passed + failed != expected)
            {
                Console.WriteLine("but NUnit's own runner has found " + expected + " tests");
                return 1;
            }
            return failed == 0 && passed > 0 ? 0 : 1;
        }

        private static IEnumerable<object[]> ArgumentsOf(MethodInfo method)
        {
            foreach (TestCaseAttribute given in method.GetCustomAttributes(typeof(TestCaseAttribute), false))
            {
                yield return given.Arguments;
            }
            if (method.GetCustomAttributes(typeof(TestAttribute), false).Length > 0) { yield return new object[0]; }
        }

        private static Exception Run(Type fixture, MethodInfo method, object[] arguments)
        {
            object instance = Activator.CreateInstance(fixture);
            try
            {
                CallAll(instance, typeof(SetUpAttribute));
                method.Invoke(instance, arguments);
                CallAll(instance, typeof(TearDownAttribute));
                return null;
            }
            catch (TargetInvocationException error)
            {
                return error.InnerException;
            }
        }

        private static void CallAll(object instance, Type attribute)
        {
            foreach (MethodInfo method in instance.GetType().GetMethods().Where(
                         method => method.IsDefined(attribute, false)))
            {
                method.Invoke(instance, null);
            }
        }
    }
}
