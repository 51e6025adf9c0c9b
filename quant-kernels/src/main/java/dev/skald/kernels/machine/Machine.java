package dev.skald.kernels.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Determines whether this JVM can use machine code. The answer is computed at the first request, and does not change.
 */
public final class Machine {
    private static final Machine HERE = look();

    private final CodeMemory memory;
    private final WeightMemory weights;
    private final Map<Rounding, MachineKernels> kernels;
    private final String refusal;
    private final String remedy;

    private Machine(
            CodeMemory memory,
            WeightMemory weights,
            Map<Rounding, MachineKernels> kernels,
            String refusal,
            String remedy) {
        this.memory = memory;
        this.weights = weights;
        this.kernels = kernels;
        this.refusal = refusal;
        this.remedy = remedy;
    }

    /** The kernels, if machine code can be used. */
    public static Optional<MachineKernels> kernels() {
        return kernels(Rounding.BITS_16);
    }

    /** Returns the kernels that round activations in this way; for weights that need it, they round more finely. */
    public static Optional<MachineKernels> kernels(Rounding rounding) {
        return Optional.ofNullable(HERE.kernels.get(rounding));
    }

    /**
     * Allocates memory for weights that is freed with an arena, in large pages if there are any. Needs machine code.
     */
    public static SegmentAllocator weightMemory(Arena arena) {
        return HERE.weights.in(arena);
    }

    /** Returns all code so far, the oldest first. */
    public static List<KernelAddress> code() {
        return HERE.memory == null ? List.of() : HERE.memory.installed();
    }

    /** Returns why machine code cannot be used, for people; empty if it can. */
    public static Optional<String> refusal() {
        return Optional.ofNullable(HERE.refusal);
    }

    /** Returns the JVM flag that would allow machine code; empty if there is none. */
    public static Optional<String> remedy() {
        return Optional.ofNullable(HERE.remedy);
    }

    private static Machine look() {
        if (!Abi.known()) {
            return refused("kernels of machine code are written for Linux on x86-64 only");
        }
        Module module = Machine.class.getModule();
        if (!module.isNativeAccessEnabled()) {
            String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
            return new Machine(null, null, Map.of(), "native access is not enabled", "--enable-native-access=" + name);
        }
        try {
            CodeMemory memory = new CodeMemory();
            List<Isa> isas = Isa.of(Cpu.features(memory.install("what the processor can do", Cpu.code())));
            if (isas.isEmpty()) {
                return refused("the processor has no AVX2, FMA and F16C");
            }
            Map<Rounding, MachineKernels> kernels = new EnumMap<>(Rounding.class);
            for (Rounding rounding : Rounding.values()) {
                kernels.put(rounding, new MachineKernels(isas.get(0), rounding, memory::install));
            }
            return new Machine(memory, new WeightMemory(), kernels, null, null);
        } catch (IllegalStateException | IllegalCallerException | UnsupportedOperationException e) {
            return refused(e.getMessage());
        }
    }

    private static Machine refused(String why) {
        return new Machine(null, null, Map.of(), why, null);
    }
}
