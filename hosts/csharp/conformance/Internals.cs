using System.Runtime.CompilerServices;

// The conformance programs and the tests also use what the wrapper, the example and the adapter keep to themselves.
[assembly:InternalsVisibleTo("adapter")]
[assembly:InternalsVisibleTo("bench")]
[assembly:InternalsVisibleTo("tests")]
