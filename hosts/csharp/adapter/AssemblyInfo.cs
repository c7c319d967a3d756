using System.Runtime.CompilerServices;

[assembly:InternalsVisibleTo("bench")]
[assembly:InternalsVisibleTo("tests")]
