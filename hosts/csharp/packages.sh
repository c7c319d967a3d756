need mono-runtime command mono
need mono-mcs command mcs
need nunit-console command nunit-console
need libnewtonsoft-json5.0-cil file /usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll
need libnunit-framework2.6.3-cil file /usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll
need openssl command openssl
