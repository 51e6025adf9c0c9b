import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Many clients at once against a server with OpenAI's API: how long they wait for the first token and between tokens, how many
 * tokens all get together, and whether the server is afterwards as it was before.
 *
 * <pre>
 * java benchmarks/Load.java [--clients 200] [--seconds 120] [--tokens 64] [--words 0] [--pid N] [--bench PP,TG]
 *     http://127.0.0.1:8080
 * </pre>
 *
 * <p>{@code --words} makes each prompt that long; by default prompts are mixed, from some words to some hundred. A client that
 * is refused with 429 waits as it is told, and asks again. When the time is over, clients wait for the answers that have begun;
 * only what came before that counts.
 *
 * <p>{@code --pid} names the server's process on this machine, whose threads, descriptors and memory are then shown before and
 * after. {@code --bench} takes two rates of {@code skald bench}, tokens of prompts and generated tokens per second, and prints the
 * time that both would need for the same work as a share of the time it took. The exit code is 1 if anything else than 429 went
 * wrong, or if threads or descriptors stayed.
 */
public class Load {
    private static final String[] WORDS = "Oslo er hovedstaden i Norge og byen ligger ved fjorden der elva renner ut".split(" ");
    private static final Pattern COMPLETION_TOKENS = Pattern.compile("\"completion_tokens\":(\\d+)");
    private static final Pattern PROMPT_TOKENS = Pattern.compile("\"prompt_tokens\":(\\d+)");
    private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-f]+)");
    private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-[0-9a-f]+ ");
    private static final Pattern CACHED_TOKENS = Pattern.compile("\"cached_tokens\":(\\d+)");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private int clients = 200;
    private int seconds = 120;
    private int tokens = 64;
    private int words;
    private long pid;
    private double[] bench = {};
    private String address;

    private final List<Double> firsts = new ArrayList<>();
    private final List<Double> gaps = new ArrayList<>();
    private final List<Integer> answersOfClients = new ArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private final DoubleAdder generated = new DoubleAdder();
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong cached = new AtomicLong();
    private final AtomicLong busy = new AtomicLong();
    private final Map<String, AtomicLong> failures = new ConcurrentHashMap<>();
    private long start;
    private long end;

    public static void main(String[] args) throws Exception {
        Load load = new Load();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--clients" -> load.clients = Integer.parseInt(args[++i]);
                case "--seconds" -> load.seconds = Integer.parseInt(args[++i]);
                case "--tokens" -> load.tokens = Integer.parseInt(args[++i]);
                case "--words" -> load.words = Integer.parseInt(args[++i]);
                case "--bench" -> load.bench = Stream.of(args[++i].split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
                case "--pid" -> load.pid = Long.parseLong(args[++i]);
                default -> load.address = args[i];
            }
        }
        if (load.address == null) {
            System.err.println("usage: java benchmarks/Load.java [--clients N] [--seconds N] [--tokens N] [--words N]"
                    + " [--pid N] [--bench PP,TG] http://HOST:PORT");
            System.exit(2);
        }
        System.exit(load.run() ? 0 : 1);
    }

    private boolean run() throws Exception {
        // The server warms up: what it keeps from then on is not a leak.
        ask(new Random(0), new Client());
        reset();
        Usage before = Usage.of(pid);
        start = System.nanoTime();
        end = start + seconds * 1_000_000_000L;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Random random = new Random(i);
            threads.add(Thread.ofVirtual().start(() -> client(random)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.printf(Locale.ROOT, "%d clients, %d s: %d answers, %.1f tokens/s, %d times 429%n",
                clients, seconds, answers.get(), generated.sum() / seconds, busy.get());
        System.out.printf(Locale.ROOT, "prompts: %d tokens read, %d more were in the cache%n", read.get(), cached.get());
        if (bench.length == 2) {
            double same = read.get() / bench[0] + generated.sum() / bench[1];
            System.out.printf(Locale.ROOT, "bench takes %.1f s for the same: %.0f %%%n", same, 100 * same / seconds);
        }
        System.out.println("| ms | p50 | p95 | p99 | most |");
        System.out.println("| --- | ---: | ---: | ---: | ---: |");
        print("to the first token", firsts);
        print("between tokens", gaps);
        int[] each = answersOfClients.stream().mapToInt(Integer::intValue).sorted().toArray();
        System.out.printf("answers of a client: least %d, half %d, most %d%n",
                each[0], each[each.length / 2], each[each.length - 1]);
        failures.forEach((what, count) -> System.out.println("FAILED " + count + " times: " + what));
        // Its connections end now, and not when they have been idle for long.
        http.close();
        return failures.isEmpty() & (pid == 0 || isAsBefore(before));
    }

    private void reset() {
        firsts.clear();
        gaps.clear();
        answers.set(0);
        generated.reset();
        read.set(0);
        cached.set(0);
    }

    private static void print(String what, List<Double> seconds) {
        double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return;
        }
        System.out.printf(Locale.ROOT, "| %s | %.1f | %.1f | %.1f | %.1f |%n", what, at(sorted, .5), at(sorted, .95),
                at(sorted, .99), at(sorted, 1));
    }

    private static double at(double[] sorted, double share) {
        return 1000 * sorted[Math.min(sorted.length - 1, (int) Math.ceil(share * sorted.length) - (share == 1 ? 1 : 0))];
    }

    /** What one client has seen. */
    private static final class Client {
        final List<Double> firsts = new ArrayList<>();
        final List<Double> gaps = new ArrayList<>();
        int answers;
    }

    private void client(Random random) {
        Client seen = new Client();
        while (System.nanoTime() < end) {
            try {
                ask(random, seen);
            } catch (IOException e) {
                fail(e.toString());
            } catch (InterruptedException e) {
                return;
            }
        }
        synchronized (this) {
            firsts.addAll(seen.firsts);
            gaps.addAll(seen.gaps);
            answersOfClients.add(seen.answers);
        }
    }

    private void fail(String what) {
        failures.computeIfAbsent(what, w -> new AtomicLong()).incrementAndGet();
    }

    private void ask(Random random, Client seen) throws IOException, InterruptedException {
        int length = words > 0 ? words : random.nextInt(10) == 0 ? 100 + random.nextInt(200) : 3 + random.nextInt(30);
        StringBuilder prompt = new StringBuilder();
        for (int i = 0; i < length; i++) {
            prompt.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        String body = "{\"prompt\": \"" + prompt + "\", \"max_tokens\": " + tokens + ", \"ignore_eos\": true, \"seed\": "
                + random.nextInt(1 << 30) + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/completions"))
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(300))
                .POST(BodyPublishers.ofString(body))
                .build();
        long asked = System.nanoTime();
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        if (response.statusCode() == 429) {
            response.body().close();
            busy.incrementAndGet();
            Thread.sleep(1000L * Integer.parseInt(response.headers().firstValue("Retry-After").orElse("1")));
            return;
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            read(lines, response.statusCode(), asked, seen);
        }
    }

    private void read(BufferedReader lines, int status, long asked, Client seen) throws IOException {
        long last = asked;
        int pieces = 0;
        int inTime = 0;
        boolean done = false;
        String usage = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (status != 200 || line.startsWith("data: {\"error\"")) {
                fail(status + " " + line);
                return;
            }
            if (line.startsWith("data: {")) {
                if (line.contains("\"usage\":{")) {
                    usage = line;
                }
                if (!line.contains("\"choices\":[]")) {
                    long now = System.nanoTime();
                    (pieces == 0 ? seen.firsts : seen.gaps).add((now - last) * 1e-9);
                    last = now;
                    pieces++;
                    inTime += now <= end ? 1 : 0;
                }
            }
            done |= line.equals("data: [DONE]");
        }
        int count = number(COMPLETION_TOKENS, usage);
        if (!done || count != tokens) {
            fail("an answer of " + count + " tokens, " + (done ? "whole" : "not whole"));
            return;
        }
        seen.answers++;
        answers.incrementAndGet();
        generated.add((double) count * inTime / pieces);
        if (inTime > 0) {
            int fromCache = number(CACHED_TOKENS, usage);
            cached.addAndGet(fromCache);
            read.addAndGet(number(PROMPT_TOKENS, usage) - fromCache);
        }
    }

    private static int number(Pattern pattern, String line) {
        Matcher found = pattern.matcher(line);
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    /** What a process has now, from Linux's /proc. */
    private record Usage(long threads, long descriptors, long residentKib, long heapKib) {
        static Usage of(long pid) throws IOException {
            if (pid == 0) {
                return null;
            }
            Path process = Path.of("/proc", Long.toString(pid));
            long[] values = new long[2];
            for (String line : Files.readAllLines(process.resolve("status"))) {
                if (line.startsWith("Threads:")) {
                    values[0] = Long.parseLong(line.replaceAll("\\D", ""));
                } else if (line.startsWith("VmRSS:")) {
                    values[1] = Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            try (Stream<Path> open = Files.list(process.resolve("fd"))) {
                return new Usage(values[0], open.count(), values[1], heapKib(pid));
            }
        }

        /** The part of a JVM's heap that is in memory; 0 if the process is no JVM. */
        private static long heapKib(long pid) throws IOException {
            Process asked = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                            Long.toString(pid),
                            "GC.heap_info")
                    .redirectErrorStream(true)
                    .start();
            LongSummaryStatistics heap = new LongSummaryStatistics();
            try (BufferedReader lines = asked.inputReader()) {
                lines.lines()
                        .flatMap(line -> ADDRESS.matcher(line).results())
                        .forEach(found -> heap.accept(Long.parseLong(found.group(1), 16)));
            }
            long sum = 0;
            boolean inHeap = false;
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"))) {
                Matcher mapping = MAPPING.matcher(line);
                if (mapping.find()) {
                    long from = Long.parseUnsignedLong(mapping.group(1), 16);
                    inHeap = from >= heap.getMin() && from < heap.getMax();
                } else if (inHeap && line.startsWith("Rss:")) {
                    sum += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            return sum;
        }

        @Override
        public String toString() {
            return threads + " threads, " + descriptors + " descriptors, " + (residentKib - heapKib) / 1024
                    + " MiB outside the heap, " + heapKib / 1024 + " MiB of heap";
        }
    }

    /** Idle threads and connections end after a minute. */
    private boolean isAsBefore(Usage before) throws IOException, InterruptedException {
        System.out.println("before: " + before);
        System.out.println("at the end: " + Usage.of(pid));
        Usage after = Usage.of(pid);
        for (int i = 0; i < 90 && (after.threads > before.threads || after.descriptors > before.descriptors); i++) {
            Thread.sleep(1000);
            after = Usage.of(pid);
        }
        System.out.println("after: " + after);
        boolean same = after.threads <= before.threads && after.descriptors <= before.descriptors;
        if (!same) {
            System.out.println("FAILED: threads or descriptors stayed");
        }
        return same;
    }
}
