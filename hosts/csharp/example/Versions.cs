using System;
using System.IO;
using System.Runtime.InteropServices;

namespace EveryhostExample
{
    /// <summary>What runs the modules.</summary>
    internal static class Versions
    {
        /// <summary>Such as "Mono 6.8.0.105", to which Mono itself adds where it was built.</summary>
        internal static string Runtime =>
            RuntimeInformation.FrameworkDescription.Split(new[] { " (" }, StringSplitOptions.None)[0];

        /// <summary>What setup.sh has installed: the C API has no function that says it.</summary>
        internal static string Wasmtime
        {
            get {
                string file = Path.Combine(AppContext.BaseDirectory, "libwasmtime.version");
                return File.Exists(file) ? File.ReadAllText(file).Trim() : "of an unknown version";
            }
        }
    }
}
