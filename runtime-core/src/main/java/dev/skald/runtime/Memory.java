package dev.skald.runtime;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The memory of the machine. */
final class Memory {
    private Memory() {}

    /** Whether so many bytes are at most a share of the memory that this process may use. */
    static boolean holds(long bytes, int numerator, int denominator) {
        // The heap's limit is at most the memory, and known at once; asking the system takes tens of milliseconds.
        return bytes / numerator <= Runtime.getRuntime().maxMemory() / denominator
                || bytes / numerator <= total() / denominator;
    }

    /** Returns the bytes of memory that this process may use: the machine's, or its container's. */
    static long total() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
