using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace EveryhostTests
{
    /// <summary>Our programs, started as a user or the runner starts them, on the runtime that these tests run on.</summary>
    internal static class Processes
    {
        private static string Runtime =>
            Type.GetType("Mono.Runtime") != null ? "mono" : Path.Combine(Shared.Bin, "dotnet/dotnet");

        /// <summary>Runs a program to its end.</summary>
        internal static Ended Run(string program, params string[] arguments)
        {
            string[] words = new[] { Path.Combine(Shared.Bin, program + ".dll") }.Concat(arguments).ToArray();
            ProcessStartInfo start = new ProcessStartInfo {
                FileName = Runtime,
                Arguments = string.Join(" ", words.Select(word => "\"" + word + "\"")),
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
            };
            using (Process process = Process.Start(start))
            {
                Task<string> output = process.StandardOutput.ReadToEndAsync();
                Task<string> errors = process.StandardError.ReadToEndAsync();
                process.WaitForExit();
                return new Ended { ExitCode = process.ExitCode, Output = output.Result, Errors = errors.Result };
            }
        }

        internal sealed class Ended
        {
            internal int ExitCode;
            internal string Output;
            internal string Errors;
        }
    }
}
