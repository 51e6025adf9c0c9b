package dev.skald.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** A standalone cluster on this machine: a master and workers, each a process, with the class path of this one. */
final class Cluster implements AutoCloseable {
    private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

    private final Path folder;
    private final int port;
    private final List<Process> processes = new ArrayList<>();

    Cluster(Path folder, int workers) throws IOException, InterruptedException {
        this.folder = folder;
        Path jars = Files.createDirectories(folder.resolve("jars"));
        for (String entry : entries()) {
            Path file = Path.of(entry);
            if (Files.isRegularFile(file)) {
                Files.createSymbolicLink(jars.resolve(file.getFileName()), file);
            }
        }
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        start("master", "org.apache.spark.deploy.master.Master", "--port", Integer.toString(port));
        awaitMaster();
        for (int i = 0; i < workers; i++) {
            start(
                    "worker" + i,
                    "org.apache.spark.deploy.worker.Worker",
                    "--cores",
                    "1",
                    "--memory",
                    "1G",
                    "--work-dir",
                    folder.resolve("work" + i).toString(),
                    url());
        }
    }

    String url() {
        return "spark://127.0.0.1:" + port;
    }

    SparkSession connect() {
        List<String> folders = entries().stream()
                .filter(entry -> new File(entry).isDirectory())
                .toList();
        return SparkSession.builder()
                .master(url())
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.executor.memory", "512m")
                .config("spark.executor.cores", 1)
                .config("spark.executor.extraClassPath", String.join(File.pathSeparator, folders))
                .getOrCreate();
    }

    /** Ends an executor as the kernel would, short of memory. */
    boolean killAnExecutor() {
        return executors().findFirst().map(ProcessHandle::destroyForcibly).orElse(false);
    }

    private Stream<ProcessHandle> executors() {
        return processes.stream()
                .flatMap(process -> process.toHandle().descendants())
                .filter(process -> process.info().commandLine().orElse("").contains(EXECUTOR)
                        || arguments(process).contains(EXECUTOR));
    }

    /** A long command line is missing from {@code info()}. */
    private static String arguments(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    private void start(String name, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(List.of(System.getProperty("skald.spark.opens").strip().split("\\s+")));
        command.addAll(List.of("-cp", folder.resolve("jars") + "/*", main, "--host", "127.0.0.1", "--webui-port", "0"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("SPARK_HOME", folder.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        processes.add(builder.start());
    }

    private void awaitMaster() throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            if (!processes.getFirst().isAlive()) {
                break;
            }
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IOException("the master did not start:\n" + Files.readString(folder.resolve("master.log")));
    }

    private static List<String> entries() {
        return List.of(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes.reversed()) {
            List<ProcessHandle> below = process.descendants().toList();
            process.destroyForcibly();
            below.forEach(ProcessHandle::destroyForcibly);
        }
        // JUnit would warn about each link.
        try (Stream<Path> links = Files.list(folder.resolve("jars"))) {
            for (Path link : links.toList()) {
                Files.delete(link);
            }
        }
    }
}
