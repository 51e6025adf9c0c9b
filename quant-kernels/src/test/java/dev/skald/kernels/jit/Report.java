package dev.skald.kernels.jit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a child JVM printed: its own lines, among those of {@code -XX:+PrintCompilation}. */
record Report(List<String> refused, List<String> idle, Map<String, Integer> sizes, int done) {
    static final String REFUSED = "KERNEL-REFUSED ";
    static final String IDLE = "KERNEL-IDLE ";
    static final String SIZE = "KERNEL-SIZE ";
    static final String DONE = "KERNEL-DONE ";

    static Report of(List<String> lines) {
        Report report = new Report(new ArrayList<>(), new ArrayList<>(), new TreeMap<>(), -1);
        int done = -1;
        for (String line : lines) {
            // The compilers' threads print too, sometimes in the middle of a line.
            if (line.contains(REFUSED) || line.contains("dev.skald.kernels.") && isRefusal(line)) {
                report.refused.add(line);
            } else if (line.contains(IDLE)) {
                report.idle.add(line.substring(line.indexOf(IDLE) + IDLE.length()));
            } else if (line.contains(SIZE)) {
                String[] words =
                        line.substring(line.indexOf(SIZE) + SIZE.length()).split(" ");
                report.sizes.merge(words[0], Integer.parseInt(words[1]), Math::max);
            } else if (line.contains(DONE)) {
                done = Integer.parseInt(line.substring(line.indexOf(DONE) + DONE.length()));
            }
        }
        return new Report(report.refused, report.idle, report.sizes, done);
    }

    private static boolean isRefusal(String line) {
        // A loop that cannot be reached is one for vectors of another width.
        return line.contains("COMPILE SKIPPED")
                        && !line.contains("osr entry must have been visited")
                        && !line.contains("cannot reach OSR point")
                || line.contains("out of virtual registers")
                || line.contains("out of nodes");
    }
}
