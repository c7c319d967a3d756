using System.Runtime.CompilerServices;

// The adapter's raw operation and the tests look beneath the wrappers. Leave this file out of your own project.
[assembly:InternalsVisibleTo("adapter")]
[assembly:InternalsVisibleTo("tests")]
