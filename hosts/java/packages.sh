need openjdk-17-jdk-headless command javac
need maven command mvn
