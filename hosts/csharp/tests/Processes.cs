using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using NUnit.Framework;

namespace EveryhostTests
{
    /// <summary>Our programs, started as a user or the runner starts them, on the runtime that these tests run on.</summary>
    internal static class Processes
    {
        private const int TimeoutMilliseconds = 120000;

        /// <summary>The program that runs a .NET assembly here.</summary>
        internal static string Runtime =>
            Type.GetType("Mono.Runtime") != null ? "mono" : Path.Combine(Shared.Bin, "dotnet/dotnet");

        internal static Process Start(string program, params string[] arguments)
        {
            string assembly = Path.Combine(Shared.Bin, program + ".dll");
            ProcessStartInfo start = new ProcessStartInfo {
                FileName = Runtime,
                Arguments = string.Join(" ", new[] { assembly }.Concat(arguments).Select(Quoted)),
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
            };
            return Process.Start(start);
        }

        /// <summary>Runs a program to its end.</summary>
        internal static Ended Run(string program, byte[] input, params string[] arguments)
        {
            using (Process process = Start(program, arguments))
            {
                Task<string> output = process.StandardOutput.ReadToEndAsync();
                Task<string> errors = process.StandardError.ReadToEndAsync();
                try
                {
                    process.StandardInput.BaseStream.Write(input, 0, input.Length);
                    process.StandardInput.Close();
                }
                catch (IOException)
                {
                    // It ended before it had read everything; its exit code and its words are looked at.
                }
                if (!process.WaitForExit(TimeoutMilliseconds))
                {
                    process.Kill();
                    Assert.Fail(program + " did not end");
                }
                return new Ended { ExitCode = process.ExitCode, Output = output.Result, Errors = errors.Result };
            }
        }

        private static string Quoted(string argument)
        {
            return "\"" + argument.Replace("\"", "\\\"") + "\"";
        }

        internal sealed class Ended
        {
            internal int ExitCode;
            internal string Output;
            internal string Errors;
        }
    }
}
