package dev.skald.cli;

import dev.skald.runtime.Diagnostics;
import dev.skald.runtime.Model;
import dev.skald.runtime.ModelDiagnostics;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code skald diagnose}: shows what Skald runs on, and what would make it faster. */
@Command(
        name = "diagnose",
        description = {
            "Show what Skald runs on here, and what would make it faster.",
            "",
            "With -m, also open a model and show how its weights, keys and values are stored, which paths"
                    + " approximate and, with --kernel-map, the machine code written for it.",
            ""
        })
final class Diagnose implements Callable<Integer>, Computes {
    private final Streams streams;

    @Mixin
    private ModelArguments model;

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    @Option(
            names = "--kernel-map",
            description = "With -m: also print the addresses of each machine-code kernel in this process.")
    private boolean kernelMap;

    Diagnose(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (!model.given()) {
            Diagnostics machine = Diagnostics.report();
            print(machine.text(), machine(machine));
            return 0;
        }
        try (Model opened = model.open()) {
            ModelDiagnostics diagnostics = opened.diagnostics();
            Map<String, Object> values = model(diagnostics);
            if (kernelMap) {
                values.put("kernel_map", Diagnostics.kernelMap().lines().toList());
            }
            print(diagnostics.text() + (kernelMap ? Diagnostics.kernelMap() : ""), values);
        }
        return 0;
    }

    private void print(String text, Map<String, Object> values) throws IOException {
        if (json) {
            Json.print(streams.out(), values);
        } else {
            text.lines().forEach(streams.out()::println);
        }
    }

    /** For JSON. */
    static Map<String, Object> machine(Diagnostics found) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("java", found.java());
        all.put("system", found.system());
        all.put("processor", found.processor());
        all.put("processors", found.processors());
        all.put("memory_bytes", found.memoryBytes());
        all.put("heap_bytes", found.heapBytes());
        all.put("kernels", found.kernels());
        all.put("vector_bits", found.vectorBits());
        all.put("flags", found.flags().stream().map(Diagnose::flag).toList());
        all.put("remedies", found.remedies());
        return all;
    }

    private static Map<String, Object> flag(Diagnostics.Flag flag) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("flag", flag.flag());
        one.put("state", flag.state());
        one.put("gain", flag.gain());
        return one;
    }

    private static Map<String, Object> model(ModelDiagnostics found) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("machine", machine(found.machine()));
        all.put("file", found.file().toString());
        all.put("architecture", found.architecture());
        all.put("threads", found.threads());
        all.put("batch_size", found.batchSize());
        all.put("products", found.kernels());
        all.put("weights", found.weights().name());
        all.put("packed_bytes", found.packedBytes());
        all.put("kv_cache", found.kvCache());
        all.put("prefix_budget_bytes", found.prefixBudget());
        all.put("prefix_bytes", found.prefixBytes());
        all.put("exact", found.exact());
        all.put("approximations", found.approximations());
        all.put("opening_s", found.opening().total().toNanos() * 1e-9);
        all.put("opening_vocabulary_s", found.opening().vocabulary().toNanos() * 1e-9);
        all.put("opening_warm_up_s", found.opening().warmUp().toNanos() * 1e-9);
        all.put("opening_weights_s", found.opening().weights().toNanos() * 1e-9);
        return all;
    }
}
