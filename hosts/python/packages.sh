need "python3 python3-venv" command "${PYTHON:-python3}"
need openssl command openssl
