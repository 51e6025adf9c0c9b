package dev.skald.runtime;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.attention.Ops;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Describes this JVM and machine, and what would make Skald faster. Nothing reported here is required.
 *
 * <pre>{@code
 * System.out.print(Diagnostics.report().text());
 * }</pre>
 *
 * @param java version and vendor, such as {@code 25.0.3+9-LTS (Eclipse Adoptium)}
 * @param system the operating system and its architecture
 * @param processor the processor's name where Linux tells it, or else its architecture
 * @param processors how many this process may use
 * @param memoryBytes the memory this process may use: the machine's, or its container's
 * @param heapBytes the largest Java heap; weights stand outside it
 * @param kernels what computes, the fastest first, such as {@code machine code, AVX2; Vector API, 256 bits}; and why there is no
 *     machine code, where there is none
 * @param vectorBits the width of the vectors; 0 on plain Java kernels
 * @param flags what Skald gains from flags of the JVM, and whether they are set
 * @see Model#diagnostics()
 */
public record Diagnostics(
        String java,
        String system,
        String processor,
        int processors,
        long memoryBytes,
        long heapBytes,
        String kernels,
        int vectorBits,
        List<Flag> flags) {
    private static final String VECTOR_FLAG = "--add-modules=jdk.incubator.vector";
    private static final String HUGE_PAGES_FLAG = "-XX:+UseTransparentHugePages";
    private static final String HALF_PRECISION_FLAG = "-XX:ObjectAlignmentInBytes=64 -XX:LoopUnrollLimit=100";
    private static final String PROCESSOR_KEY = "model name";

    /** Whether a flag is set. */
    public enum State {
        /** It is set. */
        SET,
        /** It is not set, and would help. */
        MISSING,
        /** This JVM or system does not have it. */
        UNAVAILABLE
    }

    /**
     * A flag of the JVM that makes Skald faster.
     *
     * @param flag as it is written on the command line
     * @param state whether it is set
     * @param gain what the flag improves
     */
    public record Flag(String flag, State state, String gain) {}

    /** The list of flags is copied. */
    public Diagnostics {
        flags = List.copyOf(flags);
    }

    /**
     * Inspects this JVM and machine.
     *
     * @return the report
     */
    public static Diagnostics report() {
        return new Diagnostics(
                Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                Memory.total(),
                Runtime.getRuntime().maxMemory(),
                kernelsHere(),
                Ops.vectorBits(),
                List.of(vectors(), nativeAccess(), hugePages(), halfPrecision()));
    }

    /**
     * Lists where machine-code kernels are in this process, to explain an address in the JVM's crash report (hs_err).
     * Call it when the models are open and keep the answer, because addresses differ in each process.
     *
     * @return one line for each kernel: the address of its first byte, the address after its last byte, and what it
     *     does; empty without machine code
     */
    public static String kernelMap() {
        return KernelKind.addresses().stream().map(code -> code + "\n").collect(Collectors.joining());
    }

    /**
     * Returns what would make Skald faster.
     *
     * @return one sentence for each missing flag; empty if none is missing
     */
    public List<String> remedies() {
        return flags.stream()
                .filter(flag -> flag.state() == State.MISSING)
                .map(flag -> "Start the JVM with " + flag.flag() + ": " + flag.gain() + ".")
                .toList();
    }

    /**
     * Formats the whole report for people.
     *
     * @return lines, each ended by a line feed
     */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(line("java", java));
        lines.add(line("system", system));
        lines.add(line("processor", processor + ", " + processors + " of it for this process"));
        lines.add(line("memory", size(memoryBytes) + ", Java heap at most " + size(heapBytes)));
        lines.add(line("kernels", kernels));
        for (Flag flag : flags) {
            lines.add(line("flag", flag.flag() + " is " + flag.state().name().toLowerCase(Locale.ROOT)));
        }
        remedies().forEach(remedy -> lines.add(line("faster", remedy)));
        return String.join("", lines);
    }

    /**
     * Returns the same text as {@link #text()}.
     *
     * @return lines, each ended by a line feed
     */
    @Override
    public String toString() {
        return text();
    }

    static String line(String name, String value) {
        return "%-11s %s\n".formatted(name, value);
    }

    static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%,d bytes", bytes)
                : String.format(Locale.ROOT, "%,.1f MiB", bytes / 0x1p20);
    }

    private static Flag vectors() {
        KernelKind vectors = KernelKind.VECTOR_API;
        State state =
                vectors.available() ? State.SET : vectors.remedy().isPresent() ? State.MISSING : State.UNAVAILABLE;
        return new Flag(
                vectors.remedy().orElse(VECTOR_FLAG),
                state,
                "vector kernels compute several times faster than plain Java ones");
    }

    private static String kernelsHere() {
        KernelKind machine = KernelKind.MACHINE_CODE;
        // That the module is missing is said by its flag.
        String loops = KernelKind.VECTOR_API
                .refusal()
                .filter(why -> !KernelKind.VECTOR_API.remedy().equals(Optional.of(VECTOR_FLAG)))
                .map(why -> Ops.description() + ", no vectors: " + why)
                .orElseGet(Ops::description);
        return machine.refusal()
                .map(why -> loops + "; no machine code: " + why)
                .orElseGet(() -> machine.description() + "; " + loops);
    }

    /** What machine code needs. Where something else is missing too, the flag alone would not help. */
    private static Flag nativeAccess() {
        KernelKind machine = KernelKind.MACHINE_CODE;
        Module module = KernelKind.class.getModule();
        State state =
                machine.available() ? State.SET : machine.remedy().isPresent() ? State.MISSING : State.UNAVAILABLE;
        return new Flag(
                "--enable-native-access=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED"),
                state,
                "products by machine code, which is faster than vector kernels are, from the first token on");
    }

    private static Flag hugePages() {
        State state = vmOption("UseTransparentHugePages")
                .map(value -> value.equals("true") ? State.SET : State.MISSING)
                .orElse(State.UNAVAILABLE);
        boolean forbidden = firstLine("/sys/kernel/mm/transparent_hugepage/enabled")
                .map(modes -> modes.contains("[never]"))
                .orElse(true);
        return new Flag(
                HUGE_PAGES_FLAG,
                forbidden ? State.UNAVAILABLE : state,
                "arrays on huge pages take 5 to 10 % less time where memory is the limit");
    }

    /** What C2 needs for vectors in half precision, where the processor has them; see {@code HalfTile}. */
    static Flag halfPrecision() {
        boolean able = Ops.vectorBits() >= 512
                && processorLine("flags")
                        .map(flags -> flags.contains("avx512_fp16"))
                        .orElse(false);
        boolean aligned = vmOption("ObjectAlignmentInBytes").map("64"::equals).orElse(false);
        boolean unrolled = vmOption("LoopUnrollLimit")
                .map(limit -> Integer.parseInt(limit) >= 100)
                .orElse(false);
        return new Flag(
                HALF_PRECISION_FLAG,
                !able ? State.UNAVAILABLE : aligned && unrolled ? State.SET : State.MISSING,
                "long prompts take a third less time, in half precision");
    }

    /** The value of a flag of the JVM, if it has one of that name and can be asked. */
    private static Optional<String> vmOption(String name) {
        try {
            HotSpotDiagnosticMXBean hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return hotSpot == null
                    ? Optional.empty()
                    : Optional.of(hotSpot.getVMOption(name).getValue());
        } catch (IllegalArgumentException noSuchFlag) {
            return Optional.empty();
        }
    }

    private static String processorName() {
        return processorLine(PROCESSOR_KEY).orElseGet(() -> System.getProperty("os.arch"));
    }

    /** What Linux says of the first processor. */
    private static Optional<String> processorLine(String key) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException | UncheckedIOException elsewhere) {
            return Optional.empty();
        }
    }

    private static Optional<String> firstLine(String file) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.findFirst();
        } catch (IOException | UncheckedIOException elsewhere) {
            return Optional.empty();
        }
    }
}
