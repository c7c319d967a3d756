using System.Runtime.CompilerServices;

// The adapter's raw operation, the bench program and the tests look beneath the wrappers. Leave this file out of your own project.
[assembly:InternalsVisibleTo("adapter")]
[assembly:InternalsVisibleTo("bench")]
[assembly:InternalsVisibleTo("tests")]
